"""The state table: which transitions a request can make, and when each of them is allowed.

pending ──► denied | cancelled | expired | superseded | failed
   │ every requirement is met, and one process claims it
   ▼
executing ──► succeeded | failed | unknown ──► succeeded | failed   (after verification)
"""

from bot.domain.errors import RequestClosed
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request, State
from bot.domain.requests.status_text import describe_status
from bot.domain.requests.timers import is_claimed_by_another, is_escalated, is_expiry_due, is_takeover_due
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

#: (state, transition) → the state afterwards. A pair that is missing is not possible.
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


def advance(request: Request, transition: Transition) -> Request:
    """Return the request after `transition`.

    Raises:
        RequestClosed: the request does not allow the transition (any more); the error says what happened to it.
    """
    state = STATE_TABLE.get((request.state, type(transition)))
    if state is None or not _is_allowed(request, transition):
        raise RequestClosed(describe_status(request, transition.at))
    return apply_unchecked(request, transition, state)


def apply_unchecked(request: Request, transition: Transition, state: State) -> Request:
    """Return the request in `state` after `transition`, without checking whether the transition is allowed."""
    update: dict[str, object] = {"state": state, "history": (*request.history, transition)}
    if isinstance(transition, Revalidate):
        update["requirements"] = transition.requirements
    return request.model_copy(update=update)


def _is_allowed(request: Request, transition: Transition) -> bool:
    """Return whether `request` allows `transition`, which the table has for its state, at the transition's time."""
    match transition:
        case Approve():
            return _is_undecided(request, transition) and is_new_vote(transition, request.approvals)
        case Revalidate():
            return _has_effect(request, transition)
        case Escalate():
            return _is_undecided(request, transition) and not is_escalated(request)
        case Expire():
            return is_expiry_due(request, transition.at)
        case Cancel(by=""):
            return request.required_approvals == 0 or request.is_waiting
        case BreakGlass() | Remind() | Deny() | Cancel():
            return _is_undecided(request, transition)
        case Claim():
            return _can_claim(request, transition)
        case Succeed() | Fail() | MarkUnknown():
            return _can_report(request, transition)
        case _:
            return True


def _is_undecided(request: Request, transition: Transition) -> bool:
    """Return whether the request waits for decisions, and has not expired at the time of `transition`."""
    return request.is_waiting and (request.expires_at is None or transition.at < request.expires_at)


def _has_effect(request: Request, revalidation: Revalidate) -> bool:
    votes = {vote.by: vote.actions for vote in request.approvals}
    changes_votes = any(each.by in votes and each.actions != votes[each.by] for each in revalidation.votes)
    voids_broken_glass = bool(revalidation.glass) and request.broken_glass is not None
    return revalidation.requirements != request.requirements or changes_votes or voids_broken_glass


def _can_claim(request: Request, claim: Claim) -> bool:
    if request.is_ready and not is_expiry_due(request, claim.at):
        return True
    return is_takeover_due(request, claim.at) or (claim.alone and is_claimed_by_another(request, claim.by))


def _can_report(request: Request, outcome: Succeed | Fail | MarkUnknown) -> bool:
    """Return whether the outcome comes from a person who may settle the request, or from the process that claimed it.

    A process whose claim another process took over can't report an outcome any more.
    """
    if not isinstance(outcome, MarkUnknown) and outcome.by:
        return request.can_be_settled
    return not outcome.worker or request.last_claim is None or request.last_claim.by == outcome.worker
