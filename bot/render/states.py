"""The state of a request in one line: the state, the reason, who asked and who approved."""

from datetime import timedelta

from bot.domain.changes.change import Create, Delete, change_verb
from bot.domain.requests.request import Request, State
from bot.domain.requests.transitions import Cancel, Deny, Disqualify, Expire, Fail, MarkUnknown, Succeed, Supersede
from bot.domain.text import truncate
from bot.render.approvals import describe_progress
from bot.render.changes import change_noun, format_difference
from bot.render.mrkdwn import code, escape, escape_and_truncate, format_date_time, format_time, mention
from bot.render.phrases import describe_actors

#: Characters of a reason, and differences of a drift, on the line.
_REASON, _DRIFT = 500, 8

_DOING = {
    "create": "creating",
    "update": "updating",
    "enable": "enabling",
    "disable": "disabling",
    "delete": "deleting",
}
_DONE = {
    "create": "is created",
    "update": "is updated",
    "enable": "is enabled",
    "disable": "is disabled",
    "delete": "is deleted",
}
_NOT_DONE = {
    "create": "Not created",
    "update": "Not updated",
    "enable": "Not enabled",
    "disable": "Not disabled",
    "delete": "Not deleted",
}


def describe_state(request: Request) -> str:
    """Return the line that describes the state of `request`."""
    name = code(request.change.warehouse_name)
    if request.is_waiting:
        asks = f"{mention(request.asked_by)} asks to {change_verb(request.change)} {name}"
        return f"⏳ {asks} · {describe_progress(request)}"
    act = change_verb(request.change)
    match request.state, request.last_transition:
        case State.SUCCEEDED, Succeed() as done:
            # After a lost response, the bot knows when it saw the change, not when it happened.
            when = f"{'seen' if request.was_interrupted else 'done'} {format_date_time(done.at)}"
            details = (describe_actors(request), when, _describe_verification(request, done))
            return f"✅ *{name} {_DONE[act]}* · {' · '.join(details)}"
        case State.SUPERSEDED, Supersede() as changed:
            return f"⚠️ *{_NOT_DONE[act]}: {name} {_describe_supersession(changed)} · {describe_actors(request)}"
        case State.UNKNOWN, last:
            unknown = f"⚠️ *Outcome unknown: {change_noun(request.change)} {name}*"
            return f"{unknown} · {_describe_unknown(request, last)} · {describe_actors(request)}"
        case State.DENIED | State.EXPIRED | State.CANCELLED | State.FAILED, _:
            return f"⛔ *{_NOT_DONE[act]}: {name}* · {_describe_failure(request)}"
        case State.PENDING, _:
            return f"⏳ {describe_actors(request)} · {_DOING[act]} {name} has not begun yet; the bot begins by itself"
        case _:
            return f"⏳ {describe_actors(request)} · {_DOING[act]} {name}…"


def _describe_failure(request: Request) -> str:
    asked = describe_actors(request)
    match request.last_transition:
        case Fail(by=by, reason=reason):
            why = f"told by {mention(by)}: _{_format_reason(reason)}_" if by else _format_reason(reason)
            return f"{why} · {asked} · `{request.id}`"
        case Deny(by=by, reason=reason):
            why = f": _{_format_reason(reason)}_" if reason else ""
            return f"denied by {mention(by)}{why} · {asked}"
        case Expire(at=at):
            waited = _format_duration((request.expires_at or at) - request.asked_at)
            return f"{_describe_expiry(request)} within {waited} · {asked}"
        case Cancel(by="", reason=reason) | Disqualify(reason=reason):
            return f"{reason} · {asked}"
        case _:  # only the requester cancels
            return describe_actors(request, "asked and cancelled by")


def _describe_expiry(request: Request) -> str:
    if request.required_approvals == 0:
        return "Slack did not take its card, or the bot was away, so it was not begun"
    return describe_progress(request) if request.approvals else "nobody decided"


def _describe_supersession(changed: Supersede) -> str:
    if changed.gone:
        return "no longer exists* · nothing was done"
    found = [format_difference(each) for each in changed.drift[:_DRIFT]]
    more = len(changed.drift) - len(found)
    drift = ", ".join([*found, *([f"and {more} more"] if more else [])]) or "a setting that is not shown"
    return f"changed since it was asked* · {drift} · nothing was done"


def _describe_unknown(request: Request, last: object) -> str:
    if not isinstance(last, MarkUnknown):
        return "looking…"
    once = " · nothing is created twice" if isinstance(request.change, Create) else ""
    return f"{_format_reason(last.reason)} · looking again at {format_time(last.again_at)}{once}"


def _describe_verification(request: Request, done: Succeed) -> str:
    if done.by:
        return f"told by {mention(done.by)}: _{_format_reason(done.note)}_"
    if not done.verified:
        return f"not verified: {escape(done.note)}"
    # Reading back shows what Segment stored, not whether it can connect.
    verified = "verified gone" if isinstance(request.change, Delete) else "read back as asked"
    return f"{verified}, {escape(done.note)}" if done.note else verified


def _format_reason(reason: str) -> str:
    return escape_and_truncate(truncate(reason, _REASON))


def _format_duration(time: timedelta) -> str:
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts)) or "a minute"
