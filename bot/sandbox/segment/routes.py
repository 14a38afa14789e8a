"""Every operation of the contract: its method, its path, who handles it, and in which versions it is spoken."""

from dataclasses import dataclass

from bot.sandbox.segment import connection_validation as validation
from bot.sandbox.segment import queries as reading
from bot.sandbox.segment import selective_syncs as syncs
from bot.sandbox.segment import warehouses
from bot.sandbox.segment.operations import OperationHandler

JSON = "application/json"
V1 = "application/vnd.segment.v1+json"
V1BETA = "application/vnd.segment.v1beta+json"
V1ALPHA = "application/vnd.segment.v1alpha+json"

_ALPHA = (V1ALPHA,)
_STABLE = (V1, V1BETA, V1ALPHA)


@dataclass(frozen=True)
class Route:
    """One operation. `versions` are the media types besides plain JSON that it can be asked for."""

    method: str
    path: str
    handler: OperationHandler
    media_types: tuple[str, ...]

    @property
    def has_body(self) -> bool:
        """Whether a call must bring a JSON object."""
        return self.method in {"POST", "PATCH"}


_SPACE = "/spaces/{spaceId}"
_LIST = f"{_SPACE}/profiles-warehouses"
_ONE = f"{_LIST}/{{warehouseId}}"
_SYNCS = f"{_ONE}/selective-syncs"

ROUTES = (
    Route("GET", "/", reading.get_workspace, (V1,)),
    Route("GET", "/spaces", reading.list_spaces, _ALPHA),
    Route("GET", _SPACE, reading.get_space, _ALPHA),
    Route("GET", _LIST, warehouses.list_warehouses, _ALPHA),
    Route("POST", _LIST, warehouses.create_warehouse, _ALPHA),
    Route("PATCH", _ONE, warehouses.update_warehouse, _ALPHA),
    Route("DELETE", _ONE, warehouses.delete_warehouse, _ALPHA),
    Route("GET", _SYNCS, syncs.list_selective_syncs, _ALPHA),
    Route("PATCH", _SYNCS, syncs.update_selective_syncs, _ALPHA),
    Route("GET", "/catalog/warehouses", reading.list_catalog, _STABLE),
    Route("GET", "/catalog/warehouses/{warehouseMetadataId}", reading.get_catalog_item, _STABLE),
    Route("POST", "/warehouses/validation", validation.validate_connection, _STABLE),
    Route("GET", "/audit-events", reading.list_audit_events, _STABLE),
)
