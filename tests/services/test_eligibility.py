"""No request waits for nobody, nobody approves what they started, and what a payload says is not believed."""

import asyncio

import pytest

from bot.domain import errors as e
from bot.domain.actors import Actor, ActorKind
from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot, invert_change
from bot.domain.decision_errors import NameMismatch, ReasonMissing, TooFewApprovers
from bot.domain.policy import Action, Policy, Rule, check_membership, may_view_requests, may_view_warehouses
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Approve, BreakGlass, Cancel, Deny
from bot.render.cards import render_card
from bot.services import approver_availability
from bot.services.access_control import AccessControl
from bot.services.refusal_log import RefusalLog
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSegment
from tests.support.samples import ALICE, BOB, CAROL, PROD, kind, warehouse
from tests.support.services import World

NAME = "prod-snowflake"
SNOW = warehouse(NAME, account="acme", database="PROFILES")
DELETE = Delete(target=WarehouseSnapshot.of(SNOW))
RENAME = Update(target=WarehouseSnapshot.of(SNOW), name="renamed")
DATABASE = Update(target=WarehouseSnapshot.of(SNOW), settings={"database": "V2"}, before={"database": "PROFILES"})
NEW = Create(
    space=PROD, metadata_id=kind("snowflake").metadata_id, type_slug="snowflake", type_name="Snowflake", name="new"
)
DATA = frozenset({"S0DATA"})
DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER, groups=DATA)


@pytest.fixture
def world(store: SqlRequestStore) -> World:
    return World(store, FakeSegment(SNOW))


async def refused(world: World) -> list[tuple[str, str]]:
    entries = [
        AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(world.store._engine).read_entries()
    ]
    return [(each.action, each.actor) for each in entries if each.refused]


def with_policy(store: SqlRequestStore, approvers: set[str], approvals: int = 1) -> World:
    rule = Rule(approvals=approvals, approvers=frozenset(approvers))
    return World(store, FakeSegment(SNOW), policy=Policy(rules={Action.DELETE: rule}))


# Somebody has to be able to decide


async def test_where_the_requester_is_the_only_approver_nothing_is_asked(store: SqlRequestStore) -> None:
    world = with_policy(store, {"U0ALICE"})
    with pytest.raises(TooFewApprovers, match="Nobody but you can approve this: <@U0ALICE> has no other active member"):
        await world.ask(DELETE)
    assert await store.list_open() == []
    assert await refused(world) == [("ask to delete", "U0ALICE")]


@pytest.mark.parametrize("kind", [ActorKind.DEACTIVATED, ActorKind.GUEST, ActorKind.BOT, ActorKind.OUTSIDER])
async def test_approvers_who_may_not_approve_are_none(store: SqlRequestStore, kind: ActorKind) -> None:
    world = with_policy(store, {"U0DAN", "S0GONE"})
    world.directory.add(Actor(id="U0DAN", kind=kind))
    with pytest.raises(TooFewApprovers) as caught:
        await world.ask(DELETE)
    assert caught.value.user_message == (
        "Nobody can approve this: <!subteam^S0GONE> (nobody is in it), <@U0DAN> has no active member. "
        "Nothing was created. Whoever runs the bot can name more approvers, "
        "and whoever manages a user group can add people to it."
    )


async def test_more_approvals_than_people_are_refused(store: SqlRequestStore) -> None:
    world = with_policy(store, {"S0DATA"}, approvals=3)
    with pytest.raises(TooFewApprovers, match=r"This takes 3 approvals from .* and only 2 other people there"):
        await world.ask(DELETE)
    world.directory.add(DAN)
    assert (await world.ask(DELETE)).request.missing_approvals == 3


async def test_each_rule_of_a_change_needs_its_people(store: SqlRequestStore) -> None:
    rules = {Action.UPDATE: Rule(approvers=DATA), Action.DISABLE: Rule(approvers=frozenset({"U0ALICE"}))}
    world = World(store, FakeSegment(SNOW), policy=Policy(rules=rules))
    with pytest.raises(TooFewApprovers, match="Nobody but you"):
        await world.ask(DATABASE.model_copy(update={"enabled": False}))
    assert (await world.ask(DATABASE)).request.is_waiting


async def test_an_unreadable_group_counts_as_empty_and_those_named_by_id_still_count(store: SqlRequestStore) -> None:
    world = with_policy(store, {"S0DATA", "U0CAROL"})
    world.directory.group_problems = {"S0DATA": "paid_teams_only"}
    waiting = await world.ask(DELETE)
    assert "<!subteam^S0DATA>: Slack does not list it: paid_teams_only" in render_card(waiting.request).text
    alone = with_policy(store, {"S0DATA"})
    alone.directory.group_problems = {"S0DATA": "paid_teams_only"}
    with pytest.raises(TooFewApprovers, match=r"Slack does not list it: paid_teams_only\) has no active member"):
        await alone.ask(DELETE.model_copy(update={"target": DELETE.target.model_copy(update={"id": "w_other"})}))


async def test_where_slack_can_not_say_the_request_is_accepted(store: SqlRequestStore) -> None:
    world = with_policy(store, {"U0ALICE", "S0DATA"})
    world.directory.is_silent = True
    kept = await world.approvals.request(DELETE, ALICE, "C0OPS", "t1", "moved")
    assert kept.request.is_waiting


async def test_where_counting_takes_too_long_the_request_is_accepted(
    store: SqlRequestStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = with_policy(store, {"U0ALICE"})

    async def think(user_ids: frozenset[str]) -> dict[str, Actor]:
        await asyncio.sleep(3600)
        raise AssertionError(user_ids)

    monkeypatch.setattr(approver_availability, "_COUNT_TIMEOUT", 0.01)
    monkeypatch.setattr(world.directory, "get_groups", think)
    assert (await world.approvals.request(DELETE, ALICE, "C0OPS", "t1", "moved")).request.is_waiting


async def test_of_a_large_group_only_as_many_are_asked_about_as_it_takes(store: SqlRequestStore) -> None:
    world = with_policy(store, {"S0DATA"}, approvals=2)
    world.directory.add(*(Actor(id=f"U1{number:03}", kind=ActorKind.MEMBER, groups=DATA) for number in range(300)))
    await world.ask(DELETE)
    assert len(world.directory.requested_ids) <= 4


# Nobody approves what they started


async def ended(world: World, actor: Actor = ALICE, change: Change = DELETE) -> StoredRequest:
    waiting = await world.ask(change, actor, once=f"{actor.id} first")
    return await world.approvals.cancel(waiting.request.id, actor)


async def test_asking_again_for_somebody_does_not_let_them_approve_it(world: World) -> None:
    first = await ended(world, BOB)
    again = await world.approvals.request(DELETE, ALICE, "C0OPS", "t2", again_of=first.request)
    assert again.request.chain == ("U0BOB",)
    await world.reconciler.reconcile(again.request.id)
    with pytest.raises(e.NotAllowed, match="This repeats what you asked for"):
        await world.vote(again, BOB)
    with pytest.raises(e.NotAllowed, match="This repeats what you asked for"):
        await world.approvals.deny(again.request.id, BOB, "no")
    assert (await world.approve(again, CAROL)).request.state is State.SUCCEEDED


async def test_the_chain_goes_through_every_request_before(world: World) -> None:
    world.directory.add(DAN)
    first = await ended(world, BOB)
    second = await world.approvals.request(DELETE, CAROL, "C0OPS", "t2", again_of=first.request)
    await world.approvals.cancel(second.request.id, CAROL)
    third = await world.approvals.request(DELETE, ALICE, "C0OPS", "t3", again_of=second.request)
    assert third.request.initiators == {"U0ALICE", "U0BOB", "U0CAROL"}
    for actor in (BOB, CAROL):
        with pytest.raises(e.NotAllowed):
            await world.vote(third, actor)
    await world.vote(third, DAN)


async def test_an_undo_and_a_recreation_follow_what_they_take_back(store: SqlRequestStore) -> None:
    rules = {Action.UPDATE: Rule(approvers=DATA), Action.CREATE: Rule(approvals=1, approvers=DATA)}
    world = World(store, FakeSegment(SNOW), policy=Policy(rules=rules))
    done = await world.approve(await world.ask(DATABASE, BOB), CAROL)
    assert done.request.state is State.SUCCEEDED
    undo = invert_change(DATABASE, WarehouseSnapshot.of(world.segment.warehouses_by_id[SNOW.id]))
    undone = await world.approvals.request(undo, ALICE, "C0OPS", "t2", "back", follows=done.request)
    assert (undone.request.follows, undone.request.chain) == (done.request.id, ("U0BOB",))
    made = await world.approvals.request(NEW, ALICE, "C0OPS", "t3", "back", follows=done.request)
    for each in (undone, made):
        with pytest.raises(e.NotAllowed, match="This repeats"):
            await world.vote(each, BOB)
        await world.vote(each, CAROL)


async def test_where_only_those_in_the_chain_could_approve_it_is_refused(world: World) -> None:
    first = await ended(world, BOB)
    with pytest.raises(
        TooFewApprovers, match="Nobody but those who asked for this, and for what it repeats, can approve"
    ):
        await world.approvals.request(DELETE, CAROL, "C0OPS", "t2", again_of=first.request)


async def test_the_chain_of_requests_that_an_older_version_stored_is_followed(world: World) -> None:
    first = await ended(world, BOB)
    again = await world.approvals.request(DELETE, ALICE, "C0OPS", "t2", again_of=first.request)
    older = again.request.model_copy(update={"id": "W-OLD", "chain": (), "payload": "t3"})
    await world.store.advance(again.request.id, Cancel(by=ALICE.id, at=world.clock.now()))
    await world.store.add(older, "t3")
    with pytest.raises(e.NotAllowed, match="This repeats"):
        await world.approvals.approve("W-OLD", BOB, NAME)


# Reasons and names

NOTHING = ["", "   ", "\u200b", "\u00a0\ufe0f", "\u2800"]


@pytest.mark.parametrize("blank", NOTHING, ids=ascii)
async def test_without_a_reason_nothing_is_asked_denied_broken_or_taken_back(
    store: SqlRequestStore, blank: str
) -> None:
    rule = Rule(approvers=DATA, break_glass=frozenset({"U0BOB"}))
    world = World(store, FakeSegment(SNOW), policy=Policy(rules={Action.DELETE: rule}))
    with pytest.raises(ReasonMissing):
        await world.approvals.request(DELETE, ALICE, "C0OPS", "t1", blank)
    assert await store.list_open() == []
    waiting = await world.ask(DELETE)
    with pytest.raises(ReasonMissing):
        await world.approvals.deny(waiting.request.id, BOB, blank)
    with pytest.raises(ReasonMissing):
        await world.approvals.break_glass(waiting.request.id, BOB, blank, NAME)
    renamed = await world.ask(RENAME.model_copy(update={"target": WarehouseSnapshot.of(SNOW)}), once="t3")
    back = invert_change(RENAME, WarehouseSnapshot.of(world.segment.warehouses_by_id[SNOW.id]))
    with pytest.raises(ReasonMissing, match="back"):
        await world.approvals.request(back, ALICE, "C0OPS", "t4", blank, follows=renamed.request)
    kept = await store.get(waiting.request.id)
    assert kept is not None
    assert kept.request.history == ()


@pytest.mark.parametrize("typed", [None, "", "\u200b", "staging-snowflake"])
async def test_a_deletion_is_not_approved_without_its_name(store: SqlRequestStore, typed: str | None) -> None:
    rule = Rule(approvers=DATA, break_glass=frozenset({"U0BOB"}))
    world = World(store, FakeSegment(SNOW), policy=Policy(rules={Action.DELETE: rule}))
    waiting = await world.ask(DELETE)
    with pytest.raises(NameMismatch):
        await world.approvals.approve(waiting.request.id, BOB, typed)
    with pytest.raises(NameMismatch):
        await world.approvals.break_glass(waiting.request.id, BOB, "urgent", typed)
    await world.approvals.approve(waiting.request.id, BOB, "PROD-snowflake")


# Refusals


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.MEMBER])
async def test_each_refused_attempt_is_one_entry(world: World, kind: ActorKind) -> None:
    waiting = await world.ask(DELETE)
    actor = Actor(id="U0X", kind=kind, groups=DATA)
    world.directory.add(actor)
    admission = AccessControl(world.directory, RefusalLog(world.store, world.clock.now))
    with pytest.raises(e.NotAllowed):
        await world.approvals.request(NEW, actor, "C0OPS", "t2")
    with pytest.raises(e.NotAllowed):
        await world.approvals.approve(waiting.request.id, actor)
    with pytest.raises(e.NotAllowed):
        await world.approvals.deny(waiting.request.id, actor, "no")
    with pytest.raises(e.NotAllowed):
        await world.approvals.break_glass(waiting.request.id, actor, "now")
    with pytest.raises(e.NotAllowed):
        await world.approvals.cancel(waiting.request.id, actor)
    for vote in (Approve, Deny, BreakGlass):
        with pytest.raises(e.NotAllowed):
            await world.approvals.check_can_vote(waiting.request.id, actor, vote)
    for may, action in ((check_membership, "open form"), (may_view_requests, "history")):
        with pytest.raises(e.NotAllowed):
            await admission.require_permission(may, actor.id, "T0LOCAL", action)
    actions = ["ask to create", "approve", "deny", "break", "cancel", "approve", "deny", "breakglass", "open form"]
    assert await refused(world) == [(each, "U0X") for each in [*actions, "history"]]


async def test_who_is_let_in_leaves_no_trace(world: World) -> None:
    admission = AccessControl(world.directory, RefusalLog(world.store, world.clock.now))
    for may in (may_view_warehouses, may_view_requests, check_membership):
        assert await admission.require_permission(may, ALICE.id, "T0LOCAL", "list") == ALICE
    assert await refused(world) == []


async def test_who_was_made_a_guest_does_not_cancel(world: World) -> None:
    waiting = await world.ask(DELETE)
    with pytest.raises(e.NotAllowed, match="Guests"):
        await world.approvals.cancel(waiting.request.id, ALICE.model_copy(update={"kind": ActorKind.GUEST}))
