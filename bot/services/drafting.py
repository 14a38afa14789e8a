"""What a new request is made of."""

import secrets
from datetime import datetime

from bot.domain.changes import Change
from bot.domain.policy import Rule, mentions
from bot.domain.requests import Request

#: Crockford's base 32: no letters that are taken for digits when somebody reads an id aloud.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """A request's id, short enough to say: one of a billion."""
    return "W-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def draft(
    change: Change,
    asked_by: str,
    channel: str,
    once: str,
    reason: str,
    rule: Rule,
    deserted: frozenset[str],
    now: datetime,
) -> Request:
    """The request for `change` under `rule`, of whose groups nobody is in those that are `deserted`."""
    waits = rule.approvals > 0
    return Request(
        id=new_id(),
        change=change,
        asked_by=asked_by,
        asked_in=channel,
        asked_at=now,
        needed=rule.approvals,
        asked_of=mentions(rule.approvers, deserted) or "nobody",
        reason=reason,
        payload=once,
        expires_at=now + rule.expires,
        remind_after=rule.remind if waits else None,
        escalate_at=now + rule.escalate if waits and rule.escalate else None,
        escalate_to=mentions(rule.escalate_to),
        glass=mentions(rule.break_glass) if waits else "",
    )


def following(request: Request, after: Request | None) -> Request:
    """`request` as one that asks for `after` again, if there is one: for its reason, in the words of who gave it."""
    if after is None:
        return request
    words = after.reason_by or after.asked_by
    reason_by = "" if words == request.asked_by else words
    return request.model_copy(update={"again_of": after.id, "reason": after.reason, "reason_by": reason_by})
