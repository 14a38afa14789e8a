"""Failures on demand, for the local Slack and the local Segment alike."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Target = Literal["slack", "segment"]


class Fault(BaseModel):
    """What goes wrong, for which calls and how often.

    `match` is found anywhere in the call's name: a Slack method ("chat.update"), "response_url",
    "websocket" for the upgrade to Socket Mode, or "METHOD /path" for Segment. `delay` is in seconds and comes
    before anything else. `drop` closes the connection without an answer, before the call had its effect or
    after. `error` is a Slack error code, or the message of a Segment error. `body` replaces the answer's bytes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Target
    match: str = ""
    times: int | None = Field(default=1, ge=1, description="how many calls; null means until cleared")
    status: int | None = Field(default=None, ge=100, le=599)
    error: str | None = None
    field: str | None = None
    retry_after: int | None = Field(default=None, ge=0)
    delay: float = Field(default=0, ge=0, le=60)
    drop: Literal["before", "after"] | None = None
    body: str | None = None


class Faults:
    """The faults still due, oldest first."""

    def __init__(self) -> None:
        self._due: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Let `fault` happen from now on, as often as it says."""
        self._due.append((fault, fault.times))

    def take(self, target: Target, name: str) -> Fault | None:
        """The fault for the call `name`, if one is due; it is then used up once."""
        for at, (fault, left) in enumerate(self._due):
            if fault.target == target and fault.match in name:
                if left is not None:
                    self._due[at : at + 1] = [(fault, left - 1)] if left > 1 else []
                return fault
        return None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._due.clear()

    def listed(self) -> list[Mapping[str, object]]:
        """What is still due, ready for JSON."""
        return [fault.model_dump(exclude_defaults=True) | {"left": left} for fault, left in self._due]
