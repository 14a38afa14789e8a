"""The operations that only read: workspace, spaces, catalog, audit log."""

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import search_events
from bot.sandbox.segment.catalog import load_warehouse_types
from bot.sandbox.segment.errors import not_found
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.pagination import paginate, parse_pagination


def get_workspace(call: Call) -> OperationResult:
    """Return the workspace that owns the token."""
    return OperationResult({"workspace": call.state.workspace.to_json()})


def list_spaces(call: Call) -> OperationResult:
    """List the spaces, in pages."""
    spaces, page = paginate(SPACES, parse_pagination(call.query))
    items: list[JsonValue] = [space.to_json() for space in spaces]
    return OperationResult({"spaces": items, "pagination": page.to_json(call.state.switches.end_cursors)})


def get_space(call: Call) -> OperationResult:
    """Return one space."""
    return OperationResult({"space": call.state.get_space(call.read_path_id("spaceId")).to_json()})


def list_catalog(call: Call) -> OperationResult:
    """List the warehouse types, in pages."""
    types, page = paginate(list(load_warehouse_types().values()), parse_pagination(call.query))
    items: list[JsonValue] = [dict(each.metadata) for each in types]
    return OperationResult({"warehousesCatalog": items, "pagination": page.to_json(call.state.switches.end_cursors)})


def get_catalog_item(call: Call) -> OperationResult:
    """Return one warehouse type."""
    type_id = call.read_path_id("warehouseMetadataId")
    warehouse_type = load_warehouse_types().get(type_id)
    if warehouse_type is None:
        raise not_found("Warehouse metadata", type_id)
    return OperationResult({"warehouseMetadata": dict(warehouse_type.metadata)})


def list_audit_events(call: Call) -> OperationResult:
    """List the events of the audit log, newest first, in pages."""
    events, page = search_events(call.state.audit_log, call.query, parse_pagination(call.query), call.now)
    items: list[JsonValue] = [event.to_json() for event in events]
    return OperationResult({"events": items, "pagination": page.to_json(call.state.switches.end_cursors)})
