"""The audit trail: what happened, newest first, for 90 days."""

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

#: Segment names the token, never the person behind the bot.
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
    """One entry of the trail."""

    id: str
    timestamp: datetime
    type: AuditEventType
    resource_id: str
    resource_type: str
    resource_name: str

    def to_json(self) -> dict[str, JsonValue]:
        """The event in the API's shape."""
        return {
            "id": self.id,
            "timestamp": _written(self.timestamp),
            "type": self.type,
            "actor": ACTOR,
            "resourceId": self.resource_id,
            "resourceType": self.resource_type,
            "resourceName": self.resource_name,
        }


@dataclass
class AuditLog:
    """The newest events, in the order they happened."""

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
        """Add one event."""
        number = next(iter(self._numbers))
        self._events.append(AuditEvent(f"events/{number}", now, event, resource_id, resource_type, resource_name))

    def list_newest_first(self) -> list[AuditEvent]:
        """All that is kept, newest first."""
        return list(reversed(self._events))


@dataclass(frozen=True)
class AuditEventFilter:
    """Which events are wanted."""

    start: datetime
    end: datetime
    resource_id: str | None
    resource_type: str | None

    def matches(self, event: AuditEvent) -> bool:
        """Whether `event` is one of them."""
        return (
            self.start <= event.timestamp <= self.end
            and self.resource_id in {None, event.resource_id}
            and self.resource_type in {None, event.resource_type}
        )


def search_events(
    trail: AuditLog, query: Mapping[str, str], wanted: PaginationInput, now: datetime
) -> tuple[list[AuditEvent], PaginationOutput]:
    """A page of the events that `query` asks for; its cursor remembers the end time, so that pages don't shift.

    Raises Refused (422) for a time or a cursor that can't be read.
    """
    number, held = _from_cursor(wanted.cursor)
    end = held or _time(query, "endTime") or now
    start = max(_time(query, "startTime") or now - RETENTION, now - RETENTION)
    chosen = AuditEventFilter(start, end, query.get("resourceId") or None, query.get("resourceType") or None)
    events = [event for event in trail.list_newest_first() if chosen.matches(event)]
    at, after = number * wanted.count, (number + 1) * wanted.count
    page = PaginationOutput(
        current=_cursor(number, end),
        next=_cursor(number + 1, end) if after < len(events) else None,
        previous=_cursor(number - 1, end) if number > 0 else None,
        total=len(events),
    )
    return events[at:after], page


def _cursor(page: int, end: datetime) -> str:
    return encode_base64(json.dumps({"pageToken": encode_base64(str(page)), "endTime": end.isoformat()}))


def _from_cursor(cursor: str | None) -> tuple[int, datetime | None]:
    if cursor is None or cursor == FIRST_CURSOR:
        return 0, None
    try:
        held = json.loads(decode_cursor(cursor))
        return decode_offset(held["pageToken"]), _aware(held["endTime"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise invalid_cursor() from None


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    if not query.get(name):
        return None
    try:
        return _aware(query[name])
    except ValueError:
        raise invalid_field(name, "must be a valid ISO 8601 date") from None


def _aware(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
