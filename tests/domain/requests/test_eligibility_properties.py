"""Properties of votes that hold for every change, every policy, and all facts about people at vote and at claim."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Change, Update
from bot.domain.decision_errors import ApprovalsUnverifiable
from bot.domain.policy import Action, Policy, Rule
from bot.domain.requests.eligibility import find_decidable_actions, find_people_to_revalidate, may_decide, revalidate
from bot.domain.requests.request import Request
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Approve
from tests.support.request_samples import CREATE, DELETE, TARGET, asked
from tests.support.samples import later

IDS = ("U0ALICE", "U0BOB", "U0CAROL", "U0DAN")
GROUPS = ("S0DATA", "S0OPS")
NAMES = st.frozensets(st.sampled_from([*IDS, *GROUPS]), max_size=4)
RULES = st.builds(Rule, approvals=st.integers(0, 3), approvers=NAMES, break_glass=NAMES)
POLICIES = st.dictionaries(st.sampled_from(list(Action)), RULES, max_size=6).map(lambda rules: Policy(rules=rules))
CHANGES = st.one_of(
    st.just(DELETE),
    st.just(CREATE),
    st.builds(
        Update,
        target=st.just(TARGET),
        name=st.sampled_from([None, "x"]),
        enabled=st.sampled_from([None, True, False]),
        settings=st.sampled_from([{}, {"hostname": "h"}]),
    ),
)
ACTORS = st.fixed_dictionaries(
    {
        each: st.builds(
            Actor,
            id=st.just(each),
            kind=st.sampled_from([ActorKind.MEMBER, ActorKind.MEMBER, ActorKind.MEMBER, *ActorKind]),
            groups=st.frozensets(st.sampled_from(GROUPS)),
        )
        for each in IDS
    }
)


def _approve_until_ready(request: Request, people: Mapping[str, Actor], policy: Policy) -> Request:
    """Return the request after everybody who may approve it did so in turn, until it is ready."""
    for actor in people.values():
        if request.is_waiting and may_decide(actor, request, policy).is_allowed:
            actions = find_decidable_actions(actor, request, policy)
            request = advance(request, Approve(by=actor.id, at=later(1), actions=actions))
    return request


def _assert_every_rule_met(request: Request, people: Mapping[str, Actor], policy: Policy) -> None:
    for rule in policy.rules_for(request.change).values():
        voters = {each.by for each in request.approvals}
        eligible_voters = {
            each
            for each in voters
            if people[each].kind is ActorKind.MEMBER
            and people[each].is_among(rule.approvers)
            and each not in request.initiators
        }
        assert len(eligible_voters) >= rule.approvals


@given(change=CHANGES, policy=POLICIES, people=ACTORS, chain=st.lists(st.sampled_from(IDS), max_size=2).map(tuple))
def test_a_ready_request_has_enough_eligible_approvers_for_every_rule(
    change: Change, policy: Policy, people: Mapping[str, Actor], chain: tuple[str, ...]
) -> None:
    request = _approve_until_ready(asked(change, policy, chain=chain), people, policy)
    if request.is_ready:
        _assert_every_rule_met(request, people, policy)


@given(change=CHANGES, before=POLICIES, after=POLICIES, people=ACTORS, later_people=ACTORS)
def test_a_request_is_executed_only_if_its_votes_count_at_the_claim(
    change: Change, before: Policy, after: Policy, people: Mapping[str, Actor], later_people: Mapping[str, Actor]
) -> None:
    request = _approve_until_ready(asked(change, before), people, before)
    if not request.is_ready:
        return
    assert find_people_to_revalidate(request) <= later_people.keys()
    try:
        transition = revalidate(request, later_people, after, later(9))
    except ApprovalsUnverifiable:
        assert any(later_people[each].kind is ActorKind.UNKNOWN for each in find_people_to_revalidate(request))
        return
    if transition is None:
        _assert_every_rule_met(request, later_people, after)
        assert later_people[request.asked_by].kind is ActorKind.MEMBER
    else:
        assert not advance(request, transition).is_ready
