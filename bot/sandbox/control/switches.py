"""The control API's switches: time, faults, Segment's behaviour, the way to the bot, starting over."""

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


async def get_clock(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """What time it is in the workspace."""
    return {"ok": True, "now": workspace.clock.now()}


async def advance_clock(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{advance: seconds}`."""
    seconds = wants.get_number("advance")
    try:
        workspace.clock.advance(seconds)
        now = workspace.clock.utc_now()
    except (ValueError, OverflowError, OSError):
        raise ControlError("advance must be a number of seconds, and not negative") from None
    workspace.changes.notify()
    return {"ok": True, "now": now.timestamp()}


async def list_faults(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """The faults still due."""
    return {"ok": True, "faults": workspace.faults.list_due()}


async def add_fault(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{target, match?, since?, times?, status?, error?, field?, retry_after?, delay?, drop?, body?}`."""
    try:
        workspace.faults.add(Fault.model_validate(wants.body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise ControlError("; ".join(problems)) from None
    workspace.changes.notify()
    return await list_faults(workspace, wants)


async def remove_fault(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """One fault, by the id it is listed with, happens no more."""
    known_as = wants.path_params["id"]
    if not known_as.isdigit() or not workspace.faults.remove(int(known_as)):
        raise ControlError(f"no fault {known_as} is due", 404)
    workspace.changes.notify()
    return await list_faults(workspace, wants)


async def clear_faults(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """Nothing goes wrong any more."""
    workspace.faults.clear()
    workspace.changes.notify()
    return await list_faults(workspace, wants)


async def get_segment(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """What Segment holds."""
    return {"ok": True, **workspace.segment.snapshot()}


async def configure_segment(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """Segment's switches."""
    try:
        switches = workspace.segment.configure_switches(wants.body)
    except InvalidSwitches as error:
        raise ControlError(str(error)) from None
    workspace.changes.notify()
    return {"ok": True, "switches": switches.model_dump()}


async def restore_warehouses(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{warehouses?}`: Segment's declared warehouses again, and no others, or those of these names; the rest stays."""
    workspace.segment.restore_warehouses(wants.get_text_list("warehouses") if "warehouses" in wants.body else None)
    workspace.changes.notify()
    return await get_segment(workspace, wants)


async def change_warehouse(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{warehouse, name?, enabled?, schemaName?, settings?}`: somebody changes it in Segment; the bot isn't told."""
    name = wants.get_text("warehouse")
    found = workspace.segment.find_warehouse_by_name(name)
    if found is None:
        raise ControlError(f"there is no warehouse {name}", 404)
    body = {"settings": {}, **{key: value for key, value in wants.body.items() if key != "warehouse"}}
    params = {"spaceId": found.space_id, "warehouseId": found.id}
    try:
        update_warehouse(Call(workspace.segment, workspace.clock.utc_now(), params, {}, body))
    except ApiError as refusal:
        raise ControlError("; ".join(str(each["message"]) for each in refusal.errors)) from None
    workspace.changes.notify()
    return await get_segment(workspace, wants)


async def get_delivery(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """How payloads reach the bot."""
    url = workspace.slack.events_url
    return {
        "ok": True,
        "mode": "http" if url else "socket",
        "url": url,
        "connections": workspace.slack.sockets.connection_count,
    }


async def set_delivery(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{mode: "socket"}` or `{mode: "http", url}`."""
    mode = wants.get_text("mode")
    if mode not in {"socket", "http"}:
        raise ControlError('mode must be "socket" or "http"')
    url = wants.get_text("url") if mode == "http" else None
    if url is not None and not is_loopback_url(url):
        raise ControlError("url must be http:// on this machine: nothing here leaves it")
    workspace.slack.set_events_url(url)
    return await get_delivery(workspace, wants)


async def disconnect_bot(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{reason?, drop?}`: let the bot reconnect, as Slack does every few hours, or drop its connections unsaid."""
    sockets = workspace.slack.sockets
    if wants.get_flag("drop"):
        return {"ok": True, "connections": await sockets.drop_connections()}
    return {"ok": True, "connections": await sockets.request_disconnect(wants.get_text("reason", "refresh_requested"))}


async def reset_sandbox(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """The declared workspace again."""
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
    ("POST", "/reset", reset_sandbox),
]
