"""Segment's HTTP without a socket: one function builds a call, one deciphers its answer.

Paths, media types and statuses are those of the Public API's contract (SDK 73.2); pagination is sent in the dotted
spelling of the documentation.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import JsonValue, SecretStr, TypeAdapter, ValidationError

from bot.domain import segment_errors as s
from bot.domain.encodable_text import replace_unencodable_json
from bot.segment import models as m
from bot.segment.error_parsing import extract_error_entries, parse_field_errors

_ALPHA = "application/vnd.segment.v1alpha+json"
_V1 = "application/vnd.segment.v1+json"

#: Rows of a page; the contract takes 1 to 1000, and 200 is its default.
PAGE_SIZE = 200

_REFUSALS: Mapping[int, type[s.SegmentRefused]] = {
    400: s.BadRequest,
    401: s.Unauthorized,
    403: s.Forbidden,
    404: s.ResourceMissing,
    409: s.Conflict,
    413: s.TooLarge,
    422: s.Invalid,
}

DataT = TypeVar("DataT", bound=m.ResponseData)
SettingsToSend = Mapping[str, JsonValue | SecretStr]


@dataclass(frozen=True)
class ApiCall(Generic[DataT]):
    """One request. `operation` is the contract's operationId; `answer` what stands under `data` of its answer.

    The body may hold secrets: it is no part of the call's repr, and its text exists only while it is sent.
    """

    operation: str
    method: str
    path: str
    data_type: type[DataT]
    media_type: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    body_media_type: str = _ALPHA

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that belong to the call; the token is the client's."""
        typed = {"Content-Type": self.body_media_type} if self.body is not None else {}
        return {"Accept": self.media_type, **typed}

    @property
    def content(self) -> bytes | None:
        """The body's bytes, with every secret in the clear."""
        return None if self.body is None else json.dumps(self.body, default=_reveal).encode()

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """The secrets in its body, which Segment may quote."""
        return tuple(_secrets(self.body))


class RateLimitStatus(NamedTuple):
    """What the X-RateLimit headers say; None where they say nothing we can read. `reset` is a moment of Segment's."""

    consumed: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True)
class ApiResponse(Generic[DataT]):
    """A good answer: its data, how many calls are left, and the cursor of the next page if there is one."""

    data: DataT
    rate_limit: RateLimitStatus
    next_cursor: str | None


def _reveal(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _secrets(value: object) -> Iterator[SecretStr]:
    match value:
        case SecretStr():
            yield value
        case Mapping():
            for each in value.values():
                yield from _secrets(each)


def _page(cursor: str | None) -> dict[str, str]:
    return {"pagination.count": str(PAGE_SIZE), **({"pagination.cursor": cursor} if cursor else {})}


def _path(*parts: str) -> str:
    # A dot segment would be resolved on the way: `/spaces/s/profiles-warehouses/..` is `/spaces/s`.
    if not all(map(m.is_valid_id, parts)):
        raise ValueError("an id of 1 to 255 characters, not a dot segment, is needed")
    return "/" + "/".join(quote(part, safe="-._~") for part in parts)


def get_workspace() -> ApiCall[m.WorkspaceData]:
    """The workspace that owns the token."""
    return ApiCall("getWorkspace", "GET", "/", m.WorkspaceData, _V1)


def list_spaces(cursor: str | None = None) -> ApiCall[m.SpacesData]:
    """A page of the spaces."""
    return ApiCall("listSpaces", "GET", "/spaces", m.SpacesData, _ALPHA, _page(cursor))


def get_space(space_id: str) -> ApiCall[m.SpaceData]:
    """One space."""
    return ApiCall("getSpace", "GET", _path("spaces", space_id), m.SpaceData, _ALPHA)


def list_warehouses(space_id: str, cursor: str | None = None) -> ApiCall[m.WarehousesData]:
    """A page of a space's warehouses; the only way to read one."""
    path = _path("spaces", space_id, "profiles-warehouses")
    return ApiCall("listProfilesWarehouseInSpace", "GET", path, m.WarehousesData, _ALPHA, _page(cursor))


def create_warehouse(
    space_id: str, *, metadata_id: str, settings: SettingsToSend, name: str, schema_name: str | None, enabled: bool
) -> ApiCall[m.WarehouseData]:
    """Connect a warehouse. Not idempotent, and Segment takes no idempotency key."""
    body = {"metadataId": metadata_id, "settings": settings, "name": name, "enabled": enabled}
    body |= {"schemaName": schema_name} if schema_name else {}
    path = _path("spaces", space_id, "profiles-warehouses")
    return ApiCall("createProfilesWarehouse", "POST", path, m.WarehouseData, _ALPHA, body=body)


def update_warehouse(
    space_id: str,
    warehouse_id: str,
    *,
    settings: SettingsToSend,
    enabled: bool,
    name: str | None,
    schema_name: str | None,
) -> ApiCall[m.WarehouseData]:
    """Change a warehouse. `settings` is required, and `enabled` left out may turn it on, so both are always sent."""
    body: dict[str, object] = {"settings": settings, "enabled": enabled}
    body |= {"name": name} if name is not None else {}
    body |= {"schemaName": schema_name} if schema_name is not None else {}
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id)
    return ApiCall("updateProfilesWarehouseForSpaceWarehouse", "PATCH", path, m.WarehouseData, _ALPHA, body=body)


def delete_warehouse(space_id: str, warehouse_id: str) -> ApiCall[m.StatusData]:
    """Remove a warehouse."""
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id)
    return ApiCall("removeProfilesWarehouseFromSpace", "DELETE", path, m.StatusData, _ALPHA)


def list_selective_syncs(space_id: str, warehouse_id: str, cursor: str | None = None) -> ApiCall[m.SelectiveSyncsData]:
    """A page of what syncs to a warehouse."""
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id, "selective-syncs")
    return ApiCall("listSelectiveSyncsFromWarehouseAndSpace", "GET", path, m.SelectiveSyncsData, _ALPHA, _page(cursor))


def update_selective_syncs(
    space_id: str, warehouse_id: str, overrides: list[Mapping[str, JsonValue]], *, event_tables: bool | None
) -> ApiCall[m.StatusData]:
    """Turn collections, properties or all event tables on or off."""
    body: dict[str, object] = {"syncOverrides": overrides}
    body |= {"enableEventTables": event_tables} if event_tables is not None else {}
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id, "selective-syncs")
    return ApiCall("updateSelectiveSyncForWarehouseAndSpace", "PATCH", path, m.StatusData, _ALPHA, body=body)


def list_catalog(cursor: str | None = None) -> ApiCall[m.CatalogData]:
    """A page of the warehouse types."""
    return ApiCall("getWarehousesCatalog", "GET", "/catalog/warehouses", m.CatalogData, _V1, _page(cursor))


def get_warehouse_type(metadata_id: str) -> ApiCall[m.WarehouseTypeData]:
    """One warehouse type."""
    return ApiCall("getWarehouseMetadata", "GET", _path("catalog", "warehouses", metadata_id), m.WarehouseTypeData, _V1)


def validate_connection(metadata_id: str, settings: SettingsToSend) -> ApiCall[m.StatusData]:
    """Try to connect; 200 whether it works or not."""
    body = {"metadataId": metadata_id, "settings": settings}
    path, media = "/warehouses/validation", "application/json"
    return ApiCall("createValidationInWarehouse", "POST", path, m.StatusData, _V1, body=body, body_media_type=media)


def list_audit_events(filters: Mapping[str, str], cursor: str | None = None) -> ApiCall[m.AuditEventsData]:
    """A page of the audit trail; `filters` are startTime, endTime, resourceId, resourceType."""
    return ApiCall("listAuditEvents", "GET", "/audit-events", m.AuditEventsData, _V1, {**filters, **_page(cursor)})


def parse_response(call: ApiCall[DataT], status: int, headers: Mapping[str, str], body: bytes) -> ApiResponse[DataT]:
    """What the answer to `call` holds. `headers` has lower-case names, or is httpx's.

    Raises:
        SegmentError: the member for the status, or OffContract for an answer that is not the contract's.
    """
    envelope = _json(body)
    if status in {200, 201}:
        data = _data(call, status, envelope)
        next_cursor = data.pagination.next if data.pagination else None
        return ApiResponse(data, _rate(headers), next_cursor or None)
    errors = parse_field_errors(envelope, call.secrets)
    if status == 429:
        raise s.RateLimited(call.operation, status, errors, _wait(headers, envelope))
    if status >= 500:
        raise s.ServerFailed(call.operation, status, errors)
    if 400 <= status < 500:
        raise _REFUSALS.get(status, s.BadRequest)(call.operation, status, errors)
    raise s.UnexpectedResponse(call.operation, status)


def _data(call: ApiCall[DataT], status: int, envelope: JsonValue) -> DataT:
    if not isinstance(envelope, dict) or "errors" in envelope:  # never together with `data`
        raise s.UnexpectedResponse(call.operation, status)
    try:
        return call.data_type.model_validate(envelope.get("data"))
    except ValidationError:
        raise s.UnexpectedResponse(call.operation, status) from None


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _json(body: bytes) -> JsonValue:
    try:
        return _JSON.validate_json(replace_unencodable_json(body))  # which else refuses everything for one odd name
    except ValidationError:
        return None


def _wait(headers: Mapping[str, str], envelope: JsonValue) -> float | None:
    """The seconds to wait: Retry-After, else `msBeforeNext`, as only a token's limit carries the header (SOURCES A)."""
    if (seconds := _retry_after(headers)) is not None:
        return seconds
    for entry in extract_error_entries(envelope):
        data = entry.get("data")
        wait = data.get("msBeforeNext") if isinstance(data, dict) else None
        if isinstance(wait, int | float) and 0 <= wait < _LONGEST:  # neither infinite nor not a number
            return wait / 1000
    return None


#: Milliseconds of some thirty years: a number above is none that anybody means.
_LONGEST = 1e12


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Whole seconds by Segment's contract, a date by HTTP's: then from the answer's own date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = _date(value), _date(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _rate(headers: Mapping[str, str]) -> RateLimitStatus:
    consumed, remaining = (_count(headers.get(f"x-ratelimit-{name}", "")) for name in ("consumed", "remaining"))
    return RateLimitStatus(consumed, remaining, _date(headers.get("x-ratelimit-reset", "")))


def _count(value: str) -> int | None:
    return int(value[:9]) if value.isascii() and value.isdigit() else None


def _date(value: str) -> datetime | None:
    """An aware moment, or None for what is no date; the standard library raises what it likes at odd ones."""
    try:
        moment = parsedate_to_datetime(value)
        return moment if moment.utcoffset() is not None else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
