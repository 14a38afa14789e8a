"""A call and its answer, away from HTTP: what the handlers take and give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from bot.sandbox.segment.errors import invalid_field
from bot.sandbox.segment.state import SegmentState

MAX_ID_LENGTH = 255


@dataclass(frozen=True)
class Call:
    """One call: the state it works on, the time, and what was sent. `body` is empty for calls that have none."""

    state: SegmentState
    now: datetime
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, JsonValue]

    def read_path_id(self, name: str) -> str:
        """The path's parameter `name`; raises Refused (422) if it is too long to be an id."""
        value = self.path_params[name]
        if len(value) > MAX_ID_LENGTH:
            raise invalid_field(name, f"length must be less than or equal to {MAX_ID_LENGTH} characters long")
        return value


@dataclass(frozen=True)
class OperationResult:
    """What goes into `data`, and the status it goes with."""

    data: Mapping[str, JsonValue]
    status: int = 200


OperationHandler = Callable[[Call], OperationResult]
