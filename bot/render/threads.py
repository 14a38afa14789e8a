"""Replies in the thread of a card: decisions, reminders and the outcome."""

from collections.abc import Sequence

from bot.domain.changes.change import change_verb
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import (
    Approve,
    BreakGlass,
    Cancel,
    Deny,
    Disqualify,
    Escalate,
    Expire,
    Fail,
    MarkUnknown,
    Remind,
    Revalidate,
    Succeed,
    Supersede,
    Transition,
)
from bot.domain.text import truncate
from bot.domain.warehouses import Warehouse
from bot.render.approvals import describe_requirements
from bot.render.blocks import Message, render_message, section
from bot.render.inventory import describe_warehouse
from bot.render.mrkdwn import code, escape_and_truncate, format_date_time, mention
from bot.render.states import describe_state


def render_thread_reply(request: Request, transition: Transition, warehouse: Warehouse | None) -> Message | None:
    """Return the reply about `transition`, if it needs one; an outcome shows the current warehouse, redacted."""
    match transition:
        case Approve(by=by):
            return render_message([section(f"{mention(by)} approved.")])
        case BreakGlass(by=by, reason=reason):
            why = escape_and_truncate(truncate(reason, 500))
            return render_message(
                [section(f"{request.approver_mentions}: {mention(by)} broke the glass, without your approval: _{why}_")]
            )
        case Remind() if request.is_waiting:
            return render_message([section(f"{request.approver_mentions}: {_describe_waiting(request)}")])
        case Escalate() if request.is_waiting:
            return render_message(
                [section(f"{request.escalate_to}: nobody has decided yet. {_describe_waiting(request)}")]
            )
        case Revalidate():
            return render_message([section("\n".join(_describe_revalidation(request, transition)))])
        case Deny() | Cancel() | Disqualify() | Expire() | Supersede() | Succeed() | Fail():
            return _render_outcome(request, warehouse)
        case MarkUnknown() if request.unknown_count == 1:
            return render_message([section(f"{mention(request.asked_by)}, {describe_state(request)}")])
        case _:
            return None


def _render_outcome(request: Request, warehouse: Warehouse | None) -> Message:
    blocks = [section(f"{mention(request.asked_by)}, the outcome of `{request.id}`: {describe_state(request)}")]
    if warehouse is not None:
        blocks.append(section("\n".join(describe_warehouse(warehouse))))
    return render_message(blocks)


def _describe_revalidation(request: Request, transition: Revalidate) -> Sequence[str]:
    lines = [
        f"The approval of {mention(each.by)} no longer counts: {each.reason}."
        for each in transition.votes
        if each.reason
    ]
    lines += [f"The glass counts as unbroken again: {transition.glass}."] if transition.glass else []
    changed = [] if lines else ["The policy changed, and it applies to requests that wait."]
    takes = [f"It now has {line}." for line in describe_requirements(request)] if request.is_waiting else []
    return [f"{request.approver_mentions}: {' '.join([*changed, *lines])}", *takes]


def _describe_waiting(request: Request) -> str:
    until = f" until {format_date_time(request.expires_at)}" if request.expires_at else ""
    asks = f"{mention(request.asked_by)} asks to {change_verb(request.change)} {code(request.change.warehouse_name)}"
    return f"{asks}, and it waits for a decision{until}."
