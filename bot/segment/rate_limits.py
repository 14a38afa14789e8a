"""Parse how many calls Segment allows, and how long it asks to wait."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from pydantic import JsonValue

from bot.segment.error_parsing import extract_error_entries

#: Milliseconds of about thirty years. A larger number is not a wait.
_MAX_WAIT_MS = 1e12


class RateLimitStatus(NamedTuple):
    """The X-RateLimit headers; None where one is missing or invalid. `reset_at` is by Segment's clock."""

    consumed: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None


def parse_wait(headers: Mapping[str, str], envelope: JsonValue) -> float | None:
    """Return the seconds to wait: Retry-After, or else `msBeforeNext`.

    Segment sends the header only for the limit of a token (SOURCES A).
    """
    if (seconds := _parse_retry_after(headers)) is not None:
        return seconds
    for entry in extract_error_entries(envelope):
        data = entry.get("data")
        milliseconds = data.get("msBeforeNext") if isinstance(data, dict) else None
        if isinstance(milliseconds, int | float) and 0 <= milliseconds < _MAX_WAIT_MS:  # false for infinity and NaN
            return milliseconds / 1000
    return None


def _parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Parse Retry-After: whole seconds by Segment's contract, or a date by HTTP, relative to the response's Date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = _parse_date(value), _parse_date(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def parse_rate_limit(headers: Mapping[str, str]) -> RateLimitStatus:
    """Parse the X-RateLimit headers."""
    consumed, remaining = (_parse_count(headers.get(f"x-ratelimit-{name}", "")) for name in ("consumed", "remaining"))
    return RateLimitStatus(consumed, remaining, _parse_date(headers.get("x-ratelimit-reset", "")))


def _parse_count(value: str) -> int | None:
    return int(value[:9]) if value.isascii() and value.isdigit() else None


def _parse_date(value: str) -> datetime | None:
    """Parse an HTTP date with a time zone; return None for anything else.

    The standard library raises many kinds of errors for invalid dates.
    """
    try:
        moment = parsedate_to_datetime(value)
        return moment if moment.utcoffset() is not None else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
