"""Build the calls to Segment's Public API and parse the responses, without I/O.

Paths, media types and statuses are those of the API's contract (SDK 73.2). Pagination parameters have the dotted
spelling of the documentation.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

from pydantic import JsonValue, SecretStr, TypeAdapter, ValidationError

from bot.domain import segment_errors as s
from bot.domain.encodable_text import replace_unencodable_json
from bot.segment import models as m
from bot.segment.error_parsing import parse_field_errors
from bot.segment.rate_limits import RateLimitStatus, parse_rate_limit, parse_wait

_ALPHA = "application/vnd.segment.v1alpha+json"
_V1 = "application/vnd.segment.v1+json"

#: Rows of a page; the contract allows 1 to 1000, and its default is 200.
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
    """One request. `operation` is the contract's operationId, `data_type` the model of the response's `data`.

    The body may contain secrets, so the repr leaves it out, and its text exists only while it is sent.
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
        """The headers of the call, without the token, which the transport adds."""
        content_type = {"Content-Type": self.body_media_type} if self.body is not None else {}
        return {"Accept": self.media_type, **content_type}

    @property
    def content(self) -> bytes | None:
        """The body's bytes, with every secret in plain text."""
        return None if self.body is None else json.dumps(self.body, default=_reveal).encode()

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """The secrets in the body, which Segment may quote in an error."""
        return tuple(_find_secrets(self.body))


@dataclass(frozen=True)
class ApiResponse(Generic[DataT]):
    """A successful response: its data, the rate limit, and the cursor of the next page if there is one."""

    data: DataT
    rate_limit: RateLimitStatus
    next_cursor: str | None


def _reveal(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _find_secrets(value: object) -> Iterator[SecretStr]:
    match value:
        case SecretStr():
            yield value
        case Mapping():
            for each in value.values():
                yield from _find_secrets(each)


def _page_query(cursor: str | None) -> dict[str, str]:
    return {"pagination.count": str(PAGE_SIZE), **({"pagination.cursor": cursor} if cursor else {})}


def _path(*parts: str) -> str:
    # Clients and proxies resolve dot segments: `/spaces/s/profiles-warehouses/..` becomes `/spaces/s`.
    if not all(map(m.is_valid_id, parts)):
        raise ValueError("an id of 1 to 255 characters, not a dot segment, is needed")
    return "/" + "/".join(quote(part, safe="-._~") for part in parts)


def get_workspace() -> ApiCall[m.WorkspaceData]:
    """Get the workspace that owns the token."""
    return ApiCall("getWorkspace", "GET", "/", m.WorkspaceData, _V1)


def list_spaces(cursor: str | None = None) -> ApiCall[m.SpacesData]:
    """List one page of the spaces."""
    return ApiCall("listSpaces", "GET", "/spaces", m.SpacesData, _ALPHA, _page_query(cursor))


def get_space(space_id: str) -> ApiCall[m.SpaceData]:
    """Get one space."""
    return ApiCall("getSpace", "GET", _path("spaces", space_id), m.SpaceData, _ALPHA)


def list_warehouses(space_id: str, cursor: str | None = None) -> ApiCall[m.WarehousesData]:
    """List one page of a space's warehouses. The API can't read a single warehouse."""
    path = _path("spaces", space_id, "profiles-warehouses")
    return ApiCall("listProfilesWarehouseInSpace", "GET", path, m.WarehousesData, _ALPHA, _page_query(cursor))


def create_warehouse(
    space_id: str, *, metadata_id: str, settings: SettingsToSend, name: str, schema_name: str | None, enabled: bool
) -> ApiCall[m.WarehouseData]:
    """Create a warehouse. The call is not idempotent, and Segment accepts no idempotency key."""
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
    """Update a warehouse. Segment requires `settings`, and may enable the warehouse if `enabled` is missing."""
    body: dict[str, object] = {"settings": settings, "enabled": enabled}
    body |= {"name": name} if name is not None else {}
    body |= {"schemaName": schema_name} if schema_name is not None else {}
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id)
    return ApiCall("updateProfilesWarehouseForSpaceWarehouse", "PATCH", path, m.WarehouseData, _ALPHA, body=body)


def delete_warehouse(space_id: str, warehouse_id: str) -> ApiCall[m.StatusData]:
    """Delete a warehouse."""
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id)
    return ApiCall("removeProfilesWarehouseFromSpace", "DELETE", path, m.StatusData, _ALPHA)


def list_selective_syncs(space_id: str, warehouse_id: str, cursor: str | None = None) -> ApiCall[m.SelectiveSyncsData]:
    """List one page of what syncs to a warehouse."""
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id, "selective-syncs")
    return ApiCall(
        "listSelectiveSyncsFromWarehouseAndSpace", "GET", path, m.SelectiveSyncsData, _ALPHA, _page_query(cursor)
    )


def update_selective_syncs(
    space_id: str, warehouse_id: str, overrides: list[Mapping[str, JsonValue]], *, event_tables: bool | None
) -> ApiCall[m.StatusData]:
    """Turn collections, properties or all event tables on or off."""
    body: dict[str, object] = {"syncOverrides": overrides}
    body |= {"enableEventTables": event_tables} if event_tables is not None else {}
    path = _path("spaces", space_id, "profiles-warehouses", warehouse_id, "selective-syncs")
    return ApiCall("updateSelectiveSyncForWarehouseAndSpace", "PATCH", path, m.StatusData, _ALPHA, body=body)


def list_catalog(cursor: str | None = None) -> ApiCall[m.CatalogData]:
    """List one page of the warehouse types."""
    return ApiCall("getWarehousesCatalog", "GET", "/catalog/warehouses", m.CatalogData, _V1, _page_query(cursor))


def get_warehouse_type(metadata_id: str) -> ApiCall[m.WarehouseTypeData]:
    """Get one warehouse type."""
    return ApiCall("getWarehouseMetadata", "GET", _path("catalog", "warehouses", metadata_id), m.WarehouseTypeData, _V1)


def validate_connection(metadata_id: str, settings: SettingsToSend) -> ApiCall[m.StatusData]:
    """Test connection settings. Segment answers 200 whether the connection works or not."""
    body = {"metadataId": metadata_id, "settings": settings}
    path, media = "/warehouses/validation", "application/json"
    return ApiCall("createValidationInWarehouse", "POST", path, m.StatusData, _V1, body=body, body_media_type=media)


def list_audit_events(filters: Mapping[str, str], cursor: str | None = None) -> ApiCall[m.AuditEventsData]:
    """List one page of the audit log; `filters` are startTime, endTime, resourceId, resourceType."""
    return ApiCall(
        "listAuditEvents", "GET", "/audit-events", m.AuditEventsData, _V1, {**filters, **_page_query(cursor)}
    )


def parse_response(call: ApiCall[DataT], status: int, headers: Mapping[str, str], body: bytes) -> ApiResponse[DataT]:
    """Parse the response to `call`. `headers` has lower-case names, or is httpx's case-insensitive mapping.

    Raises:
        SegmentError: the subclass for the status, or UnexpectedResponse if the response violates the contract.
    """
    envelope = _parse_json(body)
    if status in {200, 201}:
        data = _parse_data(call, status, envelope)
        next_cursor = data.pagination.next if data.pagination else None
        return ApiResponse(data, parse_rate_limit(headers), next_cursor or None)
    errors = parse_field_errors(envelope, call.secrets)
    if status == 429:
        raise s.RateLimited(call.operation, status, errors, parse_wait(headers, envelope))
    if status >= 500:
        raise s.ServerFailed(call.operation, status, errors)
    if 400 <= status < 500:
        raise _REFUSALS.get(status, s.BadRequest)(call.operation, status, errors)
    raise s.UnexpectedResponse(call.operation, status)


def _parse_data(call: ApiCall[DataT], status: int, envelope: JsonValue) -> DataT:
    if not isinstance(envelope, dict) or "errors" in envelope:  # the contract never sends both
        raise s.UnexpectedResponse(call.operation, status)
    try:
        return call.data_type.model_validate(envelope.get("data"))
    except ValidationError:
        raise s.UnexpectedResponse(call.operation, status) from None


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def _parse_json(body: bytes) -> JsonValue:
    try:
        return _JSON.validate_json(replace_unencodable_json(body))  # or one invalid name would fail the whole response
    except ValidationError:
        return None
