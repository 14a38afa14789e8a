"""Votes are looked at twice: when they are cast, and when their request is claimed, by the policy of that moment."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bot.domain import errors as e
from bot.domain.actors import Actor, ActorKind
from bot.domain.audit.entries import AuditEntry, ChainedEntry
from bot.domain.changes.change import Delete, Update, WarehouseSnapshot, build_toggle
from bot.domain.policy import Action, Policy, Rule
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Approve, Disqualify, Revalidate
from bot.render.cards import render_card
from bot.render.threads import render_thread_reply
from bot.services.executor import Executor
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.forged_requests import chained, change_body, rewrite_log
from tests.support.samples import ALICE, BOB, CAROL, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake", account="acme", database="PROFILES")
DELETE = Delete(target=WarehouseSnapshot.of(SNOW))
DATA = frozenset({"S0DATA"})
DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER, groups=DATA)
TWO = Policy(rules={Action.DELETE: Rule(approvals=2, approvers=DATA, break_glass=frozenset({"U0DAN"}))})


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    made = World(store, FakeSegment(SNOW), policy=TWO)
    made.directory.add(DAN)
    return made


def texts(world: World) -> str:
    told = (render_thread_reply(request, move, None) for request, move, _ in world.cards.announced)
    return "\n".join(each.text for each in told if each)


async def half_approved(world: World) -> StoredRequest:
    waiting = await world.ask(DELETE)
    return await world.approve(waiting, BOB)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (BOB.model_copy(update={"kind": ActorKind.DEACTIVATED}), "the account is deactivated"),
        (BOB.model_copy(update={"kind": ActorKind.GUEST}), "they are a guest now"),
        (BOB.model_copy(update={"groups": frozenset()}), "they are no longer among the approvers"),
    ],
)
async def test_a_vote_of_somebody_who_is_no_approver_any_more_does_not_count(
    world: World, now: Actor, why: str
) -> None:
    waiting = await half_approved(world)
    world.directory.add(now)
    again = await world.approve(waiting, CAROL)
    assert again.request.state is State.PENDING
    assert world.segment.writes == []
    assert [each.by for each in again.request.approvals] == [CAROL.id]
    says = f"The approval of <@U0BOB> no longer counts: {why}."
    assert says in render_card(world.cards.updated[-1]).text
    assert "1 of 2 approvals" in render_card(world.cards.updated[-1]).text
    assert says in texts(world)
    world.directory.add(BOB)  # eligible again, he may approve again
    done = await world.approve(waiting, BOB)
    assert done.request.state is State.SUCCEEDED
    assert "no longer counts" not in render_card(done.request).text


async def test_each_vote_that_is_void_is_in_the_trail(world: World) -> None:
    waiting = await half_approved(world)
    world.directory.add(BOB.model_copy(update={"kind": ActorKind.GUEST}))
    await world.approve(waiting, CAROL)
    entries = [
        AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(world.store._engine).read_entries()
    ]
    assert [each.action for each in entries] == ["ask", "approve", "approve", "revalidate"]
    assert json.loads(entries[-1].detail)["votes"][0]["reason"] == "they are a guest now"


async def test_where_slack_says_nothing_the_request_stays_approved_and_begins_later(world: World) -> None:
    waiting = await half_approved(world)
    await world.vote(waiting, CAROL)
    world.directory.is_silent = True
    kept = await world.reconciler.reconcile(waiting.request.id)
    assert (kept.request.is_ready, len(kept.request.approvals)) == (True, 2)
    assert "has not begun yet" in render_card(world.cards.updated[-1]).text
    assert world.segment.writes == []
    world.directory.is_silent = False
    world.clock.advance(11)
    await world.reconciler.reconcile_due()
    assert await world.state(waiting) is State.SUCCEEDED


async def test_facts_that_aged_while_segment_was_slow_are_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await half_approved(world)
    slow = Executor._check_preconditions

    async def before(self: Executor, request: object) -> object:
        world.clock.advance(60)
        world.directory.add(BOB.model_copy(update={"kind": ActorKind.DEACTIVATED}))
        return await slow(self, request)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(Executor, "_check_preconditions", before)
    again = await world.approve(waiting, CAROL)
    assert (again.request.state, world.segment.writes) == (State.PENDING, [])


async def test_broken_glass_is_looked_at_again(world: World) -> None:
    waiting = await world.ask(DELETE)
    await world.approvals.break_glass(waiting.request.id, DAN, "urgent", SNOW.name)
    world.directory.add(DAN.model_copy(update={"kind": ActorKind.GUEST}))
    again = await world.reconciler.reconcile(waiting.request.id)
    assert (again.request.is_waiting, again.request.broken_glass) == (True, None)
    assert "The glass counts as unbroken again: they are a guest now." in texts(world)
    assert world.segment.writes == []


async def test_a_stricter_policy_holds_for_what_waits_after_a_restart(store: SqlRequestStore) -> None:
    first = World(store, FakeSegment(SNOW), policy=Policy.with_approvers(DATA))
    waiting = await first.ask(DELETE)
    second = World(store, first.segment, policy=TWO)
    await second.reconciler.reconcile_due()
    assert "0 of 2 approvals" in render_card(second.cards.updated[-1]).text
    assert "The policy changed, and it applies to requests that wait." in texts(second)
    assert (await second.approve(waiting, BOB)).request.state is State.PENDING
    await second.reconciler.reconcile_due()
    third = World(store, first.segment, policy=Policy.with_approvers(DATA))  # laxer again: the number stays
    await third.reconciler.reconcile_due()
    assert (await third.approve(waiting, CAROL)).request.state is State.SUCCEEDED
    assert sum(isinstance(move, Revalidate) for move in (await stored(third, waiting)).request.history) == 1


async def test_a_stricter_policy_holds_for_what_is_approved_and_not_begun(store: SqlRequestStore) -> None:
    first = World(store, FakeSegment(SNOW), policy=Policy.with_approvers(DATA))
    waiting = await first.ask(DELETE)
    await first.vote(waiting, BOB)
    second = World(store, first.segment, policy=TWO)
    again = await second.reconciler.reconcile(waiting.request.id)
    assert (again.request.is_waiting, again.request.missing_approvals, first.segment.writes) == (True, 1, [])


async def test_two_processes_with_different_policies_do_not_rewrite_a_request_in_turns(store: SqlRequestStore) -> None:
    one = World(store, FakeSegment(SNOW), policy=Policy.with_approvers(DATA))
    other = World(store, one.segment, policy=Policy.with_approvers(frozenset({"U0BOB", "U0CAROL"})))
    waiting = await one.ask(DELETE)
    for _ in range(3):
        for each in (other, one):
            each.clock.advance(60)
            await each.reconciler.reconcile_due()
    moves = [move for move in (await stored(one, waiting)).request.history if isinstance(move, Revalidate)]
    assert len(moves) <= 2


@pytest.mark.parametrize(
    "change", [DELETE, Update(target=WarehouseSnapshot.of(SNOW), name="renamed")], ids=["deletion", "rename"]
)
async def test_a_request_of_somebody_who_may_not_ask_any_more_ends(
    store: SqlRequestStore, change: Delete | Update
) -> None:
    world = World(store, FakeSegment(SNOW))
    kept = await world.approvals.request(change, ALICE, "C0OPS", "t1", "moved")
    world.directory.add(ALICE.model_copy(update={"kind": ActorKind.DEACTIVATED}))
    if kept.request.required_approvals:
        await world.reconciler.reconcile(kept.request.id)
        await world.vote(kept, BOB)
    ended = await world.reconciler.reconcile(kept.request.id)
    assert (ended.request.state, world.segment.writes) == (State.CANCELLED, [])
    assert isinstance(ended.request.last_transition, Disqualify)
    assert (
        "<@U0ALICE>, who asked for this, may not ask for it any more. This account is"
        in render_card(ended.request).text
    )


async def test_a_change_of_two_actions_takes_the_approvals_of_both(store: SqlRequestStore) -> None:
    policy = Policy(
        rules={
            Action.UPDATE: Rule(approvers=frozenset({"U0BOB"})),
            Action.DISABLE: Rule(approvers=frozenset({"U0CAROL"})),
        }
    )
    world = World(store, FakeSegment(SNOW), policy=policy)
    change = Update(target=WarehouseSnapshot.of(SNOW), settings={"database": "V2"}, enabled=False)
    waiting = await world.ask(change)
    text = render_card(waiting.request).text
    assert "0 of 1 approvals from <@U0BOB> for the update" in text
    assert "0 of 1 approvals from <@U0CAROL> for the disabling" in text
    half = await world.approve(waiting, BOB)
    assert half.request.state is State.PENDING
    assert "1 of 1 approvals from <@U0BOB> for the update" in render_card(half.request).text
    assert (await world.approve(waiting, CAROL)).request.state is State.SUCCEEDED


def replace_all(body: dict[str, JsonValue], other: Mapping[str, JsonValue]) -> None:
    body.clear()
    body.update(other)


def _as_an_older_version(links: list[ChainedEntry], body: Mapping[str, JsonValue]) -> list[ChainedEntry]:
    """The log of the request `body`, which has one approval."""
    asked = AuditEntry.model_validate_json(links[0].entry_json)
    detail = {**body, "history": [], "change": json.loads(asked.detail)["change"]}
    vote = json.dumps(body["history"][0])  # type: ignore[index]  # a list, of which one is there
    entries = [
        asked.model_copy(update={"detail": json.dumps(detail)}),
        asked.model_copy(update={"action": "approve", "actor": "U0BOB", "detail": vote, "digest": ""}),
    ]
    return chained(links[0]._replace(entry_json=each.model_dump_json()) for each in entries)


async def test_what_an_older_version_stored_is_decided_as_it_was_asked(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW), policy=Policy(rules={Action.DISABLE: Rule(approvers=DATA)}))
    waiting = await world.ask(build_toggle(SNOW, enabled=False))
    body = waiting.request.model_dump(mode="json")
    old: dict[str, JsonValue] = {
        **{key: value for key, value in body.items() if key not in {"requirements", "chain", "follows"}},
        "needed": 2,
        "asked_of": "<!subteam^S0DATA>",
        "history": [{"kind": "approve", "by": "U0BOB", "at": body["asked_at"]}],
    }
    await change_body(store._engine, waiting.request.id, lambda body: replace_all(body, old))
    await rewrite_log(store._engine, lambda links: _as_an_older_version(links, old))
    request = (await stored(world, waiting)).request
    assert [(each.action, each.approvals, each.approvers) for each in request.requirements] == [
        (Action.DISABLE, 2, "<!subteam^S0DATA>")
    ]
    assert request.approvals == (Approve(by="U0BOB", at=request.asked_at),)
    with pytest.raises(e.RequestClosed):
        await world.vote(waiting, BOB)
    assert (await world.approve(waiting, CAROL)).request.state is State.SUCCEEDED


async def stored(world: World, waiting: StoredRequest) -> StoredRequest:
    found = await world.store.get(waiting.request.id)
    assert found is not None
    return found
