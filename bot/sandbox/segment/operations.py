"""A call and its answer, away from HTTP: what the handlers take and give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from bot.sandbox.segment.errors import invalid
from bot.sandbox.segment.state import SegmentState

LONGEST_ID = 255


@dataclass(frozen=True)
class Call:
    """One call: the state it works on, the time, and what was sent. `body` is empty for calls that have none."""

    state: SegmentState
    now: datetime
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, JsonValue]

    def id(self, name: str) -> str:
        """The path's parameter `name`; raises Refused (422) if it is too long to be an id."""
        value = self.params[name]
        if len(value) > LONGEST_ID:
            raise invalid(name, f"length must be less than or equal to {LONGEST_ID} characters long")
        return value


@dataclass(frozen=True)
class Answer:
    """What goes into `data`, and the status it goes with."""

    data: Mapping[str, JsonValue]
    status: int = 200


Handler = Callable[[Call], Answer]
