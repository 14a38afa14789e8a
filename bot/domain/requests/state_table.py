"""The table of the moves that a request can make, and the times at which time alone makes one.

    pending ──► denied | cancelled | expired | superseded
       │ every requirement met, claimed by one process
       ▼
    executing ──► succeeded | failed | unknown ──► succeeded | failed   (after looking)

A move that the table does not hold raises Closed and changes nothing.
"""

from datetime import datetime

from bot.domain.errors import RequestClosed
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request, State
from bot.domain.requests.status_text import describe_status
from bot.domain.requests.transitions import (
    Approve,
    BreakGlass,
    Cancel,
    Claim,
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
from bot.domain.requests.votes import is_new_vote

#: (state, move) → the state afterwards. What is not here is not possible.
STATE_TABLE: dict[tuple[State, type[FrozenModel]], State] = {
    (State.PENDING, Approve): State.PENDING,
    (State.PENDING, BreakGlass): State.PENDING,
    (State.PENDING, Remind): State.PENDING,
    (State.PENDING, Escalate): State.PENDING,
    (State.PENDING, Revalidate): State.PENDING,
    (State.PENDING, Disqualify): State.CANCELLED,
    (State.PENDING, Deny): State.DENIED,
    (State.PENDING, Expire): State.EXPIRED,
    (State.PENDING, Cancel): State.CANCELLED,
    (State.PENDING, Supersede): State.SUPERSEDED,
    (State.PENDING, Claim): State.EXECUTING,
    (State.PENDING, Fail): State.FAILED,
    (State.EXECUTING, Claim): State.EXECUTING,
    (State.EXECUTING, Succeed): State.SUCCEEDED,
    (State.EXECUTING, Fail): State.FAILED,
    (State.EXECUTING, MarkUnknown): State.UNKNOWN,
    (State.UNKNOWN, Claim): State.UNKNOWN,
    (State.UNKNOWN, Succeed): State.SUCCEEDED,
    (State.UNKNOWN, Fail): State.FAILED,
    (State.UNKNOWN, MarkUnknown): State.UNKNOWN,
}


def advance(request: Request, move: Transition) -> Request:
    """The request after `move`.

    Raises:
        Closed: the move is not possible any more, with what has happened instead.
    """
    after = STATE_TABLE.get((request.state, type(move)))
    if after is None or not _timely(request, move):
        raise RequestClosed(describe_status(request, move.at))
    return apply_unchecked(request, move, after)


def apply_unchecked(request: Request, move: Transition, state: State) -> Request:
    """The request that `move` makes of this one, and leads to `state`. Whether it may is not checked."""
    update: dict[str, object] = {"state": state, "history": (*request.history, move)}
    if isinstance(move, Revalidate):
        update["requirements"] = move.requirements
    return request.model_copy(update=update)


def find_due_transition(request: Request, now: datetime) -> Expire | Escalate | Remind | None:
    """The move that time alone makes of a request that waits for people, or for its card, if one is due at `now`.

    Computed from what is stored, so that a restart forgets no timer. A reminder comes after `remind_after`, the next
    after twice that, then four times, and so on.
    """
    if _overdue(request, now):
        return Expire(at=now)
    if not request.is_waiting:
        return None
    if request.escalate_at and request.escalate_at <= now and not _made(request, Escalate):
        return Escalate(at=now)
    if request.remind_after is None:
        return None
    reminders = [move for move in request.history if isinstance(move, Remind)]
    next_at = reminders[-1].again_at if reminders else request.asked_at + request.remind_after
    wait = request.remind_after * 2 ** min(len(reminders) + 1, 16)
    return Remind(at=now, again_at=now + wait) if next_at <= now else None


def _made(request: Request, kind: type[FrozenModel]) -> bool:
    return any(isinstance(move, kind) for move in request.history)


def _timely(request: Request, move: Transition) -> bool:
    match move:
        case Approve():
            return _still_open(request, move.at) and is_new_vote(move, request.approvals)
        case Revalidate():
            return _changes(request, move)
        case BreakGlass() | Remind():
            return _still_open(request, move.at)
        case Escalate():
            return _still_open(request, move.at) and not _made(request, Escalate)
        case Expire():
            return _overdue(request, move.at)
        case Cancel(by=""):
            return request.required_approvals == 0 or request.is_waiting
        case Deny() | Cancel():
            return _still_open(request, move.at)
        case Claim():
            free = is_takeover_due(request, move.at) or (move.alone and is_claimed_by_another(request, move.by))
            return (request.is_ready and not _overdue(request, move.at)) or free
        case Succeed() | Fail() | MarkUnknown():
            return _heard(request, move)
        case _:
            return True


def _changes(request: Request, move: Revalidate) -> bool:
    votes = {vote.by: vote.actions for vote in request.approvals}
    recounted = any(each.by in votes and each.actions != votes[each.by] for each in move.votes)
    unbroken = bool(move.glass) and request.broken_glass is not None
    return move.requirements != request.requirements or recounted or unbroken


def _heard(request: Request, outcome: Succeed | Fail | MarkUnknown) -> bool:
    if not isinstance(outcome, MarkUnknown) and outcome.by:
        return request.can_be_settled
    # Whoever lost its claim meanwhile has nothing to say any more.
    return not outcome.worker or request.last_claim is None or request.last_claim.by == outcome.worker


def _overdue(request: Request, at: datetime) -> bool:
    """Whether nobody decided in time; or, where nobody had to, nothing was begun in time."""
    open_ended = request.is_waiting or (request.is_ready and request.required_approvals == 0)
    return open_ended and request.expires_at is not None and request.expires_at <= at


def _still_open(request: Request, at: datetime) -> bool:
    return request.is_waiting and (request.expires_at is None or at < request.expires_at)


def is_takeover_due(request: Request, now: datetime) -> bool:
    """Whether another process should take over: a lease ran out, or it is time to look again."""
    match request.last_transition:
        case Claim(until=until):
            return until <= now
        case MarkUnknown(again_at=again_at):
            return again_at <= now
        case _:
            return False


def is_claimed_by_another(request: Request, worker: str) -> bool:
    """Whether another process than `worker` holds it: a dead one, where `worker` is the only process there is."""
    return isinstance(request.last_transition, Claim) and request.last_transition.by != worker
