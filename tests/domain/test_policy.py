"""What needs an approval, who may ask, look and use secrets."""

import pytest

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot
from bot.domain.policy import (
    NO_APPROVERS,
    Action,
    Policy,
    Rule,
    actions_of,
    may_request,
    may_view_requests,
    may_view_warehouses,
)
from bot.domain.warehouses import SecretRef
from tests.support.samples import ALICE, BOB, PROD, warehouse

POLICY = Policy.with_approvers(frozenset({"S0DATA", "U0DAN"}))
DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER)
TARGET = WarehouseSnapshot.of(warehouse())
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
    assert set(POLICY.rules_for(change)) == actions


def test_a_small_team_approves_what_destroys_or_touches_a_connection() -> None:
    needed = {action for action in Action if POLICY.rule_for(action).approvals}
    assert needed == {Action.UPDATE, Action.DISABLE, Action.DELETE}


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.MEMBER])
def test_only_members_ask(kind: ActorKind) -> None:
    actor = Actor(id="U0X", kind=kind, groups=frozenset({"S0DATA"}))
    assert may_request(actor, CREATE, POLICY).reason.endswith(".")


def test_without_approvers_nothing_destructive_can_be_asked() -> None:
    assert may_request(ALICE, DELETE, Policy()).reason == NO_APPROVERS
    assert may_request(ALICE, CREATE, Policy()).is_allowed
    assert may_request(ALICE, Update(target=TARGET, enabled=True, settings={"a": "b"}), Policy()).reason == NO_APPROVERS


def test_a_rule_of_its_own_takes_the_place_of_the_default() -> None:
    strict = Policy(rules={Action.CREATE: Rule(approvals=2, approvers=frozenset({"S0DATA"}))})
    assert strict.rule_for(Action.CREATE).approvals == 2
    assert strict.rule_for(Action.DELETE).approvals == 1


def test_who_may_ask_can_be_limited() -> None:
    policy = Policy(rules={Action.CREATE: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    assert may_request(BOB, CREATE, policy).is_allowed
    assert may_request(ALICE, CREATE, policy).reason == "Only <!subteam^S0DATA> can ask to create a warehouse."


def test_the_rule_of_every_action_has_to_let_the_requester() -> None:
    policy = Policy(rules={Action.RENAME: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    both = Update(target=TARGET, name="x", enabled=True)
    assert may_request(ALICE, Update(target=TARGET, enabled=True), policy).is_allowed
    assert may_request(ALICE, both, policy).reason == "Only <!subteam^S0DATA> can ask to rename a warehouse."
    assert may_request(BOB, both, policy).is_allowed


def test_guests_look_and_outsiders_do_not() -> None:
    lets = {kind for kind in ActorKind if may_view_warehouses(Actor(id="U1", kind=kind)).is_allowed}
    assert not lets & {ActorKind.OUTSIDER, ActorKind.BOT}
    assert {ActorKind.MEMBER, ActorKind.GUEST} <= lets


def test_requests_and_their_history_are_shown_to_members_and_to_nobody_else() -> None:
    shown = {kind for kind in ActorKind if may_view_requests(Actor(id="U1", kind=kind)).is_allowed}
    assert shown == {ActorKind.MEMBER}
    assert "Look again" in may_view_requests(Actor(id="U1", kind=ActorKind.UNKNOWN)).reason
    assert "you can list and show warehouses" in may_view_requests(Actor(id="U1", kind=ActorKind.GUEST)).reason
