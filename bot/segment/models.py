"""The data in Segment's responses. Parsing is lenient: unknown fields and values are kept."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel


def is_valid_id(text: str) -> bool:
    """Whether `text` can be one part of a path: the contract's 1 to 255 characters, and no dot segment."""
    return 1 <= len(text) <= 255 and text not in {".", ".."}


def _validate_id(text: str) -> str:
    if not is_valid_id(text):
        raise ValueError("not an id")
    return text


#: An id that is used in paths.
PathId = Annotated[str, AfterValidator(_validate_id)]


class WireModel(BaseModel):
    """Base of all parts of responses."""

    model_config = ConfigDict(frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True)


class PageInfo(WireModel):
    """The cursors of a list. `next` is absent or null on the last page."""

    current: str | None = None
    next: str | None = None
    previous: str | None = None
    total_entries: float | None = None


class WireSpace(WireModel):
    """A space."""

    id: PathId
    slug: str
    name: str


class WireWorkspace(WireModel):
    """The workspace that owns the token."""

    id: str
    slug: str
    name: str


class WireWarehouseType(WireModel):
    """A warehouse type of the live catalog. Its options are not enough for a form, so they are ignored."""

    id: str
    name: str
    slug: str = ""


class WireWarehouse(WireModel):
    """A Profiles Sync warehouse."""

    id: PathId
    space_id: str
    enabled: bool
    metadata: WireWarehouseType
    settings: dict[str, JsonValue] | None = None
    schema_name: str | None = None


class SelectiveSync(WireModel):
    """Whether one collection syncs to one warehouse."""

    collection: str
    warehouse_id: str
    enabled: bool
    properties: dict[str, JsonValue] | None = None


class AuditEvent(WireModel):
    """One event of Segment's audit log. `actor` is a user or only the API token."""

    id: str
    timestamp: str
    type: str
    actor: str
    actor_email: str | None = None
    resource_id: str
    resource_type: str
    resource_name: str


class ResponseData(WireModel):
    """Base of the object under `data`. A list may have no pagination, or null."""

    pagination: PageInfo | None = None


class WorkspaceData(ResponseData):
    """getWorkspace."""

    workspace: WireWorkspace


class SpacesData(ResponseData):
    """listSpaces."""

    spaces: list[WireSpace]


class SpaceData(ResponseData):
    """getSpace; the contract allows null."""

    space: WireSpace | None = None


class WarehousesData(ResponseData):
    """listProfilesWarehouseInSpace."""

    profiles_warehouses: list[WireWarehouse]


class WarehouseData(ResponseData):
    """createProfilesWarehouse, updateProfilesWarehouseForSpaceWarehouse."""

    profiles_warehouse: WireWarehouse


class StatusData(ResponseData):
    """The status of a deletion, a validation, or a change of selective syncs. There may be new values."""

    status: str


class SelectiveSyncsData(ResponseData):
    """listSelectiveSyncsFromWarehouseAndSpace."""

    items: list[SelectiveSync]
    enable_event_tables: bool | None = None


class CatalogData(ResponseData):
    """getWarehousesCatalog."""

    warehouses_catalog: list[WireWarehouseType]


class WarehouseTypeData(ResponseData):
    """getWarehouseMetadata."""

    warehouse_metadata: WireWarehouseType


class AuditEventsData(ResponseData):
    """listAuditEvents."""

    events: list[AuditEvent]
