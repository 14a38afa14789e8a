"""What Segment's answers hold. Lenient: fields and words we don't know are kept, and what may be null may be null."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel


def is_id(text: str) -> bool:
    """Whether `text` can stand as one part of a path: the contract's 1 to 255 characters, and no dot segment."""
    return 1 <= len(text) <= 255 and text not in {".", ".."}


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id")
    return text


#: An id that ends up in paths.
Id = Annotated[str, AfterValidator(_id)]


class Wire(BaseModel):
    """Base of all answers' parts."""

    model_config = ConfigDict(frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True)


class PageInfo(Wire):
    """Where a list goes on. `next` is absent or null on the last page."""

    current: str | None = None
    next: str | None = None
    previous: str | None = None
    total_entries: float | None = None


class WireSpace(Wire):
    """A space."""

    id: Id
    slug: str
    name: str


class WireWorkspace(Wire):
    """The workspace that owns the token."""

    id: str
    slug: str
    name: str


class WireType(Wire):
    """A warehouse type of the live catalog. Its options can't drive a form, so they are not looked at."""

    id: str
    name: str
    slug: str = ""


class WireWarehouse(Wire):
    """A Profiles Sync warehouse."""

    id: Id
    space_id: str
    enabled: bool
    metadata: WireType
    settings: dict[str, JsonValue] | None = None
    schema_name: str | None = None


class SelectiveSync(Wire):
    """Whether one collection syncs to one warehouse."""

    collection: str
    warehouse_id: str
    enabled: bool
    properties: dict[str, JsonValue] | None = None


class AuditEvent(Wire):
    """One event of Segment's audit trail; `actor` is a user or only the API token."""

    id: str
    timestamp: str
    type: str
    actor: str
    actor_email: str | None = None
    resource_id: str
    resource_type: str
    resource_name: str


class Data(Wire):
    """Base of what stands under `data`. A list may carry no pagination, or null."""

    pagination: PageInfo | None = None


class WorkspaceData(Data):
    """getWorkspace."""

    workspace: WireWorkspace


class SpacesData(Data):
    """listSpaces."""

    spaces: list[WireSpace]


class SpaceData(Data):
    """getSpace; declared nullable."""

    space: WireSpace | None = None


class WarehousesData(Data):
    """listProfilesWarehouseInSpace."""

    profiles_warehouses: list[WireWarehouse]


class WarehouseData(Data):
    """createProfilesWarehouse, updateProfilesWarehouseForSpaceWarehouse."""

    profiles_warehouse: WireWarehouse


class StatusData(Data):
    """A removal, a validation, a change of selective syncs: a word, of which new ones may come."""

    status: str


class SelectiveSyncsData(Data):
    """listSelectiveSyncsFromWarehouseAndSpace."""

    items: list[SelectiveSync]
    enable_event_tables: bool | None = None


class CatalogData(Data):
    """getWarehousesCatalog."""

    warehouses_catalog: list[WireType]


class TypeData(Data):
    """getWarehouseMetadata."""

    warehouse_metadata: WireType


class AuditEventsData(Data):
    """listAuditEvents."""

    events: list[AuditEvent]
