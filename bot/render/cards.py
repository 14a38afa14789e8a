"""The card: the message that shows a request, in every state it can be in. It never says more than what happened."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.changes import Change, Create, Delete, Difference, Update, differences, verb
from bot.domain.moves import Cancel, Deny, Expire, Fail, Lose, Succeed, Supersede
from bot.domain.requests import Request, State
from bot.render.blocks import Block, Message, actions, button, confirm, context, message, paragraphs, section
from bot.render.mrkdwn import approved_by, bare, clip, clock, code, contrasted, day, escape, flat, on, person

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


def card(request: Request) -> Message:
    """The card of `request` as it stands."""
    if request.state is State.PENDING and not request.ready:
        return _waiting(request)
    lines = [_state(request)]
    if request.state in {State.SUCCEEDED, State.EXECUTING, State.UNKNOWN} or request.ready:
        lines += changes_of(request)
    after = _after(request)
    return message([*paragraphs(lines), context(_where(request)), *([actions(*after)] if after else [])])


def pointer(request: Request, link: str | None) -> Message:
    """What a second card of `request` becomes: where the one is that is kept up to date."""
    where = f"<{link}|its card>" if link else "its other card"
    asks = f"{person(request.asked_by)} asked to {verb(request.change)} {code(request.change.warehouse_name)}"
    return message([section(f"{asks}: see {where}."), context(f"`{request.id}`")])


def _after(request: Request) -> Sequence[Block]:
    """What can be done once it has ended: ask again, make it again, take it back."""
    change = request.change
    match request.state:
        case State.EXPIRED | State.SUPERSEDED | State.CANCELLED if not isinstance(change, Create) and not _gone(
            request
        ):
            label = "Ask again with this state" if request.state is State.SUPERSEDED else "Ask again"
            return [button(label, "again", request.id)]
        case State.UNKNOWN if request.undecidable:
            return [button("Settle…", "settle", request.id)]
        case State.SUCCEEDED if isinstance(change, Delete):
            return [button("Recreate…", "recreate", request.id)]
        case State.SUCCEEDED if isinstance(change, Update):
            return [button("Undo…", "undo", request.id)]
        case _:
            return []


def _gone(request: Request) -> bool:
    return isinstance(request.last, Supersede) and request.last.gone


def headline_of(request: Request) -> str:
    """The one line that says where `request` stands."""
    if request.waiting:
        asks = f"{person(request.asked_by)} asks to {verb(request.change)} {code(request.change.warehouse_name)}"
        return f"⏳ {asks} · {len(request.approvals)} of {request.needed} approvals"
    return _state(request)


def _waiting(request: Request) -> Message:
    change = request.change
    lines = [
        f"⏳ *{person(request.asked_by)} asks to {verb(change)} {code(change.warehouse_name)}*",
        _facts(request),
        *changes_of(request),
        *([f"why: _{flat(clip(request.reason, 500))}_"] if request.reason else []),
        *([f"also open: {request.beside}"] if request.beside else []),
        *_warning(change),
    ]
    return message([*paragraphs(lines), context(_wait(request)), _buttons(request)])


def _wait(request: Request) -> str:
    parts = [f"{len(request.approvals)} of {request.needed} approvals"]
    parts += [f"approved by {approved_by(request)}"] if request.approvals else []
    parts.append(f"asked of {request.asked_of}")
    parts += [f"open until {day(request.expires_at)}"] if request.expires_at else []
    return " · ".join([*parts, f"`{request.id}`"])


def _buttons(request: Request) -> Block:
    act = act_of(request.change)
    destroys = verb(request.change) in {"delete", "disable"}
    more = request.needed - len(request.approvals) - 1
    then = f"It runs after {more} more." if more > 0 else "It runs at once."
    place = f"{bare(request.change.warehouse_name)} in {bare(request.change.space.slug)}. {then}"
    # A deletion asks for more than a press: the form that its button opens wants the name typed.
    ask = confirm(f"Approve this {act}?", place, f"Approve {act}", danger=destroys)
    typed = isinstance(request.change, Delete)
    style = "danger" if destroys else "primary"
    glass = [button("Break glass…", "glass", request.id)] if request.glass else []
    return actions(
        button(f"Approve {act}", "approve", request.id, style=style, confirm=None if typed else ask),
        button("Deny", "deny", request.id),
        button("Cancel", "cancel", request.id),
        *glass,
        block_id="decide",
    )


def act_of(change: Change) -> str:
    """The noun for the act, such as deletion or update."""
    nouns = {"create": "creation", "enable": "enabling", "disable": "disabling", "delete": "deletion"}
    return nouns.get(verb(change), "update")


def _warning(change: Change) -> Sequence[str]:
    match change:
        case Delete(target=target):
            stops = "Deleting stops the sync at once. " if target.enabled else ""
            return [f"{stops}Its credentials can't be read back, so undoing this needs them again."]
        case Update(enabled=False):
            return ["Nothing syncs to it then until it is enabled again."]
        case _:
            return []


def _facts(request: Request) -> str:
    change = request.change
    parts = [f"space {code(change.space.slug)}"]
    if isinstance(change, Create):
        return " · ".join([*parts, escape(change.type_name)])
    target = change.target
    parts += [escape(target.type_name), on(target.enabled)]
    parts += [f"schema {code(target.schema_name)}"] if target.schema_name else []
    return " · ".join([*parts, f"id {code(target.id)}"])


def changes_of(request: Request) -> Sequence[str]:
    """What is asked for, a line each; nothing for a deletion."""
    match request.change:
        case Create() as change:
            return _created(change)
        case Update() as change:
            return _updated(change)
        case Delete():
            return []


def _created(change: Create) -> Sequence[str]:
    replaced = [f"{escape(key)} _from secret_ {code(ref.name)}" for key, ref in change.secrets.items()]
    parts = [f"{len(change.settings)} settings", *replaced, "sync on" if change.enabled else "sync *off*"]
    return [" · ".join(parts)]


def _updated(change: Update) -> Sequence[str]:
    lines = [_difference(each) for each in differences(change)]
    lines += [f"{escape(key)} _replaced from secret_ {code(ref.name)}" for key, ref in change.secrets.items()]
    same = len(change.target.settings.keys() - change.settings.keys() - {"name"})
    if same and not change.only_switches:
        lines.append("1 setting stays as it is" if same == 1 else f"{same} settings stay as they are")
    return lines


def _state(request: Request) -> str:
    change, act = request.change, verb(request.change)
    match request.state, request.last:
        case State.SUCCEEDED, Succeed() as done:
            # Who looked after an answer was lost knows when it was seen, not when it happened.
            when = f"seen at {clock(done.at)}" if request.looked else clock(done.at)
            told = (_who(request), when, _seen(request, done))
            return f"✅ *{code(change.warehouse_name)} {_DONE[act]}* · {' · '.join(told)}"
        case State.FAILED, Fail() as failed:
            why = f"told by {person(failed.by)}: _{flat(failed.reason)}_" if failed.by else flat(failed.reason)
            return f"⛔ *{_NOT_DONE[act]}: {code(change.warehouse_name)}* · {why} · `{request.id}`"
        case State.DENIED, Deny() as denied:
            why = f": _{flat(denied.reason)}_" if denied.reason else ""
            return f"⛔ *{_NOT_DONE[act]}: {code(change.warehouse_name)}* · denied by {person(denied.by)}{why}"
        case State.EXPIRED, Expire() as expired:
            waited = _span((request.expires_at or expired.at) - request.asked_at)
            return f"⛔ *{_NOT_DONE[act]}: {code(change.warehouse_name)}* · nobody decided within {waited}"
        case State.CANCELLED, Cancel() as cancelled:
            by = f"cancelled by {person(cancelled.by)}" if cancelled.by else cancelled.reason
            return f"⛔ *{_NOT_DONE[act]}: {code(change.warehouse_name)}* · {by}"
        case State.SUPERSEDED, Supersede() as changed:
            what = "no longer exists" if changed.gone else "changed since it was asked"
            tail = "" if changed.gone else f"{_drift(changed)} · "
            return f"⚠️ *{_NOT_DONE[act]}: {code(change.warehouse_name)} {what}* · {tail}nothing was done"
        case State.UNKNOWN, Lose() as lost:
            once = " · nothing is created twice" if isinstance(change, Create) else ""
            return (
                f"⚠️ *Outcome unknown: {act} {code(change.warehouse_name)}* · {flat(lost.reason)} · "
                f"looking again at {clock(lost.again_at)}{once}"
            )
        case State.UNKNOWN, _:
            return f"⚠️ *Outcome unknown: {act} {code(change.warehouse_name)}* · looking…"
        case _:
            return f"⏳ {_running(request)} · {_DOING[act]} {code(change.warehouse_name)}…"


def _running(request: Request) -> str:
    return _approval(request) or f"asked by {person(request.asked_by)}"


def _approval(request: Request) -> str:
    if glass := request.broken_glass:
        return f"*glass broken* by {person(glass.by)}: _{flat(clip(glass.reason, 300))}_"
    return f"approved by {approved_by(request)}" if request.approvals else ""


def _span(time: timedelta) -> str:
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts)) or "a minute"


def _who(request: Request) -> str:
    approved = _approval(request)
    return f"asked by {person(request.asked_by)}{', ' if approved else ''}{approved}"


def _seen(request: Request, done: Succeed) -> str:
    if done.by:
        return f"told by {person(done.by)}: _{flat(done.note)}_"
    if not done.verified:
        return f"not verified: {escape(done.note)}"
    # Reading back tells what Segment holds, not whether it can connect with it.
    verified = "verified gone" if isinstance(request.change, Delete) else "read back as asked"
    return f"{verified}, {escape(done.note)}" if done.note else verified


def _drift(changed: Supersede) -> str:
    found = [_difference(each) for each in changed.drift]
    return ", ".join(found) or "a setting that is not shown"


def _difference(each: Difference) -> str:
    before, after = (code(value) if value else "_nothing_" for value in contrasted(each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def _where(request: Request) -> str:
    made = f" · id {code(request.warehouse_id)}" if request.warehouse_id else ""
    why = f" · why: _{flat(clip(request.reason, 300))}_" if request.reason else ""
    return f"space {code(request.change.space.slug)}{made} · `{request.id}`{why}"
