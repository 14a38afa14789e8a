"""Where a request stands, in one line: its state first, then why, then who asked and who approved."""

from datetime import timedelta

from bot.domain.changes.change import Create, Delete, verb
from bot.domain.requests.request import Request, State
from bot.domain.requests.transitions import Cancel, Deny, Disqualify, Expire, Fail, Lose, Succeed, Supersede
from bot.render.approvals import progress
from bot.render.changes import act_of, difference
from bot.render.mrkdwn import clip, clock, code, day, escape, flat, person, who

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


def headline_of(request: Request) -> str:
    """The one line that says where `request` stands."""
    name = code(request.change.warehouse_name)
    if request.waiting:
        asks = f"{person(request.asked_by)} asks to {verb(request.change)} {name}"
        return f"⏳ {asks} · {progress(request)}"
    act = verb(request.change)
    match request.state, request.last:
        case State.SUCCEEDED, Succeed() as done:
            # Who looked after an answer was lost knows when it was seen, not when it happened.
            when = f"{'seen' if request.looked else 'done'} {day(done.at)}"
            return f"✅ *{name} {_DONE[act]}* · {' · '.join((who(request), when, _seen(request, done)))}"
        case State.SUPERSEDED, Supersede() as changed:
            return f"⚠️ *{_NOT_DONE[act]}: {name} {_superseded(changed)} · {who(request)}"
        case State.UNKNOWN, last:
            return f"⚠️ *Outcome unknown: {act_of(request.change)} {name}* · {_unknown(request, last)} · {who(request)}"
        case State.DENIED | State.EXPIRED | State.CANCELLED | State.FAILED, _:
            return f"⛔ *{_NOT_DONE[act]}: {name}* · {_not_done(request)}"
        case State.PENDING, _:
            return f"⏳ {who(request)} · {_DOING[act]} {name} has not begun yet; the bot begins by itself"
        case _:
            return f"⏳ {who(request)} · {_DOING[act]} {name}…"


def _not_done(request: Request) -> str:
    asked = who(request)
    match request.last:
        case Fail(by=by, reason=reason):
            why = f"told by {person(by)}: _{_said(reason)}_" if by else _said(reason)
            return f"{why} · {asked} · `{request.id}`"
        case Deny(by=by, reason=reason):
            why = f": _{_said(reason)}_" if reason else ""
            return f"denied by {person(by)}{why} · {asked}"
        case Expire(at=at):
            waited = _span((request.expires_at or at) - request.asked_at)
            return f"{_missed(request)} within {waited} · {asked}"
        case Cancel(by="", reason=reason) | Disqualify(reason=reason):
            return f"{reason} · {asked}"
        case _:  # only the one who asked cancels
            return who(request, "asked and cancelled by")


def _missed(request: Request) -> str:
    if request.needed == 0:
        return "Slack did not take its card, or the bot was away, so it was not begun"
    return progress(request) if request.approvals else "nobody decided"


def _superseded(changed: Supersede) -> str:
    if changed.gone:
        return "no longer exists* · nothing was done"
    found = [difference(each) for each in changed.drift[:_DRIFT]]
    more = len(changed.drift) - len(found)
    drift = ", ".join([*found, *([f"and {more} more"] if more else [])]) or "a setting that is not shown"
    return f"changed since it was asked* · {drift} · nothing was done"


def _unknown(request: Request, last: object) -> str:
    if not isinstance(last, Lose):
        return "looking…"
    once = " · nothing is created twice" if isinstance(request.change, Create) else ""
    return f"{_said(last.reason)} · looking again at {clock(last.again_at)}{once}"


def _seen(request: Request, done: Succeed) -> str:
    if done.by:
        return f"told by {person(done.by)}: _{_said(done.note)}_"
    if not done.verified:
        return f"not verified: {escape(done.note)}"
    # Reading back tells what Segment holds, not whether it can connect with it.
    verified = "verified gone" if isinstance(request.change, Delete) else "read back as asked"
    return f"{verified}, {escape(done.note)}" if done.note else verified


def _said(reason: str) -> str:
    return flat(clip(reason, _REASON))


def _span(time: timedelta) -> str:
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts)) or "a minute"
