"""The operations on profiles warehouses: list, create, update, delete."""

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import AuditEventType
from bot.sandbox.segment.errors import conflict
from bot.sandbox.segment.fixtures import NamedResource, build_selective_sync
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.pagination import paginate, parse_pagination
from bot.sandbox.segment.records import Warehouse, split_secrets
from bot.sandbox.segment.state import generate_id
from bot.sandbox.segment.warehouse_inputs import CreateInput, UpdateInput, parse_create_input, parse_update_input


def list_warehouses(call: Call) -> OperationResult:
    """List the warehouses of a space, in pages; the API can't read a single one."""
    space = call.state.get_space(call.read_path_id("spaceId"))
    warehouses, page = paginate(call.state.list_warehouses(space.id), parse_pagination(call.query))
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Retrieved", space.id, space.name, "space")
    switches = call.state.switches
    items: list[JsonValue] = [warehouse.to_json(call.state.workspace.id, switches) for warehouse in warehouses]
    if switches.omit_pagination and page.next is None and page.previous is None:
        return OperationResult({"profilesWarehouses": items})
    return OperationResult({"profilesWarehouses": items, "pagination": page.to_json(switches.end_cursors)})


def create_warehouse(call: Call) -> OperationResult:
    """Create a warehouse. A repeated call creates a second one, unless it has a schema name, which is then in use."""
    space = call.state.get_space(call.read_path_id("spaceId"))
    fields = parse_create_input(call.body, call.state.switches.missing_credentials)
    _check_schema_name(call, space.id, fields.schema_name)
    warehouse = _build_warehouse(space, fields)
    call.state.add_warehouse(warehouse)
    return _record_change(call, warehouse, "Profiles Sync Warehouse Created", call.state.switches.create_status)


def update_warehouse(call: Call) -> OperationResult:
    """Change a warehouse; the switches decide what happens to settings and `enabled` where they are missing."""
    warehouse = _get_warehouse(call)
    fields = parse_update_input(call.body, warehouse.type)
    _check_schema_name(call, warehouse.space_id, fields.schema_name, warehouse=warehouse)
    switches = call.state.switches
    warehouse.update_settings(fields.settings, switches.patch)
    warehouse.enabled = _select_enabled(fields, warehouse, switches.enabled_left_out)
    warehouse.name = fields.name or warehouse.name
    warehouse.schema_name = fields.schema_name or warehouse.schema_name
    return _record_change(call, warehouse, "Profiles Sync Warehouse Updated", 200)


def delete_warehouse(call: Call) -> OperationResult:
    """Delete a warehouse; a second call answers 404."""
    warehouse = _get_warehouse(call)
    call.state.remove_warehouse(warehouse)
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Deleted", warehouse.id, warehouse.name)
    return OperationResult({"status": "SUCCESS"})


def _get_warehouse(call: Call) -> Warehouse:
    return call.state.get_warehouse(call.read_path_id("spaceId"), call.read_path_id("warehouseId"))


def _build_warehouse(space: NamedResource, fields: CreateInput) -> Warehouse:
    settings, secrets = split_secrets(fields.type, fields.settings)
    return Warehouse(
        id=generate_id(),
        space_id=space.id,
        type=fields.type,
        name=fields.name,
        enabled=fields.enabled,
        schema_name=fields.schema_name or space.slug,
        settings=settings,
        secrets=secrets,
        selective_sync=build_selective_sync(),
    )


def _record_change(call: Call, warehouse: Warehouse, event: AuditEventType, status: int) -> OperationResult:
    call.state.audit_log.record(call.now, event, warehouse.id, warehouse.name)
    shown = warehouse.to_json(call.state.workspace.id, call.state.switches)
    return OperationResult({"profilesWarehouse": shown}, status)


def _select_enabled(fields: UpdateInput, warehouse: Warehouse, when_missing: str) -> bool:
    if fields.enabled is not None:
        return fields.enabled
    return True if when_missing == "enables" else warehouse.enabled


def _check_schema_name(call: Call, space_id: str, schema_name: str | None, warehouse: Warehouse | None = None) -> None:
    # The default schema name isn't checked: what Segment does is unknown, and a repeated POST then creates two.
    others = (other for other in call.state.list_warehouses(space_id) if other is not warehouse)
    if schema_name is not None and any(other.schema_name == schema_name for other in others):
        raise conflict(f"Schema name '{schema_name}' is already in use", "schemaName")
