"""Faults: failures of the local Slack and the local Segment that tests and people ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.sandbox.types import ApiName


class Fault(BaseModel):
    """A failure: what it does, to which calls and how often.

    Attributes:
        target: The API whose calls fail.
        match: A part of the names of the calls that fail. A call's name is a Slack method ("chat.update"),
            "response_url", "websocket" for the upgrade to Socket Mode, or "METHOD /path" for Segment.
        since: A part of the name of the call with which the fault begins, for an outage in the middle of a change;
            by default it begins at once.
        times: The number of calls that fail; None fails them until the fault is removed.
        status: The HTTP status of the response.
        error: A Slack error code, or the message of a Segment error.
        field: The field that a Segment error names.
        retry_after: The `Retry-After` header, in seconds.
        delay: The seconds to wait before anything else.
        drop: Closes the connection without a response, before the call's effect or after it.
        body: Replaces the body of the response, after the call's effect.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: ApiName
    match: str = ""
    since: str = ""
    times: int | None = Field(default=1, ge=1, description="how many calls; null means until cleared")
    status: int | None = Field(default=None, ge=100, le=599)
    error: str | None = None
    field: str | None = None
    retry_after: int | None = Field(default=None, ge=0)
    delay: float = Field(default=0, ge=0, le=60)
    drop: Literal["before", "after"] | None = None
    body: str | None = None


@dataclass
class _DueFault:
    id: int
    fault: Fault
    remaining: int | None
    has_begun: bool

    def applies_to(self, target: ApiName, name: str) -> bool:
        """Whether the fault applies to this call; the fault begins if the call is the one that it waits for."""
        if target != self.fault.target:
            return False
        self.has_begun = self.has_begun or self.fault.since in name
        return self.has_begun and self.fault.match in name


class Faults:
    """The faults that are still due, oldest first."""

    def __init__(self) -> None:
        self._due: list[_DueFault] = []
        self._ids = count(1)

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        self._due.append(_DueFault(next(self._ids), fault, fault.times, has_begun=not fault.since))

    def take_due(self, target: ApiName, name: str) -> Fault | None:
        """Return the oldest fault that applies to the call `name`, if any, and count it as used once."""
        due = next((due for due in self._due if due.applies_to(target, name)), None)
        if due is None:
            return None
        if due.remaining is not None:
            due.remaining -= 1
            self._due = [other for other in self._due if other.remaining != 0]
        return due.fault

    def remove(self, fault_id: int) -> bool:
        """Remove a fault; return False where it isn't due."""
        count_before = len(self._due)
        self._due = [due for due in self._due if due.id != fault_id]
        return len(self._due) < count_before

    def clear(self) -> None:
        """Remove all faults."""
        self._due.clear()

    def list_due(self) -> list[Mapping[str, object]]:
        """Return the faults as JSON objects; `left` is the number of calls that still fail."""
        return [
            {"id": due.id, **due.fault.model_dump(exclude_defaults=True), "left": due.remaining} for due in self._due
        ]
