"""May this actor decide a request, settle it, or break its glass? And do the decisions about it still count?

Rules are those in force; the number of approvals is never lower than when the request was asked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import change_verb
from bot.domain.decision_errors import ApprovalsUnverifiable
from bot.domain.policy import Action, Policy, Verdict, actions_of, check_membership, format_mentions, may_request
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import Requirement, is_same_requirement, tighten_requirements
from bot.domain.requests.transitions import Approve, Disqualify, Revalidate, VoteRecount
from bot.domain.requests.votes import find_unmet_requirements

#: Why somebody's decision does not count any more, as part of a sentence.
_NO_LONGER = {
    ActorKind.GUEST: "they are a guest now",
    ActorKind.OUTSIDER: "they are no member of this workspace",
    ActorKind.BOT: "it is a bot's",
    ActorKind.DEACTIVATED: "the account is deactivated",
}
_NOT_NAMED = "they are no longer among the approvers"


def find_decidable_actions(actor: Actor, request: Request, policy: Policy) -> tuple[Action, ...]:
    """The actions of `request` whose rules name `actor` as an approver, also where they take no approval (yet)."""
    rules = policy.rules_for(request.change)
    return tuple(action for action, rule in rules.items() if actor.is_among(rule.approvers))


def may_decide(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Whether `actor` may approve or deny `request`. Nobody decides what they asked for, or what repeats it."""
    if not (verdict := check_membership(actor)).is_allowed:
        return verdict
    asked = _required(request, policy)
    who = ", ".join(dict.fromkeys(each.approvers_with_note for each in asked)) or "nobody"
    if not any(actor.is_among(policy.rule_for(each.action).approvers) for each in asked):
        return Verdict(reason=f"Only {who} can decide this request to {change_verb(request.change)} a warehouse.")
    if actor.id == request.asked_by:
        return Verdict(reason=f"You asked for this, so somebody else has to decide it. Asked: {who}.")
    if actor.id in request.chain:
        return Verdict(reason=f"This repeats what you asked for, so somebody else has to decide it. Asked: {who}.")
    return Verdict()


def may_settle(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Whether `actor` may tell what came of `request`: who may decide it; where it took no approval, who may ask it."""
    if _required(request, policy):
        return may_decide(actor, request, policy)
    return may_request(actor, request.change, policy)


def may_break_glass(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Whether `actor` may run `request` without the approvals that it lacks: each of their rules has to name them."""
    if not (verdict := check_membership(actor)).is_allowed:
        return verdict
    lacking = find_unmet_requirements(_required(request, policy), request.approvals)
    return _may_skip(actor, lacking, policy)


def adopt_policy(request: Request, policy: Policy, at: datetime) -> Revalidate | None:
    """The move that makes a waiting request take what `policy` demands; None where it does so already."""
    wanted = _required(request, policy)
    same = len(wanted) == len(request.requirements) and all(map(is_same_requirement, wanted, request.requirements))
    return None if same or not request.is_waiting else Revalidate(at=at, requirements=wanted)


def find_people_to_revalidate(request: Request) -> frozenset[str]:
    """Everybody whose facts decide whether `request` may begin: who asked, who approved, who broke the glass."""
    glass = request.broken_glass
    return frozenset({request.asked_by, *(vote.by for vote in request.approvals), *([glass.by] if glass else [])})


def revalidate(
    request: Request, people: Mapping[str, Actor], policy: Policy, at: datetime
) -> Revalidate | Disqualify | None:
    """What a ready request comes to, measured by `people` as they are now and the policy in force; None: it may begin.

    `people` holds everybody of `people_behind`. Whoever Slack can't say anything about loses no vote.

    Raises:
        PeopleUnknown: whether it may begin depends on somebody about whom Slack can't say anything now.
    """
    requester = people[request.asked_by]
    if requester.kind is ActorKind.UNKNOWN:
        raise ApprovalsUnverifiable
    if not (verdict := may_request(requester, request.change, policy)).is_allowed:
        reason = f"{requester.mention}, who asked for this, may not ask for it any more. {verdict.reason}"
        return Disqualify(at=at, reason=reason)
    wanted, votes = _required(request, policy), request.approvals
    known = [vote for vote in votes if people[vote.by].kind is not ActorKind.UNKNOWN]
    found = {vote.by: _recounted(vote, people[vote.by], request, policy) for vote in known}
    lacking = find_unmet_requirements(wanted, _still_counting(known, found))
    if not lacking:
        return None
    glass = _glass_problem(request, people, lacking, policy)
    if glass is None:
        return None
    if len(known) < len(votes) and not find_unmet_requirements(wanted, [*_still_counting(votes, found)]):
        raise ApprovalsUnverifiable
    changed = tuple(found[vote.by] for vote in known if found[vote.by].actions != vote.actions)
    return Revalidate(at=at, requirements=wanted, votes=changed, glass=glass)


def _required(request: Request, policy: Policy) -> tuple[Requirement, ...]:
    return tighten_requirements(request.requirements, request.change, policy)


def _recounted(vote: Approve, actor: Actor, request: Request, policy: Policy) -> VoteRecount:
    if actor.kind is not ActorKind.MEMBER:
        return VoteRecount(by=vote.by, reason=_NO_LONGER[actor.kind])
    if actor.id in request.initiators:
        return VoteRecount(by=vote.by, reason="they asked for what this repeats")
    now = find_decidable_actions(actor, request, policy)
    before = actions_of(request.change) if vote.actions is None else vote.actions
    counted = {each.action for each in _required(request, policy)}
    lost = [action for action in Action if action in before and action in counted and action not in now]
    if not lost:
        return VoteRecount(by=vote.by, actions=now)
    where = f" to {' and '.join(lost)} a warehouse" if set(lost) < counted else ""
    return VoteRecount(by=vote.by, actions=now, reason=f"{_NOT_NAMED}{where}")


def _still_counting(votes: Sequence[Approve], found: Mapping[str, VoteRecount]) -> list[Approve]:
    recounted = [
        vote.model_copy(update={"actions": found[vote.by].actions}) if vote.by in found else vote for vote in votes
    ]
    return [vote for vote in recounted if vote.actions != ()]


def _glass_problem(
    request: Request, people: Mapping[str, Actor], lacking: Sequence[Requirement], policy: Policy
) -> str | None:
    """Why the approvals in `lacking` are not skipped: empty where nobody skipped them; None where they are skipped."""
    if request.broken_glass is None:
        return ""
    actor = people[request.broken_glass.by]
    if actor.kind is ActorKind.UNKNOWN:
        raise ApprovalsUnverifiable
    if actor.kind is not ActorKind.MEMBER:
        return _NO_LONGER[actor.kind]
    return None if _may_skip(actor, lacking, policy).is_allowed else "they may no longer break the glass here"


def _may_skip(actor: Actor, lacking: Sequence[Requirement], policy: Policy) -> Verdict:
    rules = [policy.rule_for(each.action) for each in lacking]
    refusing = [rule for rule in rules if not actor.is_among(rule.break_glass)]
    if rules and not refusing:
        return Verdict()
    who = format_mentions(refusing[0].break_glass) if refusing else ""
    return Verdict(reason=f"Only {who} can break the glass here." if who else "Nobody can break the glass here.")
