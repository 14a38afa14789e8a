"""Where a request stands, in one line: its state first, then why, then who asked and who approved."""

from datetime import timedelta

from bot.domain.changes.change import Create, Delete, change_verb
from bot.domain.requests.request import Request, State
from bot.domain.requests.transitions import Cancel, Deny, Disqualify, Expire, Fail, MarkUnknown, Succeed, Supersede
from bot.domain.text import truncate
from bot.render.approvals import describe_progress
from bot.render.changes import change_noun, format_difference
from bot.render.mrkdwn import code, escape, escape_and_truncate, format_date_time, format_time, mention
from bot.render.phrases import describe_actors

#: Characters of a reason, and how much of a drift, that leave room for who asked and who decided.
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
    """The one line that says where `request` stands."""
    name = code(request.change.warehouse_name)
    if request.is_waiting:
        asks = f"{mention(request.asked_by)} asks to {change_verb(request.change)} {name}"
        return f"⏳ {asks} · {describe_progress(request)}"
    act = change_verb(request.change)
    match request.state, request.last_transition:
        case State.SUCCEEDED, Succeed() as done:
            # Who looked after an answer was lost knows when it was seen, not when it happened.
            when = f"{'seen' if request.was_interrupted else 'done'} {format_date_time(done.at)}"
            return f"✅ *{name} {_DONE[act]}* · {' · '.join((describe_actors(request), when, _seen(request, done)))}"
        case State.SUPERSEDED, Supersede() as changed:
            return f"⚠️ *{_NOT_DONE[act]}: {name} {_superseded(changed)} · {describe_actors(request)}"
        case State.UNKNOWN, last:
            unknown = f"⚠️ *Outcome unknown: {change_noun(request.change)} {name}*"
            return f"{unknown} · {_unknown(request, last)} · {describe_actors(request)}"
        case State.DENIED | State.EXPIRED | State.CANCELLED | State.FAILED, _:
            return f"⛔ *{_NOT_DONE[act]}: {name}* · {_not_done(request)}"
        case State.PENDING, _:
            return f"⏳ {describe_actors(request)} · {_DOING[act]} {name} has not begun yet; the bot begins by itself"
        case _:
            return f"⏳ {describe_actors(request)} · {_DOING[act]} {name}…"


def _not_done(request: Request) -> str:
    asked = describe_actors(request)
    match request.last_transition:
        case Fail(by=by, reason=reason):
            why = f"told by {mention(by)}: _{_said(reason)}_" if by else _said(reason)
            return f"{why} · {asked} · `{request.id}`"
        case Deny(by=by, reason=reason):
            why = f": _{_said(reason)}_" if reason else ""
            return f"denied by {mention(by)}{why} · {asked}"
        case Expire(at=at):
            waited = _span((request.expires_at or at) - request.asked_at)
            return f"{_missed(request)} within {waited} · {asked}"
        case Cancel(by="", reason=reason) | Disqualify(reason=reason):
            return f"{reason} · {asked}"
        case _:  # only the one who asked cancels
            return describe_actors(request, "asked and cancelled by")


def _missed(request: Request) -> str:
    if request.required_approvals == 0:
        return "Slack did not take its card, or the bot was away, so it was not begun"
    return describe_progress(request) if request.approvals else "nobody decided"


def _superseded(changed: Supersede) -> str:
    if changed.gone:
        return "no longer exists* · nothing was done"
    found = [format_difference(each) for each in changed.drift[:_DRIFT]]
    more = len(changed.drift) - len(found)
    drift = ", ".join([*found, *([f"and {more} more"] if more else [])]) or "a setting that is not shown"
    return f"changed since it was asked* · {drift} · nothing was done"


def _unknown(request: Request, last: object) -> str:
    if not isinstance(last, MarkUnknown):
        return "looking…"
    once = " · nothing is created twice" if isinstance(request.change, Create) else ""
    return f"{_said(last.reason)} · looking again at {format_time(last.again_at)}{once}"


def _seen(request: Request, done: Succeed) -> str:
    if done.by:
        return f"told by {mention(done.by)}: _{_said(done.note)}_"
    if not done.verified:
        return f"not verified: {escape(done.note)}"
    # Reading back tells what Segment holds, not whether it can connect with it.
    verified = "verified gone" if isinstance(request.change, Delete) else "read back as asked"
    return f"{verified}, {escape(done.note)}" if done.note else verified


def _said(reason: str) -> str:
    return escape_and_truncate(truncate(reason, _REASON))


def _span(time: timedelta) -> str:
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts)) or "a minute"
