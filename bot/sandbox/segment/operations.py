"""The input and the result of an operation, independent of HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from bot.sandbox.segment.errors import invalid_field
from bot.sandbox.segment.state import SegmentState

MAX_ID_LENGTH = 255


@dataclass(frozen=True)
class Call:
    """A call: the state, the time, and the request. `body` is empty for operations without one."""

    state: SegmentState
    now: datetime
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, JsonValue]

    def read_path_id(self, name: str) -> str:
        """Return the path parameter `name`; raises ApiError (422) if it is too long for an id."""
        value = self.path_params[name]
        if len(value) > MAX_ID_LENGTH:
            raise invalid_field(name, f"length must be less than or equal to {MAX_ID_LENGTH} characters long")
        return value


@dataclass(frozen=True)
class OperationResult:
    """The `data` of the response, and its status."""

    data: Mapping[str, JsonValue]
    status: int = 200


OperationHandler = Callable[[Call], OperationResult]
