"""The operations on profiles warehouses: list, create, update, delete."""

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import EventType
from bot.sandbox.segment.errors import conflict
from bot.sandbox.segment.fixtures import Named, selective_sync
from bot.sandbox.segment.operations import Answer, Call
from bot.sandbox.segment.pagination import asked, paged
from bot.sandbox.segment.records import Warehouse, split
from bot.sandbox.segment.state import new_id
from bot.sandbox.segment.warehouse_inputs import Create, Update, read_create, read_update


def list_warehouses(call: Call) -> Answer:
    """A space's warehouses, in pages: the only way to read one."""
    space = call.state.space(call.id("spaceId"))
    found, page = paged(call.state.in_space(space.id), asked(call.query))
    call.state.trail.write(call.now, "Profiles Sync Warehouse Retrieved", space.id, space.name, "space")
    switches = call.state.switches
    shown: list[JsonValue] = [warehouse.shown(call.state.workspace.id, switches) for warehouse in found]
    if switches.omit_pagination and page.next is None and page.previous is None:
        return Answer({"profilesWarehouses": shown})
    return Answer({"profilesWarehouses": shown, "pagination": page.shown(switches.end_cursors)})


def create_warehouse(call: Call) -> Answer:
    """Connect a warehouse. Sent twice, it connects two, unless the schema name is given and so taken."""
    space = call.state.space(call.id("spaceId"))
    asked_for = read_create(call.body, call.state.switches.missing_credentials)
    _refuse_taken_schema(call, space.id, asked_for.schema_name)
    warehouse = _made(space, asked_for)
    call.state.add(warehouse)
    return _changed(call, warehouse, "Profiles Sync Warehouse Created", call.state.switches.create_status)


def update_warehouse(call: Call) -> Answer:
    """Change a warehouse; what happens to settings and to `enabled` left out depends on the switches."""
    warehouse = _found(call)
    asked_for = read_update(call.body, warehouse.kind)
    _refuse_taken_schema(call, warehouse.space_id, asked_for.schema_name, but=warehouse)
    switches = call.state.switches
    warehouse.change(asked_for.settings, switches.patch)
    warehouse.enabled = _enabled(asked_for, warehouse, switches.enabled_left_out)
    warehouse.name = asked_for.name or warehouse.name
    warehouse.schema_name = asked_for.schema_name or warehouse.schema_name
    return _changed(call, warehouse, "Profiles Sync Warehouse Updated", 200)


def delete_warehouse(call: Call) -> Answer:
    """Remove a warehouse; a second time it is not found."""
    warehouse = _found(call)
    call.state.remove(warehouse)
    call.state.trail.write(call.now, "Profiles Sync Warehouse Deleted", warehouse.id, warehouse.name)
    return Answer({"status": "SUCCESS"})


def _found(call: Call) -> Warehouse:
    return call.state.warehouse(call.id("spaceId"), call.id("warehouseId"))


def _made(space: Named, asked_for: Create) -> Warehouse:
    plain, secrets = split(asked_for.kind, asked_for.settings)
    return Warehouse(
        id=new_id(),
        space_id=space.id,
        kind=asked_for.kind,
        name=asked_for.name,
        enabled=asked_for.enabled,
        schema_name=asked_for.schema_name or space.slug,
        settings=plain,
        secrets=secrets,
        sync=selective_sync(),
    )


def _changed(call: Call, warehouse: Warehouse, event: EventType, status: int) -> Answer:
    call.state.trail.write(call.now, event, warehouse.id, warehouse.name)
    shown = warehouse.shown(call.state.workspace.id, call.state.switches)
    return Answer({"profilesWarehouse": shown}, status)


def _enabled(asked_for: Update, warehouse: Warehouse, left_out: str) -> bool:
    if asked_for.enabled is not None:
        return asked_for.enabled
    return True if left_out == "enables" else warehouse.enabled


def _refuse_taken_schema(call: Call, space_id: str, wanted: str | None, but: Warehouse | None = None) -> None:
    # The name's default isn't checked: nobody knows what the real one does, and a POST sent twice then shows as two.
    others = (warehouse for warehouse in call.state.in_space(space_id) if warehouse is not but)
    if wanted is not None and any(other.schema_name == wanted for other in others):
        raise conflict(f"Schema name '{wanted}' is already in use", "schemaName")
