"""Cards that Slack lost, doubled or does not take: what people see in the end, and how often Slack is asked."""

import pytest

from bot.domain import errors as e
from bot.domain.changes.change import Create, build_toggle
from bot.domain.requests.request import Card, State, StoredRequest
from bot.domain.requests.transitions import Claim
from bot.render.states import describe_state
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, PROD, kind, later, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake", account="acme")
OFF = build_toggle(SNOW, enabled=False)
NEW = Create(
    space=PROD, metadata_id=kind("snowflake").metadata_id, type_slug="snowflake", type_name="Snowflake", name="new"
)
GONE = e.CardGone("chat.update", "message_not_found")
LATE = e.SlackFailed("chat.update", "ratelimited")


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


async def _kept(world: World, asked: StoredRequest) -> StoredRequest:
    kept = await world.store.get(asked.request.id)
    assert kept is not None
    return kept


async def test_a_card_that_somebody_deleted_is_posted_again_with_the_truth(world: World) -> None:
    asked = await world.ask(OFF)
    world.cards.errors = [GONE]
    done = await world.approve(asked)
    assert done.request.state is State.SUCCEEDED
    assert world.cards.posted[-1][1].state is not State.PENDING
    kept = await _kept(world, asked)
    assert kept.card == Card(channel="C0OPS", ts="2.0")
    assert not kept.is_outdated


async def test_a_card_whose_posting_was_not_heard_of_is_found_by_a_press_on_it(world: World) -> None:
    world.cards.errors = [LATE]
    with pytest.raises(e.SlackFailed):
        await world.ask(OFF)
    (open_one,) = await world.store.list_open()
    seen = Card(channel="C0OPS", ts="7.0")
    driven = await world.reconciler.reconcile(open_one.request.id, seen)
    assert driven.card == seen
    assert world.cards.posted == []


async def test_a_second_card_points_to_the_first_as_soon_as_it_is_pressed(world: World) -> None:
    asked = await world.ask(OFF)
    stray = Card(channel="C0OPS", ts="7.0")
    driven = await world.reconciler.reconcile(asked.request.id, stray)
    assert driven.card == asked.card
    assert world.cards.retired == [(stray, asked.card)]


async def test_slack_is_asked_ever_less_often_about_a_card_that_it_does_not_take(world: World) -> None:
    asked = await world.ask(OFF)
    world.cards.errors = [LATE] * 1000
    await world.approve(asked)
    for _ in range(240):  # an hour of upkeep
        world.clock.advance(15)
        await world.reconciler.reconcile_due()
    assert 1000 - len(world.cards.errors) < 40
    world.cards.errors = []
    world.clock.advance(3600)
    await world.reconciler.reconcile_due()
    assert not (await _kept(world, asked)).is_outdated


async def test_a_move_that_is_due_does_not_wait_for_slack(world: World) -> None:
    world.cards.errors = [LATE] * 1000
    with pytest.raises(e.SlackFailed):
        await world.ask(OFF)
    world.clock.advance(5 * 3600)
    await world.reconciler.reconcile_due()
    (stored,) = await world.store.list_by_warehouse(SNOW.id, 5)
    assert stored.request.state is State.EXPIRED
    assert world.cards.posted == []
    world.cards.errors = []
    world.clock.advance(3601)
    await world.reconciler.reconcile_due()
    assert [each.state for each in world.cards.notified] == [State.EXPIRED]


@pytest.mark.parametrize(("alone", "state"), [(True, State.SUCCEEDED), (False, State.EXECUTING)])
async def test_a_claim_of_the_dead_is_taken_over_at_once_where_no_other_process_can_hold_it(
    store: SqlRequestStore, alone: bool, state: State
) -> None:
    dead = World(store, FakeSegment(SNOW))
    asked = await dead.ask(OFF)
    await dead.vote(asked, BOB)
    now = dead.clock.now()
    await store.advance(asked.request.id, Claim(by="p1", at=now, until=now.replace(hour=13)))
    successor = World(store, dead.segment, worker="p2", is_sole_process=alone)
    await successor.reconciler.reconcile_due()
    assert await successor.state(asked) is state


async def test_what_one_card_showed_says_nothing_of_another(world: World) -> None:
    asked = await world.ask(OFF)
    await world.approve(asked)
    late = Card(channel="C0OPS", ts="9.0")  # another process posted it long ago, and hears of it only now
    await world.store.save_card(asked.request.id, late, 0)
    assert (await _kept(world, asked)).is_outdated


async def test_days_of_refusals_do_not_end_the_pauses(world: World) -> None:
    asked = await world.ask(OFF)
    world.cards.errors = [LATE] * 1000
    await world.approve(asked)
    for _ in range(80):
        world.clock.advance(3601)
        await world.reconciler.reconcile_due()
    left = len(world.cards.errors)
    world.clock.advance(60)
    await world.reconciler.reconcile_due()
    assert len(world.cards.errors) == left


async def test_who_asked_is_told_directly_that_the_bot_was_thrown_out_before_the_card_was_there(world: World) -> None:
    world.cards.errors = [LATE]
    with pytest.raises(e.SlackFailed):
        await world.ask(OFF)
    world.cards.unreachable_channels = {"C0OPS"}
    world.clock.advance(11)
    world.cards.errors = [LATE, LATE]  # neither the card nor the word about it
    for _ in range(3):
        world.clock.advance(60)
        await world.reconciler.reconcile_due()
    assert [each.state for each in world.cards.notified] == [State.CANCELLED]
    assert "/invite @warehouse" in describe_state(world.cards.notified[0])
    world.clock.advance(3601)
    await world.reconciler.reconcile_due()
    assert len(world.cards.notified) == 1


async def test_who_is_told_at_once_is_not_told_twice(world: World) -> None:
    world.cards.unreachable_channels = {"C0OPS"}
    with pytest.raises(e.ChannelInaccessible):
        await world.ask(OFF)
    world.clock.advance(3601)
    await world.reconciler.reconcile_due()
    assert world.cards.notified == []


async def test_what_takes_no_approval_is_not_begun_weeks_after_it_was_asked(world: World) -> None:
    world.cards.errors = [LATE] * 1000
    with pytest.raises(e.SlackFailed):
        await world.ask(NEW)
    for _ in range(3 * 7 * 12):  # three weeks in which Slack takes nothing
        world.clock.advance(7200)
        await world.reconciler.reconcile_due()
    world.cards.errors = []
    world.clock.advance(7200)
    await world.reconciler.reconcile_due()
    assert world.segment.writes == []
    assert world.cards.posted == []
    (told,) = world.cards.notified
    assert "Not created: `new`* · Slack did not take its card, or the bot was away" in describe_state(told)
    assert "so it was not begun within 4 h · asked by <@U0ALICE>" in describe_state(told)
    assert (await world.ask(NEW, once="t2")).request.state is State.SUCCEEDED


async def test_what_was_asked_just_before_the_bot_went_away_for_long_is_not_begun_when_it_is_back(world: World) -> None:
    stored = await world.approvals.request(NEW, ALICE, "C0OPS", "t1")
    await world.store.save_card(stored.request.id, Card(channel="C0OPS", ts="1.0"), 0)
    world.clock.advance(4 * 3600)
    await world.reconciler.reconcile_due()
    assert world.cards.updated[-1].state is State.EXPIRED
    assert world.segment.writes == []
    with pytest.raises(e.RequestClosed, match="could not be begun in time"):
        await world.store.advance(stored.request.id, Claim(by="p1", at=world.clock.now(), until=later(90000)))
