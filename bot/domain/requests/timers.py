"""The timers of a request: when to expire, escalate, remind, or let another process take over.

They compare times that the stored request has, so a restart forgets no timer. The times themselves are set when a
request is drafted (`services.request_drafts`).
"""

from datetime import datetime

from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Claim, Escalate, Expire, MarkUnknown, Remind

#: Beyond this many doublings the interval between two reminders no longer grows.
_MAX_DOUBLINGS = 16


def find_due_transition(request: Request, now: datetime) -> Expire | Escalate | Remind | None:
    """Return the transition that is due at `now` because of the time alone, or None.

    The first reminder is due `remind_after` after the request, and each interval is twice the one before. Reminders and
    the escalation are due only while the request waits for decisions.
    """
    if is_expiry_due(request, now):
        return Expire(at=now)
    if not request.is_waiting:
        return None
    if request.escalate_at and request.escalate_at <= now and not is_escalated(request):
        return Escalate(at=now)
    return _find_due_reminder(request, now)


def is_expiry_due(request: Request, now: datetime) -> bool:
    """Return whether the request expires: nobody decided it in time or, if it takes no approval, nobody claimed it."""
    can_expire = request.is_waiting or (request.is_ready and request.required_approvals == 0)
    return can_expire and request.expires_at is not None and request.expires_at <= now


def is_escalated(request: Request) -> bool:
    """Return whether the escalation was sent; a request has one at most."""
    return any(isinstance(transition, Escalate) for transition in request.history)


def is_takeover_due(request: Request, now: datetime) -> bool:
    """Return whether another process may claim the request: the lease ended, or the next verification is due."""
    match request.last_transition:
        case Claim(until=until):
            return until <= now
        case MarkUnknown(again_at=again_at):
            return again_at <= now
        case _:
            return False


def is_claimed_by_another(request: Request, worker: str) -> bool:
    """Return whether a process other than `worker` claimed it: a dead one, if `worker` is the only process."""
    return isinstance(request.last_transition, Claim) and request.last_transition.by != worker


def _find_due_reminder(request: Request, now: datetime) -> Remind | None:
    if request.remind_after is None:
        return None
    reminders = [transition for transition in request.history if isinstance(transition, Remind)]
    due_at = reminders[-1].again_at if reminders else request.asked_at + request.remind_after
    next_interval = request.remind_after * 2 ** min(len(reminders) + 1, _MAX_DOUBLINGS)
    return Remind(at=now, again_at=now + next_interval) if due_at <= now else None
