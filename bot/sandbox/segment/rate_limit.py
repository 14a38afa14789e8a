"""The rate limit: a number of calls in each window of one minute."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from bot.sandbox.segment.errors import too_many_requests

WINDOW_SECONDS = 60.0


@dataclass
class RateLimiter:
    """Counts the calls of the token in the current window."""

    window_start: float = 0.0
    consumed: int = 0

    def consume(self, now: float, limit: int) -> dict[str, str]:
        """Count one call, and return the headers of a successful response; raises ApiError (429) over the limit."""
        if not 0 <= now - self.window_start < WINDOW_SECONDS:
            self.window_start, self.consumed = now, 0
        self.consumed += 1
        window_end = self.window_start + WINDOW_SECONDS
        if self.consumed > limit:
            raise too_many_requests(self.consumed, int((window_end - now) * 1000))
        return {
            "X-RateLimit-Consumed": str(self.consumed),
            "X-RateLimit-Remaining": str(limit - self.consumed),
            "X-RateLimit-Reset": format_datetime(datetime.fromtimestamp(window_end, UTC), usegmt=True),
        }
