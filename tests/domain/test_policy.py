"""What needs an approval, who may ask, look and use secrets."""

import pytest

from bot.domain.actors import Actor, Kind
from bot.domain.changes.change import Change, Create, Delete, Target, Update
from bot.domain.policy import (
    NO_APPROVERS,
    Action,
    Policy,
    Rule,
    actions_of,
    may_ask,
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
    ("change", "actions"),
    [
        (DELETE, {Action.DELETE}),
        (CREATE, {Action.CREATE}),
        (Update(target=TARGET, enabled=False), {Action.DISABLE}),
        (Update(target=TARGET, enabled=True), {Action.ENABLE}),
        (Update(target=TARGET, name="renamed"), {Action.RENAME}),
        (Update(target=TARGET, schema_name="other"), {Action.UPDATE}),
        (Update(target=TARGET, settings={"database": "D"}), {Action.UPDATE}),
        (Update(target=TARGET, secrets={"password": SecretRef(name="X")}), {Action.UPDATE}),
        (Update(target=TARGET, name="renamed", enabled=True), {Action.RENAME, Action.ENABLE}),
        (Update(target=TARGET, settings={"hostname": "h"}, enabled=False), {Action.UPDATE, Action.DISABLE}),
        (
            Update(target=TARGET, name="n", schema_name="s", enabled=True),
            {Action.UPDATE, Action.RENAME, Action.ENABLE},
        ),
        (Update(target=TARGET), {Action.UPDATE}),
    ],
)
def test_a_change_is_every_action_in_it(change: Change, actions: set[Action]) -> None:
    assert actions_of(change) == actions
    assert set(POLICY.rules_of(change)) == actions


def test_a_small_team_approves_what_destroys_or_touches_a_connection() -> None:
    needed = {action for action in Action if POLICY.rule_of(action).approvals}
    assert needed == {Action.UPDATE, Action.DISABLE, Action.DELETE}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MEMBER])
def test_only_members_ask(kind: Kind) -> None:
    actor = Actor(id="U0X", kind=kind, groups=frozenset({"S0DATA"}))
    assert may_ask(actor, CREATE, POLICY).reason.endswith(".")


def test_without_approvers_nothing_destructive_can_be_asked() -> None:
    assert may_ask(ALICE, DELETE, Policy()).reason == NO_APPROVERS
    assert may_ask(ALICE, CREATE, Policy()).ok
    assert may_ask(ALICE, Update(target=TARGET, enabled=True, settings={"a": "b"}), Policy()).reason == NO_APPROVERS


def test_a_rule_of_its_own_takes_the_place_of_the_default() -> None:
    strict = Policy(rules={Action.CREATE: Rule(approvals=2, approvers=frozenset({"S0DATA"}))})
    assert strict.rule_of(Action.CREATE).approvals == 2
    assert strict.rule_of(Action.DELETE).approvals == 1


def test_who_may_ask_can_be_limited() -> None:
    policy = Policy(rules={Action.CREATE: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    assert may_ask(BOB, CREATE, policy).ok
    assert may_ask(ALICE, CREATE, policy).reason == "Only <!subteam^S0DATA> can ask to create a warehouse."


def test_the_rule_of_every_action_has_to_let_the_requester() -> None:
    policy = Policy(rules={Action.RENAME: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    both = Update(target=TARGET, name="x", enabled=True)
    assert may_ask(ALICE, Update(target=TARGET, enabled=True), policy).ok
    assert may_ask(ALICE, both, policy).reason == "Only <!subteam^S0DATA> can ask to rename a warehouse."
    assert may_ask(BOB, both, policy).ok


def test_guests_look_and_outsiders_do_not() -> None:
    lets = {kind for kind in Kind if may_look(Actor(id="U1", kind=kind)).ok}
    assert not lets & {Kind.OUTSIDER, Kind.BOT}
    assert {Kind.MEMBER, Kind.GUEST} <= lets


def test_requests_and_their_history_are_shown_to_members_and_to_nobody_else() -> None:
    shown = {kind for kind in Kind if may_read_requests(Actor(id="U1", kind=kind)).ok}
    assert shown == {Kind.MEMBER}
    assert "Look again" in may_read_requests(Actor(id="U1", kind=Kind.UNKNOWN)).reason
    assert "you can list and show warehouses" in may_read_requests(Actor(id="U1", kind=Kind.GUEST)).reason
