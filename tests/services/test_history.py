"""What is told of a warehouse by its name, when others had that name before."""

import pytest

from bot.domain import segment_errors as s
from bot.domain.changes.change import Create, Delete, Update, WarehouseSnapshot
from bot.domain.lookup_errors import NotFound
from bot.render.history import render_history
from bot.services.history import MAX_WAREHOUSES, HistoryReader
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import NOON, PROD, kind, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake")
AGAIN = Create(
    space=PROD,
    metadata_id=kind("snowflake").metadata_id,
    type_slug="snowflake",
    type_name="Snowflake",
    name="prod-snowflake",
)
REFUSED = s.Invalid("op", 422)


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


@pytest.fixture
def histories(world: World) -> HistoryReader:
    return HistoryReader(world.store, world.inventory)


async def _deleted(world: World, once: str) -> None:
    found = await world.inventory.find_warehouse("prod-snowflake")
    await world.approve(await world.ask(Delete(target=WarehouseSnapshot.of(found)), once=once))
    world.clock.advance(60)


async def _made(world: World, once: str) -> str:
    made = await world.ask(AGAIN, once=once)
    world.clock.advance(60)
    return made.request.warehouse_id or ""


async def test_the_one_before_and_the_one_made_again_are_told_apart(world: World, histories: HistoryReader) -> None:
    await _deleted(world, "t1")
    world.segment.errors_before_write = [REFUSED]
    await _made(world, "t2")
    new = await _made(world, "t3")
    found = await histories.read("Prod-Snowflake ")
    assert [(each.warehouse_id, bool(each.warehouse)) for each in found.histories] == [
        (new, True),
        ("", False),
        (SNOW.id, False),
    ]
    assert [[each.change.kind for each in trail.requests] for trail in found.histories] == [
        ["create"],
        ["create"],
        ["delete"],
    ]
    text = render_history(found, NOON).text
    assert f"prod-snowflake · Snowflake · on · space prod · id {new}" in text
    assert "prod-snowflake · space prod · no warehouse came of this" in text
    assert f"prod-snowflake is no longer there · space prod · id {SNOW.id} · deleted <!date^" in text


async def test_by_its_id_only_that_one_is_told(world: World, histories: HistoryReader) -> None:
    await _deleted(world, "t1")
    new = await _made(world, "t2")
    assert [each.warehouse_id for each in (await histories.read(new)).histories] == [new]
    assert [each.warehouse_id for each in (await histories.read(SNOW.id)).histories] == [SNOW.id]


async def test_what_was_renamed_is_not_called_deleted(world: World, histories: HistoryReader) -> None:
    await world.ask(Update(target=WarehouseSnapshot.of(SNOW), name="renamed"))
    text = render_history(await histories.read("prod-snowflake"), NOON).text
    assert f"prod-snowflake is no longer called so, or no longer there · space prod · id {SNOW.id}" in text


async def test_what_is_left_out_is_counted(world: World, histories: HistoryReader) -> None:
    for number in range(MAX_WAREHOUSES + 1):
        await _deleted(world, f"gone{number}")
        await _made(world, f"made{number}")
    found = await histories.read("prod-snowflake")
    assert (len(found.histories), found.omitted_count) == (MAX_WAREHOUSES, 2)
    assert "2 more had this name" in render_history(found, NOON).text


async def test_a_name_that_never_was_is_not_known(histories: HistoryReader) -> None:
    with pytest.raises(NotFound):
        await histories.read("nowhere")
