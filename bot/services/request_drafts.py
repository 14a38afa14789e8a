"""What a new request is made of."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.actors import Group
from bot.domain.changes.change import Change
from bot.domain.policy import Policy, Rule, mentions
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import requirements_of

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
    policy: Policy,
    groups: Mapping[str, Group],
    now: datetime,
) -> Request:
    """The request for `change` under `policy`. `groups` are the facts about the groups among its approvers.

    Of the times in the rules of its actions, the soonest holds: of those that take approvals, where some do. Everybody
    is told whom one of them escalates to.
    """
    rules = policy.rules_of(change)
    waiting = [rule for rule in rules.values() if rule.approvals]
    lasting = waiting or rules.values()
    escalations = [rule.escalate for rule in waiting if rule.escalate]
    return Request(
        id=new_id(),
        change=change,
        asked_by=asked_by,
        asked_in=channel,
        asked_at=now,
        requirements=requirements_of(change, policy, groups),
        reason=reason,
        payload=once,
        expires_at=now + min(rule.expires for rule in lasting),
        remind_after=min((rule.remind for rule in waiting if rule.remind), default=None),
        escalate_at=now + min(escalations) if escalations else None,
        escalate_to=mentions(frozenset().union(*(rule.escalate_to for rule in waiting))),
        glass=_glass(waiting),
    )


def _glass(rules: Sequence[Rule]) -> str:
    """Who may break the glass, as mentions: those whom every rule names, be it through different groups."""
    named = [rule.break_glass for rule in rules]
    if not named or not all(named):
        return ""
    return mentions(named[0].intersection(*named) or named[0].union(*named))


def repeating(request: Request, before: Request) -> Request:
    """`request` as one that repeats `before`: whoever asked for that one does not approve this one either."""
    return request.model_copy(update={"chain": (*before.chain, before.asked_by)})


def following(request: Request, after: Request | None) -> Request:
    """`request` as one that asks for `after` again, if there is one: for its reason, in the words of who gave it."""
    if after is None:
        return request
    words = after.reason_by or after.asked_by
    reason_by = "" if words == request.asked_by else words
    update = {"again_of": after.id, "reason": after.reason, "reason_by": reason_by}
    return repeating(request, after).model_copy(update=update)
