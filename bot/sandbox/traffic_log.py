"""The record of everything that passed between the bot, the local Slack and the local Segment."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from bot.sandbox.clock import Clock
from bot.sandbox.types import ApiName

Direction = Literal["to_bot", "from_bot"]


@dataclass(frozen=True)
class TrafficEntry:
    """One payload or call, with its answer. `at` is in seconds since the epoch, in the workspace's time."""

    seq: int
    at: float
    side: ApiName
    direction: Direction
    name: str
    payload: object
    answer: object
    status: int | None


class TrafficLog:
    """The newest `keep` entries, in order; `recorded` is called after each."""

    def __init__(self, clock: Clock, max_entries: int = 20_000, on_record: Callable[[], object] = lambda: None) -> None:
        self._clock = clock
        self._entries: deque[TrafficEntry] = deque(maxlen=max_entries)
        self._seq = 0
        self._recorded = on_record

    def record(
        self,
        side: ApiName,
        direction: Direction,
        name: str,
        payload: object,
        answer: object = None,
        status: int | None = None,
    ) -> None:
        """Add one entry; `name` is a Slack method, a payload type, or an HTTP method with its path."""
        self._seq += 1
        entry = TrafficEntry(self._seq, self._clock.now(), side, direction, name, payload, answer, status)
        self._entries.append(entry)
        self._recorded()

    def list_entries(self, seq: int = 0) -> list[Mapping[str, object]]:
        """The entries after number `seq`, oldest first, ready for JSON."""
        return [asdict(entry) for entry in self._entries if entry.seq > seq]

    def clear(self) -> None:
        """Forget what was recorded; numbers go on."""
        self._entries.clear()
