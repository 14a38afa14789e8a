"""Quorum, reasons, expiry, reminders, escalation, broken glass, and the trail of what was refused."""

from datetime import timedelta

import pytest

from bot.domain import errors as e
from bot.domain.actors import Actor, ActorKind
from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import Delete, Update, WarehouseSnapshot
from bot.domain.policy import Action, Policy, Rule, SecretRule
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Approve, BreakGlass, Cancel
from bot.domain.warehouses import SecretRef
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, CAROL, warehouse
from tests.support.services import World

NAME = "prod-snowflake"
SNOW = warehouse(NAME, account="acme", database="PROFILES")
BOSS = Actor(id="U0BOSS", kind=ActorKind.MEMBER)
DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER, groups=frozenset({"S0DATA"}))
RULE = Rule(
    approvals=2,
    approvers=frozenset({"S0DATA"}),
    expires=timedelta(hours=4),
    remind=timedelta(minutes=30),
    escalate=timedelta(hours=1),
    escalate_to=frozenset({"U0BOSS"}),
    break_glass=frozenset({"U0BOSS", "U0ALICE"}),
)


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW), policy=Policy(rules={Action.DELETE: RULE}))


async def ask(world: World) -> StoredRequest:
    stored = await world.approvals.request(Delete(target=WarehouseSnapshot.of(SNOW)), ALICE, "C0OPS", "t1", "moved")
    return await world.reconciler.reconcile(stored.request.id)


async def kinds(world: World) -> list[str]:
    return [move.kind for _, move, _ in world.cards.announced]


async def test_a_quorum_takes_two_people(world: World) -> None:
    waiting = await ask(world)
    assert (await world.approve(waiting, BOB)).request.state is State.PENDING
    with pytest.raises(e.RequestClosed):
        await world.approve(waiting, BOB)
    assert world.segment.writes == []
    assert (await world.approve(waiting, CAROL)).request.state is State.SUCCEEDED
    assert len(world.segment.writes) == 1


async def test_nobody_deciding_in_time_is_expired_and_not_denied(world: World) -> None:
    waiting = await ask(world)
    world.clock.advance(4 * 3600)
    with pytest.raises(e.RequestClosed, match="expired"):
        await world.approve(waiting)  # also before anybody has noted that it expired
    again = World(world.store, world.segment)  # a restart forgets no timer
    again.clock.time = world.clock.time
    await again.reconciler.reconcile_due()
    assert await again.state(waiting) is State.EXPIRED
    assert again.cards.updated[-1].state is State.EXPIRED
    assert world.segment.writes == []


async def test_a_vote_before_the_expiry_counts_and_one_at_it_does_not(world: World) -> None:
    waiting = await ask(world)
    world.clock.advance(4 * 3600 - 1)
    await world.vote(waiting, BOB)
    world.clock.advance(1)
    with pytest.raises(e.RequestClosed):
        await world.vote(waiting, CAROL)


async def test_reminders_come_less_and_less_often_and_one_each_time(world: World) -> None:
    await ask(world)
    for minutes in (29, 2, 0, 58, 2, 120):
        world.clock.advance(minutes * 60)
        await world.reconciler.reconcile_due()
    # at 31 min, an hour after that, two hours after that; at 89 min only the escalation was due
    assert await kinds(world) == ["remind", "escalate", "remind", "remind"]


async def test_an_escalation_is_told_once(world: World) -> None:
    await ask(world)
    world.clock.advance(3600)
    for _ in range(3):
        await world.reconciler.reconcile_due()
    assert (await kinds(world)).count("escalate") == 1


async def test_broken_glass_skips_the_quorum_and_stays_marked(world: World) -> None:
    waiting = await ask(world)
    with pytest.raises(e.NotAllowed, match="break the glass"):
        await world.approvals.break_glass(waiting.request.id, BOB, "urgent")
    await world.approvals.break_glass(
        waiting.request.id, ALICE, "urgent", NAME
    )  # also of one's own: that is what it is for
    done = await world.reconciler.reconcile(waiting.request.id)
    assert done.request.state is State.SUCCEEDED
    assert done.request.broken_glass is not None
    assert done.request.broken_glass.reason == "urgent"
    assert "break" in await kinds(world)
    with pytest.raises(e.RequestClosed):
        await world.approvals.break_glass(waiting.request.id, BOSS, "again")


async def test_who_may_not_even_open_the_dialog_is_told_why(world: World) -> None:
    waiting = await ask(world)
    for kind in (Approve, BreakGlass):
        with pytest.raises(e.NotAllowed):
            await world.approvals.check_can_vote(waiting.request.id, Actor(id="U0X", kind=ActorKind.GUEST), kind)
    assert (await world.approvals.check_can_vote(waiting.request.id, BOB, Approve)).id == waiting.request.id


async def test_every_refused_try_is_in_the_trail(world: World) -> None:
    waiting = await ask(world)
    outsider = Actor(id="U0MALLORY", kind=ActorKind.OUTSIDER)
    for request_id, actor in (
        (waiting.request.id, ALICE),
        (waiting.request.id, outsider),
        ("W-FORGED", BOB),
    ):
        with pytest.raises(e.BotError):
            await world.approvals.approve(request_id, actor)
    await world.vote(waiting, BOB)
    with pytest.raises(e.RequestClosed):
        await world.vote(waiting, BOB)
    with pytest.raises(e.NotAllowed):
        await world.approvals.cancel(waiting.request.id, BOB)
    trail = AuditLog(world.store._engine)
    entries = [AuditEntry.model_validate_json(each.entry_json) async for each in trail.read_entries()]
    refused = [(each.action, each.actor, each.request_id != "W-FORGED") for each in entries if each.refused]
    assert refused == [
        ("approve", "U0ALICE", True),
        ("approve", "U0MALLORY", True),
        ("approve", "U0BOB", False),
        ("approve", "U0BOB", True),
        ("cancel", "U0BOB", True),
    ]
    assert (await trail.verify()).problems == ()


async def test_a_denied_ask_leaves_a_trace_and_no_request(world: World) -> None:
    with pytest.raises(e.NotAllowed):
        await world.approvals.request(
            Delete(target=WarehouseSnapshot.of(SNOW)), Actor(id="U0G", kind=ActorKind.GUEST), "C0OPS", "t9"
        )
    assert await world.store.list_open() == []
    entries = [
        AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(world.store._engine).read_entries()
    ]
    assert [(each.action, each.actor) for each in entries] == [("ask to delete", "U0G")]


async def test_a_painter_who_is_overtaken_paints_again(world: World) -> None:
    waiting = await ask(world)
    original = world.cards.update

    async def slow(request: object, card: object) -> None:
        await original(request, card)  # type: ignore[arg-type]  # handed on
        if len(world.cards.updated) == 1:  # while Slack takes this picture, somebody else moves the request
            await world.store.advance(waiting.request.id, Cancel(by=ALICE.id, at=world.clock.now()))

    world.cards.update = slow  # type: ignore[method-assign]  # it stands in for it
    await world.vote(waiting, BOB)
    await world.reconciler.reconcile(waiting.request.id)
    assert [each.state for each in world.cards.updated] == [State.PENDING, State.CANCELLED]


USERS = Policy(rules={Action.UPDATE: RULE}, secrets={"LOADER": SecretRule(users=frozenset({"S0DATA"}))})
LOADER = {"password": SecretRef(name="LOADER")}


async def test_a_secret_is_asked_for_by_those_who_may_use_it(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW), policy=USERS)
    change = Update(target=WarehouseSnapshot.of(SNOW), secrets=LOADER)
    with pytest.raises(e.NotAllowed, match="The secret `LOADER` is for <!subteam"):
        await world.approvals.request(change, ALICE, "C0OPS", "t1", "moved")
    assert await store.list_open() == []
    entries = [AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(store._engine).read_entries()]
    assert [entry.refused for entry in entries] == ["The secret `LOADER` is for <!subteam^S0DATA> to use."]
    world.directory.add(DAN)  # beside Carol: it takes two
    assert (await world.approvals.request(change, BOB, "C0OPS", "t2", "moved")).request.state is State.PENDING
