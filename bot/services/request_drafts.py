"""What a new request is made of."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.actors import UserGroup
from bot.domain.changes.change import Change
from bot.domain.policy import Policy, Rule, format_mentions
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import derive_requirements

#: Crockford's base 32: no letters that are taken for digits when somebody reads an id aloud.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_request_id() -> str:
    """A request's id, short enough to say: one of a billion."""
    return "W-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def draft_request(
    change: Change,
    asked_by: str,
    channel: str,
    idempotency_key: str,
    reason: str,
    policy: Policy,
    groups: Mapping[str, UserGroup],
    now: datetime,
) -> Request:
    """The request for `change` under `policy`. `groups` are the facts about the groups among its approvers.

    Of the times in the rules of its actions, the soonest holds: of those that take approvals, where some do. Everybody
    is told whom one of them escalates to.
    """
    rules = policy.rules_for(change)
    waiting = [rule for rule in rules.values() if rule.approvals]
    lasting = waiting or rules.values()
    escalations = [rule.escalate for rule in waiting if rule.escalate]
    return Request(
        id=new_request_id(),
        change=change,
        asked_by=asked_by,
        asked_in=channel,
        asked_at=now,
        requirements=derive_requirements(change, policy, groups),
        reason=reason,
        payload=idempotency_key,
        expires_at=now + min(rule.expires for rule in lasting),
        remind_after=min((rule.remind for rule in waiting if rule.remind), default=None),
        escalate_at=now + min(escalations) if escalations else None,
        escalate_to=format_mentions(frozenset().union(*(rule.escalate_to for rule in waiting))),
        glass=_glass(waiting),
    )


def _glass(rules: Sequence[Rule]) -> str:
    """Who may break the glass, as mentions: those whom every rule names, be it through different groups."""
    named = [rule.break_glass for rule in rules]
    if not named or not all(named):
        return ""
    return format_mentions(named[0].intersection(*named) or named[0].union(*named))


def extend_chain(request: Request, before: Request) -> Request:
    """`request` as one that repeats `before`: whoever asked for that one does not approve this one either."""
    return request.model_copy(update={"chain": (*before.chain, before.asked_by)})


def mark_as_asked_again(request: Request, again_of: Request | None) -> Request:
    """`request` as one that asks for `again_of` again, if there is one: for its reason, in the words of who gave it."""
    if again_of is None:
        return request
    words = again_of.reason_by or again_of.asked_by
    reason_by = "" if words == request.asked_by else words
    update = {"again_of": again_of.id, "reason": again_of.reason, "reason_by": reason_by}
    return extend_chain(request, again_of).model_copy(update=update)
