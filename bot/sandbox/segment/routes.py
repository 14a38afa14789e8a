"""The operations of the contract: method, path, handler and media types."""

from dataclasses import dataclass

from bot.sandbox.segment import connection_validation, queries, selective_syncs, warehouses
from bot.sandbox.segment.operations import OperationHandler

JSON = "application/json"
V1 = "application/vnd.segment.v1+json"
V1BETA = "application/vnd.segment.v1beta+json"
V1ALPHA = "application/vnd.segment.v1alpha+json"

_ALPHA = (V1ALPHA,)
_STABLE = (V1, V1BETA, V1ALPHA)


@dataclass(frozen=True)
class Route:
    """An operation. `media_types` are those that a client can ask for besides plain JSON, one for each version."""

    method: str
    path: str
    handler: OperationHandler
    media_types: tuple[str, ...]

    @property
    def has_body(self) -> bool:
        """Whether a call must have a JSON object as its body."""
        return self.method in {"POST", "PATCH"}


_SPACE = "/spaces/{spaceId}"
_WAREHOUSES = f"{_SPACE}/profiles-warehouses"
_WAREHOUSE = f"{_WAREHOUSES}/{{warehouseId}}"
_SYNCS = f"{_WAREHOUSE}/selective-syncs"

ROUTES = (
    Route("GET", "/", queries.get_workspace, (V1,)),
    Route("GET", "/spaces", queries.list_spaces, _ALPHA),
    Route("GET", _SPACE, queries.get_space, _ALPHA),
    Route("GET", _WAREHOUSES, warehouses.list_warehouses, _ALPHA),
    Route("POST", _WAREHOUSES, warehouses.create_warehouse, _ALPHA),
    Route("PATCH", _WAREHOUSE, warehouses.update_warehouse, _ALPHA),
    Route("DELETE", _WAREHOUSE, warehouses.delete_warehouse, _ALPHA),
    Route("GET", _SYNCS, selective_syncs.list_selective_syncs, _ALPHA),
    Route("PATCH", _SYNCS, selective_syncs.update_selective_syncs, _ALPHA),
    Route("GET", "/catalog/warehouses", queries.list_catalog, _STABLE),
    Route("GET", "/catalog/warehouses/{warehouseMetadataId}", queries.get_catalog_item, _STABLE),
    Route("POST", "/warehouses/validation", connection_validation.validate_connection, _STABLE),
    Route("GET", "/audit-events", queries.list_audit_events, _STABLE),
)
