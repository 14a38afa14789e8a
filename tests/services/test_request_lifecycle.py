"""Asking, deciding and carrying out, over a real SQLite file and a Segment that can fail at every step."""

import asyncio

import pytest

from bot.domain import errors as e
from bot.domain import segment_errors as s
from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot, build_toggle
from bot.domain.commands.commands import List
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Fail, Succeed, Supersede
from bot.domain.warehouses import SecretRef, Warehouse
from bot.services.executor import LEASE_DURATION
from bot.services.verifier import LOOKS_BEFORE_FAILURE
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, CAROL, PROD, kind, warehouse
from tests.support.services import World

SNOW = warehouse("prod-snowflake", account="acme", database="PROFILES")
TIMED_OUT, BROKEN = s.TimedOut("op"), s.ConnectionLost("op")
UNREACHED = s.ConnectionLost("op", was_sent=False)
SERVER = s.ServerFailed("op", 500)
INVALID = s.Invalid("op", 422, (s.FieldError("input-validation", "port must be a number", "settings.port"),))


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


def delete() -> Delete:
    return Delete(target=WarehouseSnapshot.of(SNOW))


def update(**changes: str) -> Update:
    before = {key: str(SNOW.settings[key]) for key in changes}
    return Update(target=WarehouseSnapshot.of(SNOW), settings=changes, before=before)


def create(**more: object) -> Create:
    found = kind("snowflake")
    return Create(
        space=PROD, metadata_id=found.metadata_id, type_slug="snowflake", type_name="Snowflake", name="new",
        settings={"account": "acme"}, **more,
    )  # fmt: skip


async def test_a_deletion_waits_for_somebody_else_and_is_then_verified_gone(world: World) -> None:
    waiting = await world.ask(delete())
    assert waiting.request.state is State.PENDING
    assert world.segment.writes == []
    with pytest.raises(e.NotAllowed, match="somebody else"):
        await world.approve(waiting, Actor(id=ALICE.id, kind=ActorKind.MEMBER, groups=frozenset({"S0DATA"})))
    done = await world.approve(waiting)
    assert done.request.state is State.SUCCEEDED
    assert isinstance(done.request.last_transition, Succeed)
    assert done.request.last_transition.verified
    assert world.segment.warehouses_by_id == {}
    assert [each.state for each in world.cards.updated] == [State.EXECUTING, State.SUCCEEDED]
    assert [move.kind for _, move, _ in world.cards.announced] == ["approve", "claim", "succeed"]


async def test_pressing_often_is_one_call(world: World) -> None:
    waiting = await world.ask(delete())
    world.segment.gate = asyncio.Event()
    presses = [asyncio.create_task(world.approve(waiting, actor)) for actor in (BOB, CAROL) for _ in range(20)]
    await asyncio.sleep(0.2)
    world.segment.gate.set()
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(isinstance(result, StoredRequest) for result in results) == 1
    assert {type(result) for result in results} == {StoredRequest, e.RequestClosed}
    assert world.segment.writes == [("delete", SNOW.id)]


async def test_two_processes_with_the_same_database_are_one_call(store: SqlRequestStore) -> None:
    segment = FakeSegment(SNOW)
    worlds = [World(store, segment) for _ in range(5)]
    waiting = await worlds[0].ask(delete())
    await worlds[0].vote(waiting, BOB)
    await asyncio.gather(*(each.reconciler.reconcile(waiting.request.id) for each in worlds))
    assert segment.writes == [("delete", SNOW.id)]


async def test_a_payload_delivered_twice_is_one_request(world: World) -> None:
    first, second = await world.ask(delete(), once="same"), await world.ask(delete(), once="same")
    assert first.request.id == second.request.id
    assert len(world.cards.posted) == 1


async def test_an_update_sends_every_known_setting_and_reads_back(world: World) -> None:
    done = await world.approve(await world.ask(update(database="V2")))
    assert done.request.state is State.SUCCEEDED
    assert world.segment.sent_settings == [{"account": "acme", "database": "V2"}]
    assert world.cards.announced[-1][2] == world.segment.warehouses_by_id[SNOW.id]


async def test_enabling_needs_nobody(store: SqlRequestStore) -> None:
    off = SNOW.model_copy(update={"enabled": False})
    world = World(store, FakeSegment(off))
    done = await world.ask(build_toggle(off, enabled=True))
    assert done.request.state is State.SUCCEEDED
    assert world.segment.warehouses_by_id[SNOW.id].enabled
    assert world.segment.sent_settings == [{"account": "acme", "database": "PROFILES"}]  # in case PATCH replaces


async def test_disabling_needs_an_approval_and_keeps_the_settings(world: World) -> None:
    waiting = await world.ask(build_toggle(SNOW, enabled=False))
    assert waiting.request.state is State.PENDING
    await world.approve(waiting)
    assert not world.segment.warehouses_by_id[SNOW.id].enabled
    assert dict(world.segment.warehouses_by_id[SNOW.id].settings) == dict(SNOW.settings)


async def test_a_secret_is_fetched_when_it_is_sent_and_stored_by_name_only(world: World) -> None:
    done = await world.ask(create(secrets={"password": SecretRef(name="LOADER")}))
    assert done.request.state is State.SUCCEEDED
    assert world.segment.sent_settings[0]["password"].get_secret_value() == "hunter2"  # type: ignore[union-attr]  # a SecretStr
    kept = str(await world.store.get(done.request.id))
    assert "hunter2" not in kept
    assert "LOADER" in kept


async def test_a_secret_that_is_missing_is_found_when_it_is_asked_for(world: World) -> None:
    with pytest.raises(e.SecretMissing, match="NOPE"):
        await world.ask(create(secrets={"password": SecretRef(name="NOPE")}))
    assert await world.store.list_open() == []


async def test_a_secret_that_went_missing_stops_it_before_anything_is_sent(world: World) -> None:
    change = Update(target=WarehouseSnapshot.of(SNOW), secrets={"password": SecretRef(name="LOADER")})
    waiting = await world.ask(change)
    world.secrets.values.clear()
    done = await world.approve(waiting)
    assert done.request.state is State.FAILED
    assert world.segment.writes == []
    assert "LOADER" in done.request.last_transition.reason  # type: ignore[union-attr]  # a Fail


async def test_a_warehouse_that_changed_since_is_left_alone(world: World) -> None:
    waiting = await world.ask(delete())
    world.segment.warehouses_by_id[SNOW.id] = warehouse("prod-snowflake", account="other", database="PROFILES")
    done = await world.approve(waiting)
    assert done.request.state is State.SUPERSEDED
    assert isinstance(done.request.last_transition, Supersede)
    assert done.request.last_transition.drift[0].after == "other"
    assert world.segment.writes == []


async def test_a_warehouse_that_is_gone_by_then_is_said_to_be(world: World) -> None:
    waiting = await world.ask(delete())
    world.segment.warehouses_by_id.clear()
    done = await world.approve(waiting)
    assert done.request.state is State.SUPERSEDED
    assert isinstance(done.request.last_transition, Supersede)
    assert done.request.last_transition.gone


async def test_a_refusal_is_a_failure_with_segments_words(world: World) -> None:
    world.segment.errors_before_write = [INVALID]
    done = await world.ask(create())
    assert done.request.state is State.FAILED
    assert isinstance(done.request.last_transition, Fail)
    assert done.request.last_transition.errors[0].field == "settings.port"


@pytest.mark.parametrize("error", [UNREACHED, s.RateLimited("op", retry_after=30)])
async def test_what_never_left_is_a_failure(world: World, error: s.SegmentError) -> None:
    world.segment.errors_before_write = [error]
    assert (await world.ask(create())).request.state is State.FAILED


@pytest.mark.parametrize("error", [TIMED_OUT, BROKEN, SERVER, s.UnexpectedResponse("op", 200)])
@pytest.mark.parametrize("change", [create(), delete(), update(database="V2")], ids=lambda change: change.kind)
async def test_an_answer_lost_after_the_effect_is_found_to_be_a_success(
    world: World, change: Change, error: s.SegmentError
) -> None:
    world.segment.errors_after_write = [error]
    stored = await world.ask(change)
    done = stored if change.kind == "create" else await world.approve(stored)
    assert done.request.state is State.SUCCEEDED
    assert len(world.segment.writes) == 1


@pytest.mark.parametrize("error", [TIMED_OUT, BROKEN, SERVER])
async def test_a_creation_without_an_answer_is_looked_for_and_never_sent_again(
    world: World, error: s.SegmentError
) -> None:
    world.segment.errors_before_write = [error]
    lost = await world.ask(create())
    assert lost.request.state is State.UNKNOWN
    for _ in range(LOOKS_BEFORE_FAILURE):
        world.clock.advance(3600)
        await world.reconciler.reconcile_due()
    assert await world.state(lost) is State.FAILED
    assert [verb for verb, _ in world.segment.writes] == ["create"]


async def test_a_creation_that_appears_late_is_found(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(create())
    world.segment.warehouses_by_id["late"] = warehouse("new", warehouse_id="late", account="acme", schema_name=None)
    await world.reconciler.reconcile_due()
    assert await world.state(lost) is State.UNKNOWN  # it is not time to look yet
    world.clock.advance(31)
    await world.reconciler.reconcile_due()
    assert await world.state(lost) is State.SUCCEEDED


async def test_two_that_could_be_it_are_left_to_a_person(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(create())
    for name in ("a", "b"):
        world.segment.warehouses_by_id[name] = warehouse("new", warehouse_id=name)
    for _ in range(LOOKS_BEFORE_FAILURE + 2):
        world.clock.advance(3600 * 2)
        await world.reconciler.reconcile_due()
    kept = await world.store.get(lost.request.id)
    assert kept is not None
    assert kept.request.state is State.UNKNOWN
    assert "a, b" in kept.request.last_transition.reason  # type: ignore[union-attr]  # a Lose


async def test_a_deletion_without_an_answer_is_repeated_later(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.approve(await world.ask(delete()))
    assert lost.request.state is State.UNKNOWN
    world.clock.advance(31)
    await world.reconciler.reconcile_due()
    assert await world.state(lost) is State.SUCCEEDED
    assert world.segment.warehouses_by_id == {}


async def test_an_update_that_segment_shows_differently_is_not_called_verified(world: World) -> None:
    world.segment.distort = lambda each: each.model_copy(update={"settings": {**each.settings, "database": "?"}})
    done = await world.approve(await world.ask(update(database="V2")))
    assert isinstance(done.request.last_transition, Succeed)
    assert not done.request.last_transition.verified
    assert "database" in done.request.last_transition.note


async def test_where_nobody_would_see_it_nothing_is_asked(world: World) -> None:
    world.cards.unreachable_channels = {"C0QUIET"}
    with pytest.raises(e.ChannelInaccessible):
        await world.ask(delete(), channel="C0QUIET")
    assert await world.store.list_open() == []
    with pytest.raises(e.ChannelInaccessible):
        await world.ask(create(), channel="C0QUIET", once="t2")
    assert world.segment.writes == []


async def test_what_needs_an_approval_is_asked_where_the_approvers_are(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW), approvals_channel="C0APPROVE")
    await world.ask(delete())
    await world.ask(create(), once="t2")
    assert [channel for channel, _ in world.cards.posted] == ["C0APPROVE", "C0OPS"]


async def test_a_card_that_slack_refused_is_posted_later_and_nothing_runs_before(world: World) -> None:
    world.cards.errors = [e.SlackFailed("chat.postMessage", "internal_error")]
    with pytest.raises(e.SlackFailed):
        await world.ask(create())
    assert world.segment.writes == []
    world.clock.advance(11)
    await world.reconciler.reconcile_due()
    assert len(world.cards.posted) == 1
    assert [verb for verb, _ in world.segment.writes] == ["create"]


async def test_a_card_that_could_not_be_painted_is_painted_later(world: World) -> None:
    waiting = await world.ask(delete())
    world.cards.errors = [e.SlackFailed("chat.update", "internal_error")] * 3
    done = await world.approve(waiting)
    assert done.request.state is State.SUCCEEDED
    assert world.cards.updated == []
    world.clock.advance(11)
    await world.reconciler.reconcile_due()
    assert [each.state for each in world.cards.updated] == [State.SUCCEEDED]
    await world.reconciler.reconcile_due()
    assert len(world.cards.updated) == 1


async def test_stopping_between_asking_and_approving_loses_nothing(store: SqlRequestStore) -> None:
    segment = FakeSegment(SNOW)
    waiting = await World(store, segment).ask(delete())
    again = World(store, segment)
    done = await again.approve(waiting)
    assert done.request.state is State.SUCCEEDED
    assert done.card == waiting.card


async def test_stopping_between_the_vote_and_the_call_loses_nothing(store: SqlRequestStore) -> None:
    segment = FakeSegment(SNOW)
    first = World(store, segment)
    waiting = await first.ask(delete())
    await first.vote(waiting, BOB)
    again = World(store, segment)
    await again.reconciler.reconcile_due()
    assert await again.state(waiting) is State.PENDING  # it may still be in the hands of the first
    again.clock.advance(11)
    await again.reconciler.reconcile_due()
    assert await again.state(waiting) is State.SUCCEEDED


@pytest.mark.parametrize("change", [create(), delete(), update(database="V2")], ids=lambda change: change.kind)
@pytest.mark.parametrize("effect", [True, False])
async def test_dying_during_the_call_is_finished_by_another_after_the_lease(
    store: SqlRequestStore, change: Change, effect: bool
) -> None:
    segment = FakeSegment(SNOW)
    first = World(store, segment)
    stored = await first.approvals.request(change, ALICE, "C0OPS", "t1", "moved")
    if stored.request.required_approvals:
        await first.vote(stored, BOB)
    claimed = await first.executor.claim((await store.get(stored.request.id)) or stored)
    if effect:  # the call arrived, and its answer found nobody
        await first.executor._send(claimed.request, {})
    sent = len(segment.writes)

    again = World(store, segment)
    await again.reconciler.reconcile_due()
    assert await again.state(stored) is State.EXECUTING  # the lease still runs
    for _ in range(LOOKS_BEFORE_FAILURE + 1):
        again.clock.advance(LEASE_DURATION.total_seconds() + 3600)
        await again.reconciler.reconcile_due()
    lost_for_good = change.kind == "create" and not effect
    assert await again.state(stored) is (State.FAILED if lost_for_good else State.SUCCEEDED)
    if change.kind == "create":
        assert len(segment.writes) == sent
    assert again.cards.updated[-1].state is await again.state(stored)


async def test_only_the_one_who_asked_cancels(world: World) -> None:
    waiting = await world.ask(delete())
    with pytest.raises(e.NotAllowed, match="can cancel"):
        await world.approvals.cancel(waiting.request.id, BOB)
    await world.approvals.cancel(waiting.request.id, ALICE)
    with pytest.raises(e.RequestClosed, match="cancelled"):
        await world.vote(waiting, BOB)


async def test_a_denial_ends_it(world: World) -> None:
    waiting = await world.ask(delete())
    await world.approvals.deny(waiting.request.id, BOB, "still needed")
    assert (await world.reconciler.reconcile(waiting.request.id)).request.state is State.DENIED
    assert world.segment.writes == []
    assert world.cards.updated[-1].state is State.DENIED


async def test_a_request_that_never_was_is_no_longer_open(world: World) -> None:
    with pytest.raises(e.RequestClosed, match="no longer open"):
        await world.approvals.approve("W-FORGED", BOB)
    with pytest.raises(e.RequestClosed):
        await world.reconciler.reconcile("W-FORGED")


async def test_a_space_that_cannot_be_read_is_named_beside_the_others(world: World) -> None:
    world.segment.read_errors = {"staging": s.Forbidden("op", 403)}
    found = await world.inventory.list_warehouses(List())
    assert [each.space.slug for each in found.unreadable_spaces] == ["staging"]
    assert [each.id for each in found.warehouses] == [SNOW.id]
    world.segment.read_errors["prod"] = s.TimedOut("op")
    with pytest.raises(s.SegmentError):
        await world.inventory.list_warehouses(List())


async def test_a_name_is_not_said_to_be_missing_while_a_space_cannot_be_read(world: World) -> None:
    world.segment.read_errors = {"staging": s.TimedOut("op")}
    assert await world.inventory.find_warehouse("prod-snowflake") == SNOW
    with pytest.raises(s.TimedOut):
        await world.inventory.find_warehouse("elsewhere")


async def test_a_secret_that_segment_quotes_is_struck_before_anything_is_kept(world: World) -> None:
    said = s.FieldError("input-validation", "password 'hunter2' is too short", "settings.password")
    world.segment.errors_before_write = [s.Invalid("op", 422, (said,))]
    done = await world.ask(create(secrets={"password": SecretRef(name="LOADER")}))
    assert done.request.state is State.FAILED
    assert "hunter2" not in str(await world.store.get(done.request.id))
    assert "'•••' is too short" in done.request.last_transition.reason  # type: ignore[union-attr]  # a Fail
    world.segment.errors_before_write = [s.ServerFailed("op", 500, (said,))]
    lost = await world.ask(create(secrets={"password": SecretRef(name="LOADER")}), once="t2")
    assert "hunter2" not in str(await world.store.get(lost.request.id))


async def test_a_secret_that_is_gone_once_it_was_sent_is_struck_all_the_same(world: World) -> None:
    def lose(each: Warehouse) -> Warehouse:
        world.secrets.values.clear()
        return each

    world.segment.distort = lose
    world.segment.errors_after_write = [
        s.Invalid("op", 422, (s.FieldError("input-validation", "'hunter2' is too short"),))
    ]
    done = await world.ask(create(secrets={"password": SecretRef(name="LOADER")}))
    assert done.request.state is State.FAILED
    assert "hunter2" not in str(await world.store.get(done.request.id))


REFUSALS = [s.RateLimited("op", retry_after=30), s.Unauthorized("op", 401), UNREACHED]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
async def test_a_refusal_after_a_lost_answer_is_not_taken_for_nothing_changed(
    world: World, refusal: s.SegmentError
) -> None:
    world.segment.errors_after_write = [TIMED_OUT]
    world.segment.read_errors = {}
    stored = await world.ask(update(database="V2"))
    await world.vote(stored, BOB)
    reads = world.segment.list_warehouses

    async def unreadable_once_sent(space: object, *, fresh: bool = False) -> tuple[object, ...]:
        if world.segment.writes:
            raise refusal
        return await reads(PROD, fresh=fresh)

    world.segment.list_warehouses = unreadable_once_sent  # type: ignore[assignment, method-assign]  # it stands in for it
    await world.reconciler.reconcile(stored.request.id)
    assert await world.state(stored) is State.UNKNOWN
    world.clock.advance(31)
    await world.reconciler.reconcile_due()
    assert await world.state(stored) is State.UNKNOWN
    world.segment.list_warehouses = reads  # type: ignore[method-assign]  # the real one again
    world.clock.advance(3600)
    await world.reconciler.reconcile_due()
    assert await world.state(stored) is State.SUCCEEDED


async def test_a_404_that_segment_does_not_stand_by_is_not_called_gone(world: World) -> None:
    world.segment.errors_before_write = [s.ResourceMissing("op", 404)]
    done = await world.approve(await world.ask(delete()))
    assert done.request.state is State.UNKNOWN


async def test_credentials_that_can_not_be_seen_are_never_called_unchanged(world: World) -> None:
    change = Update(target=WarehouseSnapshot.of(SNOW), secrets={"password": SecretRef(name="LOADER")})
    waiting = await world.ask(change)
    world.segment.errors_after_write = [TIMED_OUT] * 9
    await world.approve(waiting)
    for _ in range(4):
        world.clock.advance(7200)
        await world.reconciler.reconcile_due()
    assert await world.state(waiting) is State.UNKNOWN


async def test_who_lost_the_claim_sends_nothing_and_says_nothing(store: SqlRequestStore) -> None:
    segment = FakeSegment(SNOW)
    slow, quick = World(store, segment), World(store, segment)
    quick.executor._worker = "p2"
    stored = await slow.approvals.request(create(), ALICE, "C0OPS", "t1")
    claimed = await slow.executor.claim(stored)
    slow.clock.advance(LEASE_DURATION.total_seconds() + 1)
    with pytest.raises(e.RequestClosed):
        await slow.executor.execute(claimed)
    assert segment.writes == []
    quick.clock.time = slow.clock.time
    taken = await quick.executor.resume(claimed)
    assert taken.request.state is State.UNKNOWN
    with pytest.raises(e.RequestClosed):
        await slow.executor._advance(taken.request, Fail(at=slow.clock.now(), reason="late"))


async def test_two_updates_of_one_state_do_not_both_run(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW))
    first = await world.ask(update(database="V2"), once="t1")
    second = await world.ask(update(database="V3"), once="t2")
    for stored in (first, second):
        await world.vote(stored, BOB)
    begun = []
    for each in (first, second):
        ready = await store.get(each.request.id)
        assert ready is not None
        begun.append(await world.executor.claim(ready))
    ended = [await world.executor.execute(each) for each in begun]
    assert [each.request.state for each in ended] == [State.SUCCEEDED, State.FAILED]
    assert world.segment.warehouses_by_id[SNOW.id].settings["database"] == "V2"


async def test_what_was_changed_back_after_a_crash_is_not_changed_again(store: SqlRequestStore) -> None:
    world = World(store, FakeSegment(SNOW))
    stored = await world.approvals.request(build_toggle(SNOW, enabled=False), ALICE, "C0OPS", "t1", "moved")
    await world.vote(stored, BOB)
    claimed = await world.executor.claim(await store.get(stored.request.id))  # type: ignore[arg-type]  # it is there
    await world.executor._send(claimed.request, {})  # killed before the answer was kept
    world.segment.warehouses_by_id[SNOW.id] = warehouse(
        "prod-snowflake", account="acme", database="NEW"
    )  # people went on
    world.clock.advance(3 * 86400)
    await world.reconciler.reconcile_due()
    assert world.segment.warehouses_by_id[SNOW.id].enabled
    assert len(world.segment.writes) == 1
    assert await world.state(stored) is State.UNKNOWN  # it happened, and was changed again: a person tells


async def test_anothers_creation_is_not_taken_for_ones_own(world: World) -> None:
    world.segment.errors_before_write = [TIMED_OUT]
    lost = await world.ask(create(), once="t1")
    made = await world.ask(create(enabled=False), once="t2")
    assert made.request.state is State.SUCCEEDED
    for _ in range(LOOKS_BEFORE_FAILURE):
        world.clock.advance(3600)
        await world.reconciler.reconcile_due()
    assert await world.state(lost) is State.FAILED


async def test_a_segment_that_replaces_settings_is_not_called_verified(world: World) -> None:
    world.segment.distort = lambda each: each.model_copy(
        update={"settings": {"name": "prod-snowflake", "database": "V2"}}
    )
    done = await world.approve(await world.ask(update(database="V2")))
    assert isinstance(done.request.last_transition, Succeed)
    assert not done.request.last_transition.verified
    assert "account" in done.request.last_transition.note


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
async def test_a_refusal_after_an_earlier_attempt_died_is_not_taken_for_nothing_sent(
    store: SqlRequestStore, refusal: s.SegmentError
) -> None:
    world = World(store, FakeSegment(SNOW))
    stored = await world.ask(delete())
    await world.vote(stored, BOB)
    ready = await store.get(stored.request.id)
    assert ready is not None
    await world.executor.claim(ready)  # and died, with its call perhaps on the way
    world.clock.advance(LEASE_DURATION.total_seconds() + 1)
    world.segment.errors_before_write = [refusal]
    await world.reconciler.reconcile_due()
    assert await world.state(stored) is State.UNKNOWN


async def test_a_404_whose_read_back_fails_is_not_called_deleted(world: World) -> None:
    waiting = await world.ask(delete())
    world.segment.errors_before_write = [s.ResourceMissing("op", 404)]
    reads = world.segment.list_warehouses

    async def unreadable_once_sent(space: object, *, fresh: bool = False) -> tuple[object, ...]:
        if world.segment.writes:
            raise TIMED_OUT
        return await reads(PROD, fresh=fresh)

    world.segment.list_warehouses = unreadable_once_sent  # type: ignore[assignment, method-assign]  # it stands in for it
    assert (await world.approve(waiting)).request.state is State.UNKNOWN
