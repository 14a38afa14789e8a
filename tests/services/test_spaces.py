"""What a payload says of a space is not believed: who forges it changes nothing."""

import pytest

from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot
from bot.domain.decision_errors import SpaceNotAllowed
from bot.domain.requests.request import State
from bot.domain.segment_errors import ServerFailed
from bot.domain.warehouses import Space
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.approvals import Approvals
from bot.services.inventory import Inventory
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, PROD, STAGING, kind, warehouse
from tests.support.services import World

NAME = "prod-snowflake"
SNOW = warehouse(NAME, account="acme", database="PROFILES")
DELETE = Delete(target=WarehouseSnapshot.of(SNOW))
RENAME = Update(target=WarehouseSnapshot.of(SNOW), name="renamed")
NEW = Create(
    space=PROD, metadata_id=kind("snowflake").metadata_id, type_slug="snowflake", type_name="Snowflake", name="new"
)
FORGED = Space(id="spFORGED", slug="staging", name="Staging")


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


def limited(world: World) -> Approvals:
    checks = Inventory(world.segment, world.store, world.clock.now, allowed_spaces=frozenset({"staging"}))
    return Approvals(world.store, world.policy, world.directory, world.clock.now, world.secrets, AllowedSpaces(checks))


@pytest.mark.parametrize("change", [NEW, DELETE, RENAME], ids=lambda each: each.kind)
@pytest.mark.parametrize("space", [PROD, FORGED, PROD.model_copy(update={"slug": "staging"})], ids=lambda each: each.id)
async def test_a_space_that_the_bot_does_not_work_with_is_refused(world: World, change: Change, space: Space) -> None:
    with pytest.raises(SpaceNotAllowed):
        await limited(world).request(_in(change, space), ALICE, "C0OPS", "t1", "moved")
    assert await world.store.list_open() == []
    assert len([each async for each in AuditLog(world.store._engine).read_entries()]) == 1


async def test_a_space_is_called_what_segment_calls_it(world: World) -> None:
    called = STAGING.model_copy(update={"slug": "prod", "name": "Production"})
    kept = await limited(world).request(_in(NEW, called), ALICE, "C0OPS", "t1")
    assert kept.request.change.space == STAGING


async def test_where_segment_does_not_tell_its_spaces_only_a_bot_for_all_of_them_asks(world: World) -> None:
    async def silent() -> tuple[Space, ...]:
        raise ServerFailed("listSpaces", 500)

    world.segment.list_spaces = silent  # type: ignore[method-assign]  # it stands in for it
    with pytest.raises(ServerFailed):
        await limited(world).request(NEW, ALICE, "C0OPS", "t1")
    assert (await world.approvals.request(NEW, ALICE, "C0OPS", "t2")).request.change == NEW


async def test_a_space_that_was_taken_from_the_bot_gets_no_changes_any_more(store: SqlRequestStore) -> None:
    first = World(store, FakeSegment(SNOW))
    waiting = await first.ask(DELETE)
    second = World(store, first.segment)
    second.executor._spaces = AllowedSpaces(
        Inventory(first.segment, store, first.clock.now, allowed_spaces=frozenset({"staging"}))
    )
    done = await second.approve(waiting)
    assert (done.request.state, first.segment.writes) == (State.FAILED, [])
    assert "The space `prod` is not among those" in done.request.last_transition.reason  # type: ignore[union-attr]  # a Fail


def _in(change: Change, space: Space) -> Change:
    if isinstance(change, Create):
        return change.model_copy(update={"space": space})
    return change.model_copy(update={"target": change.target.model_copy(update={"space": space})})
