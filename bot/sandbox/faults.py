"""Failures on demand, for the local Slack and the local Segment alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.sandbox.types import ApiName


class Fault(BaseModel):
    """What goes wrong, for which calls and how often.

    `match` is found anywhere in the call's name: a Slack method ("chat.update"), "response_url",
    "websocket" for the upgrade to Socket Mode, or "METHOD /path" for Segment. `delay` is in seconds and comes
    before anything else. `drop` closes the connection without an answer, before the call had its effect or
    after. `error` is a Slack error code, or the message of a Segment error. `body` replaces the answer's bytes.
    `since` lets it begin with the first call that has this in its name: so an outage comes in the middle of a change.
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
class _Due:
    id: int
    fault: Fault
    left: int | None
    begun: bool

    def hits(self, target: ApiName, name: str) -> bool:
        """Whether it is for this call."""
        self.begun = self.begun or (self.fault.target == target and self.fault.since in name)
        return self.begun and self.fault.target == target and self.fault.match in name


class Faults:
    """The faults still due, oldest first."""

    def __init__(self) -> None:
        self._due: list[_Due] = []
        self._ids = count(1)

    def add(self, fault: Fault) -> None:
        """Let `fault` happen from now on, as often as it says."""
        self._due.append(_Due(next(self._ids), fault, fault.times, begun=not fault.since))

    def take_due(self, target: ApiName, name: str) -> Fault | None:
        """The fault for the call `name`, if one is due; it is then used up once."""
        due = next((each for each in self._due if each.hits(target, name)), None)
        if due is None:
            return None
        if due.left is not None:
            due.left -= 1
            self._due = [each for each in self._due if each.left != 0]
        return due.fault

    def remove(self, known_as: int) -> bool:
        """Let this one not happen any more; False where it isn't due."""
        before = len(self._due)
        self._due = [each for each in self._due if each.id != known_as]
        return len(self._due) < before

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._due.clear()

    def list_due(self) -> list[Mapping[str, object]]:
        """What is still due, ready for JSON."""
        return [{"id": due.id, **due.fault.model_dump(exclude_defaults=True), "left": due.left} for due in self._due]
