"""The traffic log: the payloads and calls between the bot, the local Slack and the local Segment."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from bot.sandbox.clock import Clock
from bot.sandbox.types import ApiName

Direction = Literal["to_bot", "from_bot"]


@dataclass(frozen=True)
class TrafficEntry:
    """A payload or a call, with its answer. `at` is in seconds since the epoch, by the workspace's clock."""

    seq: int
    at: float
    side: ApiName
    direction: Direction
    name: str
    payload: object
    answer: object
    status: int | None


class TrafficLog:
    """The newest `max_entries` entries; `on_record` is called after each new one."""

    def __init__(self, clock: Clock, max_entries: int = 20_000, on_record: Callable[[], object] = lambda: None) -> None:
        self._clock = clock
        self._entries: deque[TrafficEntry] = deque(maxlen=max_entries)
        self._seq = 0
        self._on_record = on_record

    def record(
        self,
        side: ApiName,
        direction: Direction,
        name: str,
        payload: object,
        answer: object = None,
        status: int | None = None,
    ) -> None:
        """Add an entry; `name` is a Slack method, a payload type, or an HTTP method with its path."""
        self._seq += 1
        entry = TrafficEntry(self._seq, self._clock.now(), side, direction, name, payload, answer, status)
        self._entries.append(entry)
        self._on_record()

    def list_entries(self, seq: int = 0) -> list[Mapping[str, object]]:
        """Return the entries after number `seq` as JSON objects, oldest first."""
        return [asdict(entry) for entry in self._entries if entry.seq > seq]

    def clear(self) -> None:
        """Remove all entries; the numbering continues."""
        self._entries.clear()
