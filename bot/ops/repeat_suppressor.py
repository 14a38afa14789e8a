"""Suppress repeated log lines: pass the first line of a kind at once, then one a minute with a count."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)

#: Seconds in which one line of a kind is written.
INTERVAL = 60.0

#: The most kinds of lines that are remembered.
_MAX_KEYS = 1000


class SuppressedLines(NamedTuple, Generic[Key]):
    """A kind of line, and the number of its lines that were suppressed since the last one was written."""

    key: Key
    suppressed: int


@dataclass
class _LineState:
    written_at: float
    suppressed: int = 0


class RepeatSuppressor(Generic[Key]):
    """Decides which lines are written. The caller passes times, in seconds of one clock.

    Every suppressed line is counted: in the next line of its kind (`admit`), or in the result of `expire` or `flush`.
    """

    def __init__(self, interval: float = INTERVAL, max_keys: int = _MAX_KEYS) -> None:
        self._interval = interval
        self._max_keys = max_keys
        self._states: OrderedDict[Key, _LineState] = OrderedDict()  # ordered by the time of the last written line

    def admit(self, key: Key, now: float) -> int | None:
        """Return the number of lines suppressed before this one, or None if this line is to be suppressed."""
        state = self._states.get(key)
        if state is None or self._is_over(state, now):
            self._states[key] = _LineState(now)
            self._states.move_to_end(key)
            return state.suppressed if state else 0
        state.suppressed += 1
        return None

    def expire(self, now: float) -> list[SuppressedLines[Key]]:
        """Forget the kinds whose interval is over, and the oldest of too many; return those with suppressed lines."""
        expired = []
        while self._states:
            key, oldest = next(iter(self._states.items()))
            if len(self._states) <= self._max_keys and not self._is_over(oldest, now):
                break
            del self._states[key]
            expired.append(SuppressedLines(key, oldest.suppressed))
        return [lines for lines in expired if lines.suppressed]

    def flush(self) -> list[SuppressedLines[Key]]:
        """Forget every kind; return those with suppressed lines."""
        lines = [SuppressedLines(key, state.suppressed) for key, state in self._states.items() if state.suppressed]
        self._states.clear()
        return lines

    def _is_over(self, state: _LineState, now: float) -> bool:
        return not 0 <= now - state.written_at < self._interval  # a clock that was set back ends the interval too
