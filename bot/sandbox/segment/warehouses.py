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
    """A space's warehouses, in pages: the only way to read one."""
    space = call.state.get_space(call.read_path_id("spaceId"))
    found, page = paginate(call.state.list_warehouses(space.id), parse_pagination(call.query))
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Retrieved", space.id, space.name, "space")
    switches = call.state.switches
    shown: list[JsonValue] = [warehouse.to_json(call.state.workspace.id, switches) for warehouse in found]
    if switches.omit_pagination and page.next is None and page.previous is None:
        return OperationResult({"profilesWarehouses": shown})
    return OperationResult({"profilesWarehouses": shown, "pagination": page.to_json(switches.end_cursors)})


def create_warehouse(call: Call) -> OperationResult:
    """Connect a warehouse. Sent twice, it connects two, unless the schema name is given and so taken."""
    space = call.state.get_space(call.read_path_id("spaceId"))
    asked_for = parse_create_input(call.body, call.state.switches.missing_credentials)
    _refuse_taken_schema(call, space.id, asked_for.schema_name)
    warehouse = _made(space, asked_for)
    call.state.add_warehouse(warehouse)
    return _changed(call, warehouse, "Profiles Sync Warehouse Created", call.state.switches.create_status)


def update_warehouse(call: Call) -> OperationResult:
    """Change a warehouse; what happens to settings and to `enabled` left out depends on the switches."""
    warehouse = _found(call)
    asked_for = parse_update_input(call.body, warehouse.type)
    _refuse_taken_schema(call, warehouse.space_id, asked_for.schema_name, but=warehouse)
    switches = call.state.switches
    warehouse.update_settings(asked_for.settings, switches.patch)
    warehouse.enabled = _enabled(asked_for, warehouse, switches.enabled_left_out)
    warehouse.name = asked_for.name or warehouse.name
    warehouse.schema_name = asked_for.schema_name or warehouse.schema_name
    return _changed(call, warehouse, "Profiles Sync Warehouse Updated", 200)


def delete_warehouse(call: Call) -> OperationResult:
    """Remove a warehouse; a second time it is not found."""
    warehouse = _found(call)
    call.state.remove_warehouse(warehouse)
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Deleted", warehouse.id, warehouse.name)
    return OperationResult({"status": "SUCCESS"})


def _found(call: Call) -> Warehouse:
    return call.state.get_warehouse(call.read_path_id("spaceId"), call.read_path_id("warehouseId"))


def _made(space: NamedResource, asked_for: CreateInput) -> Warehouse:
    plain, secrets = split_secrets(asked_for.type, asked_for.settings)
    return Warehouse(
        id=generate_id(),
        space_id=space.id,
        type=asked_for.type,
        name=asked_for.name,
        enabled=asked_for.enabled,
        schema_name=asked_for.schema_name or space.slug,
        settings=plain,
        secrets=secrets,
        selective_sync=build_selective_sync(),
    )


def _changed(call: Call, warehouse: Warehouse, event: AuditEventType, status: int) -> OperationResult:
    call.state.audit_log.record(call.now, event, warehouse.id, warehouse.name)
    shown = warehouse.to_json(call.state.workspace.id, call.state.switches)
    return OperationResult({"profilesWarehouse": shown}, status)


def _enabled(asked_for: UpdateInput, warehouse: Warehouse, left_out: str) -> bool:
    if asked_for.enabled is not None:
        return asked_for.enabled
    return True if left_out == "enables" else warehouse.enabled


def _refuse_taken_schema(call: Call, space_id: str, wanted: str | None, but: Warehouse | None = None) -> None:
    # The name's default isn't checked: nobody knows what the real one does, and a POST sent twice then shows as two.
    others = (warehouse for warehouse in call.state.list_warehouses(space_id) if warehouse is not but)
    if wanted is not None and any(other.schema_name == wanted for other in others):
        raise conflict(f"Schema name '{wanted}' is already in use", "schemaName")
