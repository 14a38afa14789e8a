"""What is asked twice, beside something else, or of nobody."""

import asyncio

import pytest
from pydantic import SecretStr

from bot.domain import errors as e
from bot.domain import segment_errors as s
from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Create, Delete, WarehouseSnapshot, build_toggle
from bot.domain.policy import Policy
from bot.domain.requests.request import State
from bot.domain.requests.transitions import Cancel
from bot.domain.warehouses import SecretRef
from bot.render.cards import render_card
from bot.services import approvals as asking
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, CAROL, PROD, kind, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake", account="acme")
INVALID = s.Invalid("op", 422, (s.FieldError("input-validation", "port must be a number", "settings.port"),))
NEW = Create(
    space=PROD,
    metadata_id=kind("snowflake").metadata_id,
    type_slug="snowflake",
    type_name="Snowflake",
    name="new",
    settings={"account": "acme"},
)


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


async def _submit(world: World, payload: str) -> State:
    stored = await world.approvals.request(NEW, ALICE, "C0OPS", payload, form_id="V1")
    return (await world.reconciler.reconcile(stored.request.id)).request.state


async def test_a_form_whose_answer_was_lost_and_that_is_submitted_again_makes_one(world: World) -> None:
    assert await _submit(world, "t1") is State.SUCCEEDED
    with pytest.raises(e.RequestClosed, match=r"submitted already, as `W-\w+`. This is done"):
        await _submit(world, "t2")
    assert [verb for verb, _ in world.segment.writes] == ["create"]


async def test_a_form_that_came_back_with_an_error_can_be_submitted_again(world: World) -> None:
    world.segment.errors_before_write = [INVALID]
    assert await _submit(world, "t1") is State.FAILED
    assert await _submit(world, "t2") is State.SUCCEEDED


async def test_a_failed_form_delivered_twice_is_not_tried_twice(world: World) -> None:
    world.segment.errors_before_write = [INVALID]
    assert await _submit(world, "t1") is State.FAILED
    assert await _submit(world, "t1") is State.FAILED
    assert len(world.segment.writes) == 1


async def test_what_is_open_already_is_not_asked_a_second_time(world: World) -> None:
    first = await world.ask(Delete(target=WarehouseSnapshot.of(SNOW)), once="t1")
    world.clock.advance(180)
    with pytest.raises(e.DuplicateRequest) as refused:
        await world.ask(Delete(target=WarehouseSnapshot.of(SNOW)), CAROL, once="t2")
    assert refused.value.user_message.startswith(f"<@U0ALICE> asked for this 3 min ago, as `{first.request.id}`")
    await world.approve(first)
    assert await world.state(first) is State.SUCCEEDED


async def test_a_card_says_what_else_is_open_for_its_warehouse(world: World) -> None:
    first = await world.ask(Delete(target=WarehouseSnapshot.of(SNOW)), once="t1")
    second = await world.ask(build_toggle(SNOW, enabled=False), CAROL, once="t2")
    assert f"also open: {first.request.id} (delete, asked by <@U0ALICE>)" in render_card(second.request).text


async def test_a_place_of_secrets_that_thinks_for_long_does_not_keep_the_request_from_being_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def think(ref: SecretRef) -> SecretStr:
        await asyncio.sleep(3600)
        raise AssertionError(ref)

    monkeypatch.setattr(world.secrets, "resolve", think)
    monkeypatch.setattr(asking, "_SECRET_CHECK_TIMEOUT", 0.01)
    change = NEW.model_copy(update={"secrets": {"password": SecretRef(name="vault:slow")}})
    stored = await world.approvals.request(change, ALICE, "C0OPS", "t1")
    assert stored.request.state is State.PENDING


async def test_a_group_in_which_nobody_is_is_said_on_the_card(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW), policy=Policy.with_approvers(frozenset({"S0DATA", "U0CAROL"})))
    world.directory.empty_groups = frozenset({"S0DATA"})
    asked = await world.ask(Delete(target=WarehouseSnapshot.of(SNOW)))
    named = "<!subteam^S0DATA>, <@U0CAROL> (<!subteam^S0DATA>: nobody is in it)"
    assert f"0 of 1 approvals from {named}" in render_card(asked.request).text


async def test_of_two_who_ask_for_the_same_at_once_one_is_told_of_the_other(world: World) -> None:
    both = (world.ask(NEW, once="t1"), world.ask(NEW, CAROL, once="t2"))
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(each, e.DuplicateRequest) for each in ends) == 1
    assert [verb for verb, _ in world.segment.writes] == ["create"]


async def test_what_was_created_a_moment_ago_is_not_created_again(world: World) -> None:
    first = await world.ask(NEW, once="t1")
    assert first.request.state is State.SUCCEEDED
    world.clock.advance(7)
    with pytest.raises(e.DuplicateRequest) as refused:
        await world.ask(NEW, CAROL, once="t2")
    said = (
        f"<@U0ALICE> asked for this 7 s ago, as `{first.request.id}`, and it is done: nothing was made a second time."
    )
    assert refused.value.user_message == said
    assert (await world.ask(NEW, once="t1")).request.id == first.request.id  # the same payload, delivered again
    world.clock.advance(4)
    await world.ask(NEW, CAROL, once="t3")
    assert [verb for verb, _ in world.segment.writes] == ["create", "create"]


async def test_many_who_ask_for_the_same_in_two_processes_make_one(world: World) -> None:
    other = World(world.store, world.segment, worker="p2")
    asked = [(each, f"{name}{number}") for number in range(10) for each, name in ((world, "p1-"), (other, "p2-"))]
    ends = await asyncio.gather(*(each.ask(NEW, once=once) for each, once in asked), return_exceptions=True)
    assert sum(isinstance(each, e.DuplicateRequest) for each in ends) == 19
    assert [verb for verb, _ in world.segment.writes] == ["create"]


async def test_what_is_asked_again_keeps_the_reason_and_whose_words_it_is(world: World) -> None:
    off = build_toggle(SNOW, enabled=False)
    world.directory.add(Actor(id="U0DAN", kind=ActorKind.MEMBER, groups=frozenset({"S0DATA"})))  # one who may approve
    first = (await world.approvals.request(off, ALICE, "C0OPS", "t1", "moved")).request
    words = []
    for number, actor in enumerate((CAROL, BOB, ALICE)):
        await world.store.advance(first.id, Cancel(by=first.asked_by, at=world.clock.now()))
        again = (await world.approvals.request(off, actor, "C0OPS", f"again{number}", again_of=first)).request
        assert again.again_of == first.id
        words.append((again.asked_by, again.reason, again.reason_by))
        first = again
    assert words == [("U0CAROL", "moved", "U0ALICE"), ("U0BOB", "moved", "U0ALICE"), ("U0ALICE", "moved", "")]
