"""Finding a warehouse by what a person typed, where the bot knows more of it than Segment lists."""

import pytest

from bot.domain.changes.change import Create, Delete, WarehouseSnapshot
from bot.domain.lookup_errors import NotFound, WarehouseDeleted
from bot.render.phrases import format_error
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import PROD, STAGING, kind, warehouse
from tests.support.services import World

SNOW, NEAR = warehouse("prod-snowflake"), warehouse("prod-snowflake-2")
AGAIN = Create(
    space=PROD,
    metadata_id=kind("snowflake").metadata_id,
    type_slug="snowflake",
    type_name="Snowflake",
    name="Prod-Snowflake",
)


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW, NEAR))


async def _deleted(world: World) -> str:
    return (await world.approve(await world.ask(Delete(target=WarehouseSnapshot.of(SNOW))))).request.id


@pytest.mark.parametrize("wanted", ["PROD-Snowflake ", SNOW.id])
async def test_what_this_bot_deleted_is_said_to_be_deleted_and_nothing_else_is_suggested(
    world: World, wanted: str
) -> None:
    request_id = await _deleted(world)
    with pytest.raises(WarehouseDeleted) as gone:
        await world.inventory.find_warehouse(wanted)
    assert gone.value.suggestions == ()
    text = format_error(gone.value)
    assert text.startswith("`prod-snowflake` was deleted <!date^")
    assert f"(`{request_id}`, asked by <@U0ALICE>, approved by <@U0BOB>)" in text
    assert "`/warehouse history prod-snowflake` tells more" in text


async def test_what_was_made_again_and_then_went_elsewhere_is_not_called_deleted_here(world: World) -> None:
    await _deleted(world)
    world.clock.advance(60)
    made = await world.ask(AGAIN, once="t2")
    assert (await world.inventory.find_warehouse("prod-snowflake")).id == made.request.warehouse_id
    world.segment.warehouses_by_id = {NEAR.id: NEAR}
    with pytest.raises(NotFound) as missing:
        await world.inventory.find_warehouse("prod-snowflake")
    assert missing.value.suggestions == (NEAR.name,)


async def test_of_a_space_that_is_not_for_this_bot_nothing_is_told(world: World) -> None:
    await _deleted(world)
    world.inventory._allowed = frozenset({STAGING.slug})
    world.clock.advance(120)
    with pytest.raises(NotFound) as missing:
        await world.inventory.find_warehouse("prod-snowflake")
    assert not isinstance(missing.value, WarehouseDeleted)
