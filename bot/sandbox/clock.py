"""The clock of the local workspace, which can be moved forward."""

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time plus an offset, so that tests and people can see things expire without waiting."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """Return the workspace's time in seconds since the epoch."""
        return time.time() + self._offset

    def utc_now(self) -> datetime:
        """Return the workspace's time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`; raises ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self._offset += seconds

    def reset(self) -> None:
        """Return to the machine's time."""
        self._offset = 0.0
