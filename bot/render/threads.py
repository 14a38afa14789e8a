"""What the thread under a card tells: each decision, each reminder, and what came of it."""

from collections.abc import Sequence

from bot.domain.changes.change import verb
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
    Lose,
    Move,
    Remind,
    Revalidate,
    Succeed,
    Supersede,
)
from bot.domain.warehouses import Warehouse
from bot.render.approvals import requirement_lines
from bot.render.blocks import Message, message, section
from bot.render.inventory import describe
from bot.render.mrkdwn import clip, code, day, flat, person
from bot.render.states import headline_of


def tell(request: Request, move: Move, warehouse: Warehouse | None) -> Message | None:
    """The line about `move`, if anybody needs to hear of it; with the warehouse as it is now, redacted."""
    match move:
        case Approve(by=by):
            return message([section(f"{person(by)} approved.")])
        case BreakGlass(by=by, reason=reason):
            why = flat(clip(reason, 500))
            return message(
                [section(f"{request.asked_of}: {person(by)} broke the glass, without your approval: _{why}_")]
            )
        case Remind() if request.waiting:
            return message([section(f"{request.asked_of}: {_waits(request)}")])
        case Escalate() if request.waiting:
            return message([section(f"{request.escalate_to}: nobody has decided yet. {_waits(request)}")])
        case Revalidate():
            return message([section("\n".join(_measured_anew(request, move)))])
        case Deny() | Cancel() | Disqualify() | Expire() | Supersede() | Succeed() | Fail():
            return _end(request, warehouse)
        case Lose() if request.lost == 1:
            return message([section(f"{person(request.asked_by)}, {headline_of(request)}")])
        case _:
            return None


def _end(request: Request, warehouse: Warehouse | None) -> Message:
    blocks = [section(f"{person(request.asked_by)}, the outcome of `{request.id}`: {headline_of(request)}")]
    if warehouse is not None:
        blocks.append(section("\n".join(describe(warehouse))))
    return message(blocks)


def _measured_anew(request: Request, move: Revalidate) -> Sequence[str]:
    lines = [
        f"The approval of {person(each.by)} no longer counts: {each.reason}." for each in move.votes if each.reason
    ]
    lines += [f"The glass counts as unbroken again: {move.glass}."] if move.glass else []
    changed = [] if lines else ["The policy changed, and it applies to requests that wait."]
    takes = [f"It now has {line}." for line in requirement_lines(request)] if request.waiting else []
    return [f"{request.asked_of}: {' '.join([*changed, *lines])}", *takes]


def _waits(request: Request) -> str:
    until = f" until {day(request.expires_at)}" if request.expires_at else ""
    asks = f"{person(request.asked_by)} asks to {verb(request.change)} {code(request.change.warehouse_name)}"
    return f"{asks}, and it waits for a decision{until}."
