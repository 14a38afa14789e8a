"""The operations that only read: workspace, spaces, catalog, audit trail."""

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import search_events
from bot.sandbox.segment.catalog import load_warehouse_types
from bot.sandbox.segment.errors import not_found
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.pagination import paginate, parse_pagination


def get_workspace(call: Call) -> OperationResult:
    """The workspace that owns the token."""
    return OperationResult({"workspace": call.state.workspace.to_json()})


def list_spaces(call: Call) -> OperationResult:
    """The spaces, in pages."""
    spaces, page = paginate(SPACES, parse_pagination(call.query))
    shown: list[JsonValue] = [space.to_json() for space in spaces]
    return OperationResult({"spaces": shown, "pagination": page.to_json(call.state.switches.end_cursors)})


def get_space(call: Call) -> OperationResult:
    """One space."""
    return OperationResult({"space": call.state.get_space(call.read_path_id("spaceId")).to_json()})


def list_catalog(call: Call) -> OperationResult:
    """The warehouse types, in pages."""
    chosen, page = paginate(list(load_warehouse_types().values()), parse_pagination(call.query))
    shown: list[JsonValue] = [dict(kind.metadata) for kind in chosen]
    return OperationResult({"warehousesCatalog": shown, "pagination": page.to_json(call.state.switches.end_cursors)})


def get_catalog_item(call: Call) -> OperationResult:
    """One warehouse type."""
    wanted = call.read_path_id("warehouseMetadataId")
    kind = load_warehouse_types().get(wanted)
    if kind is None:
        raise not_found("Warehouse metadata", wanted)
    return OperationResult({"warehouseMetadata": dict(kind.metadata)})


def list_audit_events(call: Call) -> OperationResult:
    """The audit trail, newest first, in pages."""
    events, page = search_events(call.state.audit_log, call.query, parse_pagination(call.query), call.now)
    shown: list[JsonValue] = [event.to_json() for event in events]
    return OperationResult({"events": shown, "pagination": page.to_json(call.state.switches.end_cursors)})
