"""The control API's switches: time, faults, Segment's behaviour, the way to the bot, starting over."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.sandbox.addresses import is_loopback_url
from bot.sandbox.control.parsing import Wants
from bot.sandbox.faults import Fault
from bot.sandbox.segment.errors import Refused
from bot.sandbox.segment.operations import Call
from bot.sandbox.segment.switches import BadSwitches
from bot.sandbox.segment.warehouses import update_warehouse
from bot.sandbox.slack.errors import Impossible

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Answer = dict[str, Any]


async def clock(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """What time it is in the workspace."""
    return {"ok": True, "now": sandbox.clock.now()}


async def advance(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{advance: seconds}`."""
    seconds = wants.number("advance")
    try:
        sandbox.clock.advance(seconds)
        now = sandbox.clock.utc()
    except (ValueError, OverflowError, OSError):
        raise Impossible("advance must be a number of seconds, and not negative") from None
    sandbox.changes.bump()
    return {"ok": True, "now": now.timestamp()}


async def faults(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """The faults still due."""
    return {"ok": True, "faults": sandbox.faults.listed()}


async def add_fault(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{target, match?, since?, times?, status?, error?, field?, retry_after?, delay?, drop?, body?}`."""
    try:
        sandbox.faults.add(Fault.model_validate(wants.body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise Impossible("; ".join(problems)) from None
    sandbox.changes.bump()
    return await faults(sandbox, wants)


async def remove_fault(sandbox: "Sandbox", wants: Wants) -> Answer:
    """One fault, by the id it is listed with, happens no more."""
    known_as = wants.path["id"]
    if not known_as.isdigit() or not sandbox.faults.remove(int(known_as)):
        raise Impossible(f"no fault {known_as} is due", 404)
    sandbox.changes.bump()
    return await faults(sandbox, wants)


async def clear_faults(sandbox: "Sandbox", wants: Wants) -> Answer:
    """Nothing goes wrong any more."""
    sandbox.faults.clear()
    sandbox.changes.bump()
    return await faults(sandbox, wants)


async def segment(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """What Segment holds."""
    return {"ok": True, **sandbox.segment.snapshot()}


async def configure(sandbox: "Sandbox", wants: Wants) -> Answer:
    """Segment's switches."""
    try:
        switches = sandbox.segment.configure(wants.body)
    except BadSwitches as error:
        raise Impossible(str(error)) from None
    sandbox.changes.bump()
    return {"ok": True, "switches": switches.model_dump()}


async def restore(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{warehouses?}`: Segment's declared warehouses again, and no others, or those of these names; the rest stays."""
    sandbox.segment.restore(wants.texts("warehouses") if "warehouses" in wants.body else None)
    sandbox.changes.bump()
    return await segment(sandbox, wants)


async def change(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{warehouse, name?, enabled?, schemaName?, settings?}`: somebody changes it in Segment; the bot isn't told."""
    name = wants.text("warehouse")
    found = sandbox.segment.called(name)
    if found is None:
        raise Impossible(f"there is no warehouse {name}", 404)
    body = {"settings": {}, **{key: value for key, value in wants.body.items() if key != "warehouse"}}
    params = {"spaceId": found.space_id, "warehouseId": found.id}
    try:
        update_warehouse(Call(sandbox.segment, sandbox.clock.utc(), params, {}, body))
    except Refused as refusal:
        raise Impossible("; ".join(str(each["message"]) for each in refusal.entries)) from None
    sandbox.changes.bump()
    return await segment(sandbox, wants)


async def way(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """How payloads reach the bot."""
    url = sandbox.slack.events_url
    return {
        "ok": True,
        "mode": "http" if url else "socket",
        "url": url,
        "connections": sandbox.slack.sockets.count,
    }


async def set_way(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{mode: "socket"}` or `{mode: "http", url}`."""
    mode = wants.text("mode")
    if mode not in {"socket", "http"}:
        raise Impossible('mode must be "socket" or "http"')
    url = wants.text("url") if mode == "http" else None
    if url is not None and not is_loopback_url(url):
        raise Impossible("url must be http:// on this machine: nothing here leaves it")
    sandbox.slack.deliver_to(url)
    return await way(sandbox, wants)


async def disconnect(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{reason?, drop?}`: let the bot reconnect, as Slack does every few hours, or drop its connections unsaid."""
    sockets = sandbox.slack.sockets
    if wants.flag("drop"):
        return {"ok": True, "connections": await sockets.drop()}
    return {"ok": True, "connections": await sockets.disconnect(wants.text("reason", "refresh_requested"))}


async def reset(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """The declared workspace again."""
    sandbox.reset()
    return {"ok": True}


SWITCHES = [
    ("GET", "/clock", clock),
    ("POST", "/clock", advance),
    ("GET", "/faults", faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("DELETE", "/faults/{id}", remove_fault),
    ("GET", "/segment", segment),
    ("POST", "/segment", configure),
    ("POST", "/segment/change", change),
    ("POST", "/segment/restore", restore),
    ("GET", "/delivery", way),
    ("POST", "/delivery", set_way),
    ("POST", "/disconnect", disconnect),
    ("POST", "/reset", reset),
]
