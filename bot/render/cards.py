"""Render the card of a request: its state (text in `states`), its change and its buttons."""

from collections.abc import Sequence

from bot.domain.changes.change import Change, Create, Delete, Update, change_verb
from bot.domain.requests.request import Request, State
from bot.domain.requests.transitions import Supersede
from bot.domain.text import to_one_line, truncate
from bot.render.approvals import describe_approval_effect, describe_requirements, describe_void_votes
from bot.render.blocks import Block, Message, actions, button, confirmation, context, render_message, section, sections
from bot.render.changes import change_noun, describe_change, limit_lines, redact_host
from bot.render.mrkdwn import (
    code,
    escape,
    format_date_time,
    format_plain_name,
    format_sync_state,
    mention,
    truncate_middle,
)
from bot.render.phrases import describe_reason, mention_approvers
from bot.render.states import describe_state

#: Characters for a change: with the rest of the card, fewer than Slack's 50 blocks hold.
_CHANGES = 60_000

#: Characters of a confirmation dialog.
_QUESTION = 300


def render_card(request: Request, followed: str = "") -> Message:
    """Return the card of `request`. `followed` is a line (mrkdwn) about the request that repeats it, if any."""
    if request.is_waiting:
        return _render_pending(request)
    lines = [describe_state(request)]
    if request.state in {State.SUCCEEDED, State.EXECUTING, State.UNKNOWN} or request.is_ready:
        lines += limit_lines(describe_change(request), _CHANGES)
    after = [] if followed else _action_buttons(request)
    lines += [followed] if followed else []
    return render_message([*sections(lines), context(_describe_place(request)), *([actions(*after)] if after else [])])


def describe_successor(request: Request, link: str | None) -> str:
    """Return the line that links to `request`, which repeats one that ended; `link` is the address of its card."""
    where = f"<{link}|its card>" if link else "`/warehouse pending` leads to its card"
    return f"asked again by {mention(request.asked_by)} as `{request.id}`: {where}"


def render_duplicate_card(request: Request, link: str | None) -> Message:
    """Return the text of an extra card of `request`: a link to the card that is kept up to date."""
    where = f"<{link}|its card>" if link else "its other card"
    asks = f"{mention(request.asked_by)} asked to {change_verb(request.change)} {code(request.change.warehouse_name)}"
    return render_message([section(f"{asks}: see {where}."), context(f"`{request.id}`")])


def _action_buttons(request: Request) -> Sequence[Block]:
    """Return the buttons of a request that has ended: ask again, settle, recreate or undo."""
    change = request.change
    match request.state:
        case State.EXPIRED | State.SUPERSEDED | State.CANCELLED if not isinstance(
            change, Create
        ) and not _is_warehouse_gone(request):
            label = "Ask again with this state" if request.state is State.SUPERSEDED else "Ask again"
            return [button(label, "again", request.id)]
        case State.UNKNOWN if request.can_be_settled:
            return [button("Settle…", "settle", request.id)]
        case State.SUCCEEDED if isinstance(change, Delete):
            return [button("Recreate…", "recreate", request.id)]
        case State.SUCCEEDED if isinstance(change, Update):
            return [button("Undo…", "undo", request.id)]
        case _:
            return []


def _is_warehouse_gone(request: Request) -> bool:
    return isinstance(request.last_transition, Supersede) and request.last_transition.gone


def _render_pending(request: Request) -> Message:
    change, changes = request.change, describe_change(request)
    shown = limit_lines(changes, _CHANGES)
    lines = [
        f"⏳ *{mention(request.asked_by)} asks to {change_verb(change)} {code(change.warehouse_name)}*",
        _describe_target(request),
        *shown,
        *filter(None, [describe_reason(request, 500)]),
        *([f"also open: {request.beside}"] if request.beside else []),
        *_describe_consequences(change),
        *(describe_requirements(request) if len(request.requirements) > 1 else []),
        *describe_void_votes(request),
    ]
    # Without the approve button where the card does not show the whole change.
    buttons = _decision_buttons(request, approvable=len(shown) == len(changes))
    return render_message([*sections(lines), context(_describe_waiting(request)), buttons])


def _describe_waiting(request: Request) -> str:
    parts = [*describe_requirements(request)] if len(request.requirements) == 1 else []
    parts += [f"approved by {mention_approvers(request)}"] if request.approvals else []
    parts += [f"open until {format_date_time(request.expires_at)}"] if request.expires_at else []
    return " · ".join([*parts, f"`{request.id}`"])


def _decision_buttons(request: Request, *, approvable: bool) -> Block:
    act = change_noun(request.change)
    destroys = change_verb(request.change) in {"delete", "disable"}
    # A deletion needs no confirmation: its button opens a dialog that requires the name.
    ask = confirmation(f"Approve this {act}?", _confirmation_text(request), f"Approve {act}", danger=destroys)
    typed = isinstance(request.change, Delete)
    style = "danger" if destroys else "primary"
    approve = button(f"Approve {act}", "approve", request.id, style=style, confirm=None if typed else ask)
    glass = [button("Break glass…", "glass", request.id)] if request.glass else []
    return actions(
        *([approve] if approvable else []),
        button("Deny", "deny", request.id),
        button("Cancel", "cancel", request.id),
        *(glass if approvable else []),
        block_id="decide",
    )


def _confirmation_text(request: Request) -> str:
    change = request.change
    then = describe_approval_effect(request)
    place = f"{format_plain_name(change.warehouse_name)} in {format_plain_name(change.space.slug)}{_format_id(change)}."
    host = to_one_line(redact_host(change))
    to = "It connects to {}."
    leads = to.format(truncate_middle(host, _QUESTION - len(f"{place} {to} {then}"))) if host else ""
    return " ".join(filter(None, [place, leads, then]))


def _format_id(change: Change) -> str:
    return "" if isinstance(change, Create) else f" (id {truncate(format_plain_name(change.target.id), 40)})"


def _describe_consequences(change: Change) -> Sequence[str]:
    match change:
        case Delete(target=target):
            stops = "Deleting stops the sync at once. " if target.enabled else ""
            return [f"{stops}Its credentials can't be read back, so undoing this needs them again."]
        case Update(enabled=False):
            return ["Nothing syncs to it then until it is enabled again."]
        case _:
            return []


def _describe_target(request: Request) -> str:
    change = request.change
    parts = [f"space {code(change.space.slug)}"]
    if isinstance(change, Create):
        return " · ".join(parts)
    target = change.target
    parts += [escape(target.type_name), format_sync_state(target.enabled)]
    parts += [f"schema {code(target.schema_name)}"] if target.schema_name else []
    return " · ".join([*parts, f"id {code(target.id)}"])


def _describe_place(request: Request) -> str:
    made = f" · id {code(request.warehouse_id)}" if request.warehouse_id else ""
    parts = [f"space {code(request.change.space.slug)}{made}", f"`{request.id}`", describe_reason(request, 300)]
    return " · ".join(filter(None, parts))
