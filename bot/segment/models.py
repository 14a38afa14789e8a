"""What Segment's answers hold. Lenient: fields and words we don't know are kept, and what may be null may be null."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel


def is_valid_id(text: str) -> bool:
    """Whether `text` can stand as one part of a path: the contract's 1 to 255 characters, and no dot segment."""
    return 1 <= len(text) <= 255 and text not in {".", ".."}


def _id(text: str) -> str:
    if not is_valid_id(text):
        raise ValueError("not an id")
    return text


#: An id that ends up in paths.
PathId = Annotated[str, AfterValidator(_id)]


class WireModel(BaseModel):
    """Base of all answers' parts."""

    model_config = ConfigDict(frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True)


class PageInfo(WireModel):
    """Where a list goes on. `next` is absent or null on the last page."""

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
    """A warehouse type of the live catalog. Its options can't drive a form, so they are not looked at."""

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
    """One event of Segment's audit trail; `actor` is a user or only the API token."""

    id: str
    timestamp: str
    type: str
    actor: str
    actor_email: str | None = None
    resource_id: str
    resource_type: str
    resource_name: str


class ResponseData(WireModel):
    """Base of what stands under `data`. A list may carry no pagination, or null."""

    pagination: PageInfo | None = None


class WorkspaceData(ResponseData):
    """getWorkspace."""

    workspace: WireWorkspace


class SpacesData(ResponseData):
    """listSpaces."""

    spaces: list[WireSpace]


class SpaceData(ResponseData):
    """getSpace; declared nullable."""

    space: WireSpace | None = None


class WarehousesData(ResponseData):
    """listProfilesWarehouseInSpace."""

    profiles_warehouses: list[WireWarehouse]


class WarehouseData(ResponseData):
    """createProfilesWarehouse, updateProfilesWarehouseForSpaceWarehouse."""

    profiles_warehouse: WireWarehouse


class StatusData(ResponseData):
    """A removal, a validation, a change of selective syncs: a word, of which new ones may come."""

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
