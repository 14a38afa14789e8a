"""What a person tells of a request whose outcome the bot can't find out."""

import pytest

from bot.domain import errors as e
from bot.domain import segment_errors as s
from bot.domain.actors import Actor, ActorKind
from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.requests.request import State, StoredRequest
from bot.domain.warehouses import SecretRef
from bot.render.cards import render_card
from bot.services.verifier import LOOKS_BEFORE_FAILURE
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, PROD, kind, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake", account="acme")
TIMED_OUT = s.TimedOut("op")
NEW = Create(
    space=PROD, metadata_id=kind("snowflake").metadata_id, type_slug="snowflake", type_name="Snowflake", name="new"
)
ROTATED = Update(target=WarehouseSnapshot.of(SNOW), secrets={"password": SecretRef(name="LOADER")})


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


async def _looked(world: World, lost: StoredRequest) -> StoredRequest:
    for _ in range(LOOKS_BEFORE_FAILURE + 1):
        world.clock.advance(3600 * 2)
        await world.reconciler.reconcile_due()
    kept = await world.store.get(lost.request.id)
    assert kept is not None
    assert kept.request.state is State.UNKNOWN
    return kept


async def _two_that_could_be_it(world: World) -> StoredRequest:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(NEW)
    for name in ("a", "b"):
        world.segment.warehouses_by_id[name] = warehouse("new", warehouse_id=name)
    return await _looked(world, lost)


async def test_who_may_ask_tells_which_of_two_it_is(world: World) -> None:
    unknown = await _two_that_could_be_it(world)
    assert [each.id for each in await world.verifier.find_candidates(unknown.request)] == ["a", "b"]
    settled = await world.approvals.settle(unknown.request.id, ALICE, "b", "made at noon")
    assert (settled.request.state, settled.request.warehouse_id) == (State.SUCCEEDED, "b")
    assert "told by <@U0ALICE>: _made at noon_" in render_card(settled.request).text
    assert "read back" not in render_card(settled.request).text
    with pytest.raises(e.RequestClosed):
        await world.approvals.settle(unknown.request.id, ALICE, None, "changed my mind")


async def test_what_was_approved_is_told_by_who_approves_such_and_not_by_who_asked(world: World) -> None:
    asked = await world.ask(ROTATED)
    world.segment.errors_before_write = [TIMED_OUT, TIMED_OUT, TIMED_OUT, TIMED_OUT]
    unknown = await _looked(world, await world.approve(asked))
    with pytest.raises(e.NotAllowed):
        await world.approvals.settle(unknown.request.id, ALICE, None, "the sync fails")
    settled = await world.approvals.settle(unknown.request.id, BOB, None, "the sync fails")
    assert settled.request.state is State.FAILED
    assert "told by <@U0BOB>: _the sync fails_" in render_card(settled.request).text


async def test_guests_tell_nothing_and_a_button_for_nothing_is_in_the_trail(world: World) -> None:
    unknown = await _two_that_could_be_it(world)
    with pytest.raises(e.NotAllowed):
        await world.approvals.settle(unknown.request.id, Actor(id="U0G", kind=ActorKind.GUEST), None, "no")
    with pytest.raises(e.RequestClosed, match="no longer open"):
        await world.approvals.get_request("W-FORGED", "U0G", "undo")
    with pytest.raises(e.RequestClosed, match="no longer open"):
        await world.approvals.settle("W-FORGED", ALICE, None, "no")
    entries = [
        AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(world.store._engine).read_entries()
    ]
    forged = [(each.action, each.actor) for each in entries if each.request_id == "W-FORGED"]
    assert forged == [("undo", "U0G"), ("settle", "U0ALICE")]


async def test_before_the_bot_has_looked_for_itself_nobody_tells(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(NEW)
    with pytest.raises(e.RequestClosed, match="the bot is looking"):
        await world.approvals.settle(lost.request.id, ALICE, None, "impatient")


async def test_credentials_whose_answer_was_lost_are_not_sent_over_newer_ones(world: World) -> None:
    asked = await world.ask(ROTATED)
    world.segment.errors_before_write = [TIMED_OUT]
    await _looked(world, await world.approve(asked))
    assert len(world.segment.writes) == 1


async def test_lists_that_could_not_be_read_are_no_looks(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(NEW)
    world.segment.read_errors = {"prod": TIMED_OUT}
    unknown = await _looked(world, lost)
    assert not unknown.request.can_be_settled
    world.segment.read_errors = {}
    world.clock.advance(3600 * 2)
    await world.reconciler.reconcile_due()
    assert await world.state(unknown) is State.UNKNOWN
