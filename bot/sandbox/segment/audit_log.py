"""The audit log: the events of the last 90 days, newest first."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal

from pydantic import JsonValue

from bot.sandbox.segment.errors import invalid_field
from bot.sandbox.segment.pagination import (
    FIRST_CURSOR,
    PaginationInput,
    PaginationOutput,
    decode_cursor,
    decode_offset,
    encode_base64,
    invalid_cursor,
)

#: Segment records the token as the actor; it doesn't know the person who uses the bot.
ACTOR = "public-api-token/Lc4Ldem8"
RETENTION = timedelta(days=90)

AuditEventType = Literal[
    "Profiles Sync Warehouse Created",
    "Profiles Sync Warehouse Retrieved",
    "Profiles Sync Warehouse Updated",
    "Profiles Sync Warehouse Deleted",
    "Profiles Sync Warehouse Modified",
    "Storage Destination Settings Validation",
]


@dataclass(frozen=True)
class AuditEvent:
    """One event of the audit log."""

    id: str
    timestamp: datetime
    type: AuditEventType
    resource_id: str
    resource_type: str
    resource_name: str

    def to_json(self) -> dict[str, JsonValue]:
        """Convert to the API's JSON."""
        return {
            "id": self.id,
            "timestamp": _format_time(self.timestamp),
            "type": self.type,
            "actor": ACTOR,
            "resourceId": self.resource_id,
            "resourceType": self.resource_type,
            "resourceName": self.resource_name,
        }


@dataclass
class AuditLog:
    """The newest 5000 events, oldest first."""

    _events: deque[AuditEvent] = field(default_factory=lambda: deque(maxlen=5000))
    _numbers: Iterable[int] = field(default_factory=lambda: count(145_876_976))

    def record(
        self,
        now: datetime,
        event: AuditEventType,
        resource_id: str,
        resource_name: str,
        resource_type: str = "warehouse",
    ) -> None:
        """Add an event."""
        number = next(iter(self._numbers))
        self._events.append(AuditEvent(f"events/{number}", now, event, resource_id, resource_type, resource_name))

    def list_newest_first(self) -> list[AuditEvent]:
        """Return the events, newest first."""
        return list(reversed(self._events))


@dataclass(frozen=True)
class AuditEventFilter:
    """The conditions that an event must meet; None matches any resource."""

    start: datetime
    end: datetime
    resource_id: str | None
    resource_type: str | None

    def matches(self, event: AuditEvent) -> bool:
        """Whether `event` meets the conditions."""
        return (
            self.start <= event.timestamp <= self.end
            and self.resource_id in {None, event.resource_id}
            and self.resource_type in {None, event.resource_type}
        )


def search_events(
    audit_log: AuditLog, query: Mapping[str, str], pagination: PaginationInput, now: datetime
) -> tuple[list[AuditEvent], PaginationOutput]:
    """Return a page of the events that match `query`.

    The page's cursors contain the end time, so that new events don't shift the pages.

    Raises:
        ApiError: A time or the cursor can't be parsed (422).
    """
    number, cursor_end = _decode_page_cursor(pagination.cursor)
    end = cursor_end or _parse_time(query, "endTime") or now
    start = max(_parse_time(query, "startTime") or now - RETENTION, now - RETENTION)
    event_filter = AuditEventFilter(start, end, query.get("resourceId") or None, query.get("resourceType") or None)
    events = [event for event in audit_log.list_newest_first() if event_filter.matches(event)]
    first, after = number * pagination.count, (number + 1) * pagination.count
    page = PaginationOutput(
        current=_encode_page_cursor(number, end),
        next=_encode_page_cursor(number + 1, end) if after < len(events) else None,
        previous=_encode_page_cursor(number - 1, end) if number > 0 else None,
        total=len(events),
    )
    return events[first:after], page


def _encode_page_cursor(page: int, end: datetime) -> str:
    return encode_base64(json.dumps({"pageToken": encode_base64(str(page)), "endTime": end.isoformat()}))


def _decode_page_cursor(cursor: str | None) -> tuple[int, datetime | None]:
    if cursor is None or cursor == FIRST_CURSOR:
        return 0, None
    try:
        fields = json.loads(decode_cursor(cursor))
        return decode_offset(fields["pageToken"]), _parse_aware(fields["endTime"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise invalid_cursor() from None


def _parse_time(query: Mapping[str, str], name: str) -> datetime | None:
    if not query.get(name):
        return None
    try:
        return _parse_aware(query[name])
    except ValueError:
        raise invalid_field(name, "must be a valid ISO 8601 date") from None


def _parse_aware(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _format_time(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
