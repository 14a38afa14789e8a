"""Who may ask, who may decide, and what needs an approval."""

import pytest

from bot.domain.actors import Actor, Kind
from bot.domain.changes import Change, Create, Delete, Target, Update
from bot.domain.policy import (
    NO_APPROVERS,
    Action,
    Policy,
    Rule,
    action_of,
    may_ask,
    may_break_glass,
    may_decide,
    may_look,
    may_read_requests,
)
from bot.domain.warehouses import SecretRef
from tests.support.samples import ALICE, BOB, PROD, warehouse

POLICY = Policy.of(frozenset({"S0DATA", "U0DAN"}))
DAN = Actor(id="U0DAN", kind=Kind.MEMBER)
TARGET = Target.of(warehouse())
DELETE = Delete(target=TARGET)
CREATE = Create(space=PROD, metadata_id="m", type_slug="snowflake", type_name="Snowflake", name="new")


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        (DELETE, 1),
        (CREATE, 0),
        (Update(target=TARGET, enabled=False), 1),
        (Update(target=TARGET, enabled=True), 0),
        (Update(target=TARGET, name="renamed"), 0),
        (Update(target=TARGET, name="renamed", enabled=True), 0),
        (Update(target=TARGET, schema_name="other"), 1),
        (Update(target=TARGET, settings={"database": "D"}), 1),
        (Update(target=TARGET, secrets={"password": SecretRef(name="X")}), 1),
    ],
)
def test_what_needs_an_approval(change: Change, needed: int) -> None:
    assert POLICY.rule(change).approvals == needed


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MEMBER])
def test_only_members_ask_and_decide(kind: Kind) -> None:
    actor = Actor(id="U0X", kind=kind, groups=frozenset({"S0DATA"}))
    assert not may_ask(actor, CREATE, POLICY).ok
    assert not may_decide(actor, DELETE, ALICE.id, POLICY).ok
    assert may_ask(actor, CREATE, POLICY).reason.endswith(".")


def test_approvers_decide_as_people_or_through_their_group() -> None:
    assert may_decide(BOB, DELETE, ALICE.id, POLICY).ok
    assert may_decide(Actor(id="U0DAN", kind=Kind.MEMBER), DELETE, ALICE.id, POLICY).ok
    assert not may_decide(ALICE, DELETE, "U0OTHER", POLICY).ok


def test_nobody_decides_their_own() -> None:
    verdict = may_decide(BOB, DELETE, BOB.id, POLICY)
    assert verdict.reason == (
        "You asked for this, so somebody else has to decide it. Asked: <!subteam^S0DATA>, <@U0DAN>."
    )


def test_without_approvers_nothing_destructive_can_be_asked() -> None:
    assert may_ask(ALICE, DELETE, Policy()).reason == NO_APPROVERS
    assert may_ask(ALICE, CREATE, Policy()).ok
    assert not may_decide(BOB, DELETE, ALICE.id, Policy()).ok


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (DELETE, Action.DELETE),
        (CREATE, Action.CREATE),
        (Update(target=TARGET, enabled=False, settings={"a": "b"}), Action.DISABLE),
        (Update(target=TARGET, enabled=True, settings={"a": "b"}), Action.UPDATE),
        (Update(target=TARGET, enabled=True, name="x"), Action.ENABLE),
        (Update(target=TARGET, name="x"), Action.RENAME),
    ],
)
def test_the_strictest_part_of_a_change_names_its_action(change: Change, action: Action) -> None:
    assert action_of(change) is action


def test_a_rule_of_its_own_takes_the_place_of_the_default() -> None:
    strict = Policy(rules={Action.CREATE: Rule(approvals=2, approvers=frozenset({"S0DATA"}))})
    assert strict.rule(CREATE).approvals == 2
    assert strict.rule(DELETE).approvals == 1


def test_who_may_ask_can_be_limited() -> None:
    policy = Policy(rules={Action.CREATE: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    assert may_ask(BOB, CREATE, policy).ok
    assert may_ask(ALICE, CREATE, policy).reason == "Only <!subteam^S0DATA> can ask to create a warehouse."


def test_only_those_named_break_the_glass() -> None:
    policy = Policy(rules={Action.DELETE: Rule(break_glass=frozenset({"U0DAN"}))})
    assert may_break_glass(DAN, DELETE, policy).ok
    assert may_break_glass(BOB, DELETE, policy).reason == "Only <@U0DAN> can break the glass here."
    assert may_break_glass(DAN, CREATE, policy).reason == "Nobody can break the glass here."
    assert not may_break_glass(Actor(id="U0DAN", kind=Kind.GUEST), DELETE, policy).ok


def test_guests_look_and_outsiders_do_not() -> None:
    assert may_look(Kind.MEMBER).ok
    assert may_look(Kind.GUEST).ok
    assert not may_look(Kind.OUTSIDER).ok
    assert not may_look(Kind.BOT).ok


def test_requests_are_shown_to_members_and_guests_and_to_nobody_else() -> None:
    shown = {kind for kind in Kind if may_read_requests(Actor(id="U1", kind=kind)).ok}
    assert shown == {Kind.MEMBER, Kind.GUEST}
    assert "Look again" in may_read_requests(Actor(id="U1", kind=Kind.UNKNOWN)).reason
