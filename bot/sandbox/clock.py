"""The time of the local workspace, which can be moved forward."""

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time plus what it was advanced by, so that expiry is seen without waiting."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as this workspace has them."""
        return time.time() + self._ahead

    def utc_now(self) -> datetime:
        """The same moment as an aware datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`; a negative number raises ValueError, since time only goes forward here."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self._ahead += seconds

    def reset(self) -> None:
        """Back to the machine's time."""
        self._ahead = 0.0
