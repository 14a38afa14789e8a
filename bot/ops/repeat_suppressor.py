"""Thin out what is logged again and again: the first line of its kind at once, then one a minute with the count."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)

#: Seconds in which one line of a kind is written.
INTERVAL = 60.0

#: Kinds of lines that are kept in mind at once.
_MOST = 1000


class SuppressedLines(NamedTuple, Generic[Key]):
    """A kind of line, and how many of its lines were left out since the last one was written."""

    key: Key
    suppressed: int


@dataclass
class _Kind:
    written: float
    left_out: int = 0


class RepeatSuppressor(Generic[Key]):
    """Decides which lines are written. Moments are seconds of one clock, and are passed in.

    No line goes uncounted: its number is in the next line of its kind, or in what `over`, `admit` or `close` return.
    """

    def __init__(self, interval: float = INTERVAL, max_keys: int = _MOST) -> None:
        self._every = interval
        self._most = max_keys
        self._kinds: OrderedDict[Key, _Kind] = OrderedDict()  # by the moment of the last line that was written

    def admit(self, key: Key, now: float) -> int | None:
        """How many lines of this kind were left out before this one; None where it is to be left out itself."""
        kind = self._kinds.get(key)
        if kind is None or not 0 <= now - kind.written < self._every:  # a clock that was set back ends the minute
            self._kinds[key] = _Kind(now)
            self._kinds.move_to_end(key)
            return kind.left_out if kind else 0
        kind.left_out += 1
        return None

    def expire(self, now: float) -> list[SuppressedLines[Key]]:
        """Forget the kinds whose minute is over, and the oldest where there are too many; what was left out of them."""
        forgotten = []
        while self._kinds:
            key, oldest = next(iter(self._kinds.items()))
            if len(self._kinds) <= self._most and 0 <= now - oldest.written < self._every:
                break
            del self._kinds[key]
            forgotten.append(SuppressedLines(key, oldest.left_out))
        return [each for each in forgotten if each.suppressed]

    def flush(self) -> list[SuppressedLines[Key]]:
        """Forget every kind; what was left out of each."""
        left = [SuppressedLines(key, kind.left_out) for key, kind in self._kinds.items() if kind.left_out]
        self._kinds.clear()
        return left
