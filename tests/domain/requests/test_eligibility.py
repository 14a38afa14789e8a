"""Who may decide a request, and which votes still count when it is claimed."""

import pytest

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Change, Update
from bot.domain.decision_errors import ApprovalsUnverifiable
from bot.domain.errors import RequestClosed
from bot.domain.policy import Action, Policy, Rule
from bot.domain.requests.eligibility import (
    adopt_policy,
    find_decidable_actions,
    may_break_glass,
    may_decide,
    may_settle,
    revalidate,
)
from bot.domain.requests.request import Request, State
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Approve, BreakGlass, Disqualify, Revalidate, VoteRecount
from tests.support.request_samples import CREATE, DELETE, TARGET, asked
from tests.support.samples import ALICE, BOB, CAROL, later

RENAME_AND_ENABLE = Update(target=TARGET, name="x", enabled=True)
HOST_AND_DISABLE = Update(target=TARGET, settings={"hostname": "h"}, enabled=False)
DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER)
PEOPLE = {each.id: each for each in (ALICE, BOB, CAROL, DAN)}
DATA = frozenset({"S0DATA"})
POLICY = Policy.with_approvers(frozenset({"S0DATA", "U0DAN"}))


def rules(**by_action: Rule) -> Policy:
    return Policy(rules={Action(name): rule for name, rule in by_action.items()})


def vote(actor: Actor, change: Change, policy: Policy) -> Approve:
    return Approve(by=actor.id, at=later(1), actions=find_decidable_actions(actor, asked(change, policy), policy))


def check_again(request: Request, policy: Policy, *changed: Actor) -> Revalidate | Disqualify | None:
    return revalidate(request, PEOPLE | {each.id: each for each in changed}, policy, later(9))


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.MEMBER])
def test_only_members_decide(kind: ActorKind) -> None:
    actor = Actor(id="U0X", kind=kind, groups=DATA)
    assert not may_decide(actor, asked(DELETE, POLICY), POLICY).is_allowed
    assert not may_break_glass(actor, asked(DELETE, POLICY), rules(delete=Rule(break_glass=DATA))).is_allowed


def test_approvers_decide_as_people_or_through_their_group() -> None:
    request = asked(DELETE, POLICY)
    assert may_decide(BOB, request, POLICY).is_allowed
    assert may_decide(DAN, request, POLICY).is_allowed
    assert may_decide(Actor(id="U0EVE", kind=ActorKind.MEMBER), request, POLICY).reason == (
        "Only <!subteam^S0DATA>, <@U0DAN> can decide this request to delete a warehouse."
    )


def test_nobody_decides_their_own_request_or_its_repetitions() -> None:
    policy = Policy.with_approvers(frozenset({"U0ALICE", "U0BOB", "U0CAROL"}))
    own = may_decide(ALICE, asked(DELETE, policy), policy)
    assert own.reason.startswith("You asked for this, so somebody else has to decide it. Asked: <@U0ALICE>")
    repeated = asked(DELETE, policy, chain=("U0BOB",))
    assert may_decide(BOB, repeated, policy).reason.startswith("This repeats what you asked for, so somebody else")
    assert not may_settle(BOB, repeated, policy).is_allowed
    assert may_decide(CAROL, repeated, policy).is_allowed


def test_only_people_whom_the_rule_names_break_the_glass() -> None:
    policy = rules(delete=Rule(approvers=DATA, break_glass=frozenset({"U0DAN"})))
    assert may_break_glass(DAN, asked(DELETE, policy), policy).is_allowed
    assert may_break_glass(BOB, asked(DELETE, policy), policy).reason == "Only <@U0DAN> can break the glass here."
    assert may_break_glass(DAN, asked(CREATE, policy), policy).reason == "Nobody can break the glass here."


def test_enabling_without_approval_does_not_skip_the_approval_of_a_rename() -> None:
    policy = rules(rename=Rule(approvals=1, approvers=DATA), enable=Rule(approvals=0, approvers=DATA))
    request = asked(RENAME_AND_ENABLE, policy)
    assert [(each.action, each.approvals) for each in request.requirements] == [(Action.RENAME, 1)]
    assert not request.is_ready


def test_disabling_without_approval_does_not_skip_the_approvals_of_an_update() -> None:
    policy = rules(update=Rule(approvals=2, approvers=DATA), disable=Rule(approvals=0))
    assert asked(HOST_AND_DISABLE, policy).missing_approvals == 2


def test_each_rule_is_met_by_its_own_approvers() -> None:
    policy = rules(update=Rule(approvers=DATA), disable=Rule(approvers=frozenset({"U0DAN", "U0BOB"})))
    half = asked(HOST_AND_DISABLE, policy, vote(CAROL, HOST_AND_DISABLE, policy))
    assert [each.action for each in half.unmet_requirements] == [Action.DISABLE]
    assert advance(half, vote(DAN, HOST_AND_DISABLE, policy)).is_ready
    assert asked(HOST_AND_DISABLE, policy, vote(BOB, HOST_AND_DISABLE, policy)).is_ready  # both rules name him


def test_breaking_the_glass_takes_a_person_whom_every_unmet_rule_names() -> None:
    policy = rules(
        update=Rule(approvers=DATA, break_glass=frozenset({"U0DAN"})), disable=Rule(approvers=frozenset({"U0DAN"}))
    )
    request = asked(HOST_AND_DISABLE, policy)
    assert not may_break_glass(DAN, request, policy).is_allowed
    assert may_break_glass(DAN, advance(request, vote(DAN, HOST_AND_DISABLE, policy)), policy).is_allowed


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (BOB.model_copy(update={"kind": ActorKind.DEACTIVATED}), "the account is deactivated"),
        (BOB.model_copy(update={"kind": ActorKind.GUEST}), "they are a guest now"),
        (BOB.model_copy(update={"kind": ActorKind.OUTSIDER}), "they are no member of this workspace"),
        (BOB.model_copy(update={"groups": frozenset()}), "they are no longer among the approvers"),
    ],
)
def test_a_vote_counts_only_while_the_voter_is_eligible(actor: Actor, reason: str) -> None:
    ready = asked(DELETE, POLICY, vote(BOB, DELETE, POLICY))
    assert check_again(ready, POLICY) is None
    revalidation = check_again(ready, POLICY, actor)
    assert isinstance(revalidation, Revalidate)
    assert revalidation.votes == (VoteRecount(by=BOB.id, reason=reason),)
    waiting = advance(ready, revalidation)
    assert (waiting.is_ready, waiting.is_waiting, waiting.approvals) == (False, True, ())
    assert [each.by for each in waiting.void_votes] == [BOB.id]
    voted_again = advance(waiting, vote(BOB, DELETE, POLICY))  # once he is eligible again
    assert voted_again.is_ready
    assert voted_again.void_votes == ()


def test_a_vote_loses_only_the_actions_that_the_voter_may_no_longer_decide() -> None:
    before = rules(update=Rule(approvers=DATA), disable=Rule(approvers=DATA))
    after = rules(update=Rule(approvers=DATA), disable=Rule(approvers=frozenset({"U0DAN"})))
    ready = asked(HOST_AND_DISABLE, before, vote(BOB, HOST_AND_DISABLE, before))
    revalidation = check_again(ready, after)
    assert isinstance(revalidation, Revalidate)
    waiting = advance(ready, revalidation)
    assert [each.action for each in waiting.unmet_requirements] == [Action.DISABLE]
    assert waiting.void_votes[0].reason == "they are no longer among the approvers to disable a warehouse"
    assert waiting.requirements[-1].approvers == "<@U0DAN>"
    assert advance(waiting, vote(DAN, HOST_AND_DISABLE, after)).is_ready


def test_a_vote_of_a_person_in_the_chain_that_an_older_version_accepted_does_not_count() -> None:
    old = asked(DELETE, POLICY, Approve(by=BOB.id, at=later(1)), chain=(BOB.id,))
    revalidation = check_again(old, POLICY)
    assert isinstance(revalidation, Revalidate)
    assert revalidation.votes == (VoteRecount(by=BOB.id, reason="they asked for what this repeats"),)


def test_a_void_vote_that_is_not_needed_stops_nothing() -> None:
    three = Policy.with_approvers(frozenset({"S0DATA", "U0DAN"}))
    ready = asked(DELETE, three, vote(BOB, DELETE, three))
    strict = Policy(rules={Action.DELETE: Rule(approvals=2, approvers=frozenset({"S0DATA", "U0DAN"}))})
    assert isinstance(check_again(ready, strict), Revalidate)
    assert check_again(ready, three, CAROL.model_copy(update={"kind": ActorKind.GUEST})) is None


def test_a_stricter_policy_applies_to_waiting_requests_and_a_laxer_one_does_not() -> None:
    one, two = rules(delete=Rule(approvers=DATA)), rules(delete=Rule(approvals=2, approvers=DATA))
    revalidation = adopt_policy(asked(DELETE, one), two, later(9))
    assert revalidation is not None
    assert advance(asked(DELETE, one), revalidation).missing_approvals == 2
    assert adopt_policy(asked(DELETE, two), one, later(9)) is None
    assert adopt_policy(asked(DELETE, one), one, later(9)) is None
    free = asked(CREATE, Policy())
    result = check_again(free, rules(create=Rule(approvals=1, approvers=DATA)))
    assert isinstance(result, Revalidate)
    assert advance(free, result).is_waiting


def test_a_request_ends_if_the_requester_may_no_longer_ask_for_it() -> None:
    ready = asked(DELETE, POLICY, vote(BOB, DELETE, POLICY))
    gone = check_again(ready, POLICY, ALICE.model_copy(update={"kind": ActorKind.DEACTIVATED}))
    assert isinstance(gone, Disqualify)
    assert gone.reason.startswith("<@U0ALICE>, who asked for this, may not ask for it any more. This account")
    ended = advance(ready, gone)
    assert ended.state is State.CANCELLED
    narrow = rules(delete=Rule(approvers=DATA, requesters=DATA))
    assert isinstance(check_again(ready, narrow), Disqualify)
    assert isinstance(check_again(asked(CREATE, POLICY), rules(create=Rule(approvals=0, requesters=DATA))), Disqualify)


def test_a_break_glass_override_is_revalidated() -> None:
    policy = rules(delete=Rule(approvers=DATA, break_glass=frozenset({"U0DAN"})))
    ready = asked(DELETE, policy, BreakGlass(by="U0DAN", at=later(1), reason="urgent"))
    assert check_again(ready, policy) is None
    revalidation = check_again(ready, policy, DAN.model_copy(update={"kind": ActorKind.GUEST}))
    assert isinstance(revalidation, Revalidate)
    assert revalidation.glass == "they are a guest now"
    assert (advance(ready, revalidation).broken_glass, advance(ready, revalidation).is_waiting) == (None, True)
    assert isinstance(check_again(ready, rules(delete=Rule(approvers=DATA))), Revalidate)


def test_no_vote_is_lost_while_slack_can_not_say_who_a_person_is() -> None:
    unknown = BOB.model_copy(update={"kind": ActorKind.UNKNOWN})
    with pytest.raises(ApprovalsUnverifiable):
        check_again(asked(DELETE, POLICY, vote(BOB, DELETE, POLICY)), POLICY, unknown)
    with pytest.raises(ApprovalsUnverifiable):
        check_again(asked(CREATE, POLICY), POLICY, ALICE.model_copy(update={"kind": ActorKind.UNKNOWN}))
    two = rules(delete=Rule(approvals=2, approvers=DATA))
    both = asked(DELETE, two, vote(BOB, DELETE, two), vote(CAROL, DELETE, two))
    result = check_again(both, two, unknown, CAROL.model_copy(update={"kind": ActorKind.GUEST}))
    assert isinstance(result, Revalidate)  # with or without him, there are too few votes without hers
    assert [each.by for each in advance(both, result).approvals] == [BOB.id]


def test_a_revalidation_that_changes_nothing_is_refused() -> None:
    request = asked(DELETE, POLICY)
    with pytest.raises(RequestClosed):
        advance(request, Revalidate(at=later(9), requirements=request.requirements))
