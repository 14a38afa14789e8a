"""Calls of the control API that configure the workspace: the clock, faults, Segment, the delivery of payloads, reset.

Each docstring names the fields of the body.
"""

from pydantic import ValidationError

from bot.sandbox.addresses import is_loopback_url
from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.faults import Fault
from bot.sandbox.segment.errors import ApiError
from bot.sandbox.segment.operations import Call
from bot.sandbox.segment.switches import InvalidSwitches
from bot.sandbox.segment.warehouses import update_warehouse
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def get_clock(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return the workspace's time, in seconds since the epoch."""
    return {"ok": True, "now": workspace.clock.now()}


async def advance_clock(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Move the clock forward: `{advance: seconds}`."""
    seconds = request.get_number("advance")
    try:
        workspace.clock.advance(seconds)
        now = workspace.clock.utc_now()
    except (ValueError, OverflowError, OSError):
        raise ControlError("advance must be a number of seconds, and not negative") from None
    workspace.changes.notify()
    return {"ok": True, "now": now.timestamp()}


async def list_faults(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return the faults that are still due."""
    return {"ok": True, "faults": workspace.faults.list_due()}


async def add_fault(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Add a fault: `{target, match?, since?, times?, status?, error?, field?, retry_after?, delay?, drop?, body?}`."""
    try:
        workspace.faults.add(Fault.model_validate(request.body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise ControlError("; ".join(problems)) from None
    workspace.changes.notify()
    return await list_faults(workspace, request)


async def remove_fault(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Remove the fault whose id is in the path."""
    fault_id = request.path_params["id"]
    if not fault_id.isdigit() or not workspace.faults.remove(int(fault_id)):
        raise ControlError(f"no fault {fault_id} is due", 404)
    workspace.changes.notify()
    return await list_faults(workspace, request)


async def clear_faults(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Remove all faults."""
    workspace.faults.clear()
    workspace.changes.notify()
    return await list_faults(workspace, request)


async def get_segment(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return Segment's spaces, warehouses, audit events and switches."""
    return {"ok": True, **workspace.segment.snapshot()}


async def configure_segment(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Set switches of the local Segment: the fields of `segment.switches.Switches`."""
    try:
        switches = workspace.segment.configure_switches(request.body)
    except InvalidSwitches as error:
        raise ControlError(str(error)) from None
    workspace.changes.notify()
    return {"ok": True, "switches": switches.model_dump()}


async def restore_warehouses(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Restore the fixtures of the warehouses named, and leave the others: `{warehouses?}`.

    Without names, restore all fixtures and remove all other warehouses.
    """
    names = request.get_text_list("warehouses") if "warehouses" in request.body else None
    workspace.segment.restore_warehouses(names)
    workspace.changes.notify()
    return await get_segment(workspace, request)


async def change_warehouse(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Change a warehouse in Segment without the bot: `{warehouse, name?, enabled?, schemaName?, settings?}`."""
    name = request.get_text("warehouse")
    warehouse = workspace.segment.find_warehouse_by_name(name)
    if warehouse is None:
        raise ControlError(f"there is no warehouse {name}", 404)
    body = {"settings": {}, **{key: value for key, value in request.body.items() if key != "warehouse"}}
    path_params = {"spaceId": warehouse.space_id, "warehouseId": warehouse.id}
    try:
        update_warehouse(Call(workspace.segment, workspace.clock.utc_now(), path_params, {}, body))
    except ApiError as error:
        raise ControlError("; ".join(str(entry["message"]) for entry in error.errors)) from None
    workspace.changes.notify()
    return await get_segment(workspace, request)


async def get_delivery(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return how payloads reach the bot, and its number of Socket Mode connections."""
    url = workspace.slack.events_url
    return {
        "ok": True,
        "mode": "http" if url else "socket",
        "url": url,
        "connections": workspace.slack.sockets.connection_count,
    }


async def set_delivery(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Send payloads over Socket Mode or signed HTTP: `{mode: "socket"}` or `{mode: "http", url}`."""
    mode = request.get_text("mode")
    if mode not in {"socket", "http"}:
        raise ControlError('mode must be "socket" or "http"')
    url = request.get_text("url") if mode == "http" else None
    if url is not None and not is_loopback_url(url):
        raise ControlError("url must be http:// on this machine: nothing here leaves it")
    workspace.slack.set_events_url(url)
    return await get_delivery(workspace, request)


async def disconnect_bot(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """End the bot's Socket Mode connections: `{reason?, drop?}`.

    By default, ask the bot to reconnect, as Slack does every few hours; with `drop`, close them without a message.
    """
    sockets = workspace.slack.sockets
    if request.get_flag("drop"):
        return {"ok": True, "connections": await sockets.drop_connections()}
    reason = request.get_text("reason", "refresh_requested")
    return {"ok": True, "connections": await sockets.request_disconnect(reason)}


async def reset_workspace(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return the workspace to its initial state."""
    workspace.reset()
    return {"ok": True}


SWITCH_ROUTES = [
    ("GET", "/clock", get_clock),
    ("POST", "/clock", advance_clock),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("DELETE", "/faults/{id}", remove_fault),
    ("GET", "/segment", get_segment),
    ("POST", "/segment", configure_segment),
    ("POST", "/segment/change", change_warehouse),
    ("POST", "/segment/restore", restore_warehouses),
    ("GET", "/delivery", get_delivery),
    ("POST", "/delivery", set_delivery),
    ("POST", "/disconnect", disconnect_bot),
    ("POST", "/reset", reset_workspace),
]
