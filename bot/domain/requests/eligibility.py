"""Eligibility: who may decide a request, settle it or break its glass, and whether its votes still count.

The rules of the current policy apply, but the number of approvals is never lower than when the request was asked.
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

#: Why the decision of such an actor does not count, as a part of a sentence.
_INELIGIBLE_KIND = {
    ActorKind.GUEST: "they are a guest now",
    ActorKind.OUTSIDER: "they are no member of this workspace",
    ActorKind.BOT: "it is a bot's",
    ActorKind.DEACTIVATED: "the account is deactivated",
}
_NOT_NAMED = "they are no longer among the approvers"


def find_decidable_actions(actor: Actor, request: Request, policy: Policy) -> tuple[Action, ...]:
    """Return the actions of `request` whose rules name `actor` as an approver, even if they need no approval."""
    rules = policy.rules_for(request.change)
    return tuple(action for action, rule in rules.items() if actor.is_among(rule.approvers))


def may_decide(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Return whether `actor` may approve or deny `request`. Nobody decides their own request or its repetitions."""
    if not (verdict := check_membership(actor)).is_allowed:
        return verdict
    requirements = _current_requirements(request, policy)
    approvers = ", ".join(dict.fromkeys(each.approvers_with_note for each in requirements)) or "nobody"
    if not any(actor.is_among(policy.rule_for(each.action).approvers) for each in requirements):
        return Verdict(reason=f"Only {approvers} can decide this request to {change_verb(request.change)} a warehouse.")
    if actor.id == request.asked_by:
        return Verdict(reason=f"You asked for this, so somebody else has to decide it. Asked: {approvers}.")
    if actor.id in request.chain:
        return Verdict(
            reason=f"This repeats what you asked for, so somebody else has to decide it. Asked: {approvers}."
        )
    return Verdict()


def may_settle(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Return whether `actor` may settle the outcome of `request`.

    Those who may decide it may settle it; if it needs no approval, those who may ask for it.
    """
    if _current_requirements(request, policy):
        return may_decide(actor, request, policy)
    return may_request(actor, request.change, policy)


def may_break_glass(actor: Actor, request: Request, policy: Policy) -> Verdict:
    """Return whether `actor` may run `request` without its missing approvals: the rule of each must name them."""
    if not (verdict := check_membership(actor)).is_allowed:
        return verdict
    unmet = find_unmet_requirements(_current_requirements(request, policy), request.approvals)
    return _may_skip(actor, unmet, policy)


def adopt_policy(request: Request, policy: Policy, at: datetime) -> Revalidate | None:
    """Return the transition that gives a waiting request the requirements of `policy`; None if that changes nothing."""
    current = _current_requirements(request, policy)
    same = len(current) == len(request.requirements) and all(map(is_same_requirement, current, request.requirements))
    return None if same or not request.is_waiting else Revalidate(at=at, requirements=current)


def find_people_to_revalidate(request: Request) -> frozenset[str]:
    """Return the ids of the requester, the approvers and the person who broke the glass.

    Facts about them decide whether `request` may be executed.
    """
    override = request.broken_glass
    return frozenset({request.asked_by, *(vote.by for vote in request.approvals), *([override.by] if override else [])})


def revalidate(
    request: Request, people: Mapping[str, Actor], policy: Policy, at: datetime
) -> Revalidate | Disqualify | None:
    """Check a ready request against the current `policy` and the current facts about `people`.

    `people` has everybody whom `find_people_to_revalidate` returns. A person about whom Slack can't say anything loses
    no vote.

    Returns:
        The transition that takes the readiness away, or None if the request may be executed.

    Raises:
        ApprovalsUnverifiable: the result depends on a person about whom Slack can't say anything now.
    """
    if disqualification := _check_requester(request, people[request.asked_by], policy, at):
        return disqualification
    requirements, votes = _current_requirements(request, policy), request.approvals
    known_votes = [vote for vote in votes if people[vote.by].kind is not ActorKind.UNKNOWN]
    recounts = {vote.by: _recount(vote, people[vote.by], request, policy) for vote in known_votes}
    unmet = find_unmet_requirements(requirements, _apply_recounts(known_votes, recounts))
    if not unmet:
        return None
    glass_problem = _find_glass_problem(request, people, unmet, policy)
    if glass_problem is None:
        return None
    if len(known_votes) < len(votes) and not find_unmet_requirements(requirements, _apply_recounts(votes, recounts)):
        raise ApprovalsUnverifiable
    changed = tuple(recounts[vote.by] for vote in known_votes if recounts[vote.by].actions != vote.actions)
    return Revalidate(at=at, requirements=requirements, votes=changed, glass=glass_problem)


def _check_requester(request: Request, requester: Actor, policy: Policy, at: datetime) -> Disqualify | None:
    if requester.kind is ActorKind.UNKNOWN:
        raise ApprovalsUnverifiable
    if (verdict := may_request(requester, request.change, policy)).is_allowed:
        return None
    reason = f"{requester.mention}, who asked for this, may not ask for it any more. {verdict.reason}"
    return Disqualify(at=at, reason=reason)


def _current_requirements(request: Request, policy: Policy) -> tuple[Requirement, ...]:
    return tighten_requirements(request.requirements, request.change, policy)


def _recount(vote: Approve, actor: Actor, request: Request, policy: Policy) -> VoteRecount:
    """Return what the vote of `actor` counts for now."""
    if actor.kind is not ActorKind.MEMBER:
        return VoteRecount(by=vote.by, reason=_INELIGIBLE_KIND[actor.kind])
    if actor.id in request.initiators:
        return VoteRecount(by=vote.by, reason="they asked for what this repeats")
    actions = find_decidable_actions(actor, request, policy)
    earlier_actions = actions_of(request.change) if vote.actions is None else vote.actions
    required_actions = {each.action for each in _current_requirements(request, policy)}
    lost_actions = (required_actions & set(earlier_actions)) - set(actions)
    if not lost_actions:
        return VoteRecount(by=vote.by, actions=actions)
    names = " and ".join(action for action in Action if action in lost_actions)
    scope = f" to {names} a warehouse" if lost_actions < required_actions else ""
    return VoteRecount(by=vote.by, actions=actions, reason=f"{_NOT_NAMED}{scope}")


def _apply_recounts(votes: Sequence[Approve], recounts: Mapping[str, VoteRecount]) -> list[Approve]:
    """Return the votes that count after the recounts; a vote without a recount counts as before."""
    recounted = [
        vote.model_copy(update={"actions": recounts[vote.by].actions}) if vote.by in recounts else vote
        for vote in votes
    ]
    return [vote for vote in recounted if vote.actions != ()]


def _find_glass_problem(
    request: Request, people: Mapping[str, Actor], unmet: Sequence[Requirement], policy: Policy
) -> str | None:
    """Return None if breaking the glass replaces the `unmet` approvals, "" if nobody broke it, else why it is void."""
    if request.broken_glass is None:
        return ""
    actor = people[request.broken_glass.by]
    if actor.kind is ActorKind.UNKNOWN:
        raise ApprovalsUnverifiable
    if actor.kind is not ActorKind.MEMBER:
        return _INELIGIBLE_KIND[actor.kind]
    return None if _may_skip(actor, unmet, policy).is_allowed else "they may no longer break the glass here"


def _may_skip(actor: Actor, unmet: Sequence[Requirement], policy: Policy) -> Verdict:
    rules = [policy.rule_for(each.action) for each in unmet]
    refusing_rules = [rule for rule in rules if not actor.is_among(rule.break_glass)]
    if rules and not refusing_rules:
        return Verdict()
    people = format_mentions(refusing_rules[0].break_glass) if refusing_rules else ""
    return Verdict(reason=f"Only {people} can break the glass here." if people else "Nobody can break the glass here.")
