"""The control API's switches: time, faults, Segment's behaviour, the way to the bot, starting over."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.sandbox.control_wants import Wants
from bot.sandbox.faults import Fault
from bot.sandbox.segment.switches import BadSwitches
from bot.sandbox.slack.errors import Impossible
from bot.sandbox.slack.guard import is_loopback

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
    """`{target, match?, times?, status?, error?, field?, retry_after?, delay?, drop?, body?}`."""
    try:
        sandbox.faults.add(Fault.model_validate(wants.body))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise Impossible("; ".join(problems)) from None
    return await faults(sandbox, wants)


async def clear_faults(sandbox: "Sandbox", wants: Wants) -> Answer:
    """Nothing goes wrong any more."""
    sandbox.faults.clear()
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
    if url is not None and not is_loopback(url):
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
    ("GET", "/segment", segment),
    ("POST", "/segment", configure),
    ("GET", "/delivery", way),
    ("POST", "/delivery", set_way),
    ("POST", "/disconnect", disconnect),
    ("POST", "/reset", reset),
]
