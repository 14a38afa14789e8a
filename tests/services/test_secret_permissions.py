"""The rules for secrets, when a change is asked and again right before it is sent."""

import pytest

from bot.domain import errors as e
from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.policy import Action, Policy, Rule, SecretRule
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Claim, Fail
from bot.domain.warehouses import SecretRef, Warehouse
from bot.services.secret_permissions import SecretPermissions
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, CAROL, PROD, kind, later, warehouse
from tests.support.services import World

SERVER = {"hostname": "db.redshift.amazonaws.com", "port": "5439", "database": "d", "username": "u"}


def server(name: str, **more: str) -> Warehouse:
    there = warehouse(name, slug="redshift")
    return there.model_copy(update={"settings": {"name": name, **SERVER, **more}})


OLD = server("old")
ODD = server("odd", jdbc_url="evil.example.com")
RULES = {Action.UPDATE: Rule(approvers=frozenset({"S0DATA"})), Action.CREATE: Rule(approvals=0)}
SECRETS = {"password": SecretRef(name="LOADER")}
ROTATE = Update(target=WarehouseSnapshot.of(OLD), secrets=SECRETS)
NEW = Create(
    space=PROD,
    metadata_id=kind("redshift").metadata_id,
    type_slug="redshift",
    type_name="Redshift",
    name="new",
    settings=SERVER,
    secrets=SECRETS,
)


def policy(*users: str, host: str = "*.redshift.amazonaws.com") -> Policy:
    rule = SecretRule(users=frozenset(users), hosts=frozenset({host}))
    return Policy(rules=RULES, secrets={"LOADER": rule})


def world(store: SqlRequestStore, under: Policy, segment: FakeSegment | None = None, worker: str = "p1") -> World:
    return World(store, segment or FakeSegment(OLD), policy=under, worker=worker)


async def test_a_secret_goes_to_a_host_of_its_rule(store: SqlRequestStore) -> None:
    there = world(store, policy("everyone"))
    assert (await there.ask(NEW)).request.state is State.SUCCEEDED
    assert (await there.approve(await there.ask(ROTATE, once="t2"))).request.state is State.SUCCEEDED


@pytest.mark.parametrize(
    "change",
    [
        NEW.model_copy(update={"settings": SERVER | {"hostname": "evil.example.com"}}),
        ROTATE.model_copy(update={"settings": {"hostname": "evil.example.com"}}),
        ROTATE.model_copy(update={"settings": {"jdbc_url": "x"}}),
    ],
)
async def test_a_change_that_would_send_it_elsewhere_can_not_be_asked(
    store: SqlRequestStore, change: Create | Update
) -> None:
    there = world(store, policy("everyone"))
    with pytest.raises(e.NotAllowed, match=r"may only be sent to `\*.redshift.amazonaws.com`"):
        await there.ask(change)
    assert await store.list_open() == []


async def test_two_changes_can_not_do_what_one_may_not(store: SqlRequestStore) -> None:
    there = world(store, policy("everyone"), FakeSegment(OLD, ODD))
    with pytest.raises(e.NotAllowed, match="it has 1 setting that may not be shown"):
        await there.ask(Update(target=WarehouseSnapshot.of(ODD), secrets=SECRETS))


async def test_a_policy_that_became_stricter_holds_for_what_waits(store: SqlRequestStore) -> None:
    for number, stricter in enumerate((policy("everyone", host="other.example.com"), policy("S0DATA"), policy())):
        old = world(store, policy("everyone"))
        stored = await old.approvals.request(ROTATE, ALICE, "C0OPS", f"t{number}", "moved")
        await old.approvals.approve(stored.request.id, BOB)
        new = world(store, stricter)
        ended = await new.reconciler.reconcile(stored.request.id)
        assert _reason(ended).endswith("It was not sent to Segment.")
        assert "LOADER" in _reason(ended)
        assert new.segment.writes == []


async def test_a_requester_who_left_the_group_sends_nothing(store: SqlRequestStore) -> None:
    there = world(store, policy("S0DATA"))
    stored = await there.approvals.request(ROTATE, BOB, "C0OPS", "t1", "moved")
    await there.approvals.approve(stored.request.id, CAROL)
    there.directory.add(Actor(id="U0BOB", kind=ActorKind.MEMBER))
    assert "does not let the requester use the secret" in _reason(await there.reconciler.reconcile(stored.request.id))
    assert there.segment.writes == []


async def test_where_slack_can_not_tell_who_asked_the_host_is_checked_alone(store: SqlRequestStore) -> None:
    there = world(store, policy("S0DATA"))
    request = (await there.approvals.request(ROTATE, BOB, "C0OPS", "t1", "moved")).request
    there.directory.is_silent = True
    await SecretPermissions(there.policy, there.directory).recheck_request(request)
    elsewhere = policy("S0DATA", host="other.example.com")
    with pytest.raises(e.NotAllowed, match="may only be sent to"):
        await SecretPermissions(elsewhere, there.directory).recheck_request(request)


async def test_what_was_claimed_under_an_older_policy_is_checked_right_before_it_is_sent(
    store: SqlRequestStore,
) -> None:
    old = world(store, policy("everyone"))
    stored = await old.approvals.request(NEW, ALICE, "C0OPS", "t1")
    claimed = await store.advance(stored.request.id, Claim(by="p1", at=later(1), until=later(300)))
    new = world(store, policy("everyone", host="other.example.com"))
    ended = await new.executor.execute(claimed)
    assert "may only be sent to" in _reason(ended)
    assert new.segment.writes == []


def _reason(stored: StoredRequest) -> str:
    assert stored.request.state is State.FAILED
    assert isinstance(stored.request.last_transition, Fail)
    return stored.request.last_transition.reason
