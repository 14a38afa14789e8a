"""Somebody writes into the bot's tables: what the audit log does not say is not executed."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry, ChainedEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit_errors import AuditKeyChanged
from bot.domain.changes.change import Create, Delete, Update, WarehouseSnapshot
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Claim
from bot.domain.warehouses import SecretRef
from bot.render.cards import render_card
from bot.store.audit import AuditKeyRefused, AuditLog, introduce_key
from bot.store.database import migrate, open_engine
from bot.store.requests import SqlRequestStore
from bot.store.tables import requests
from tests.support.databases import database
from tests.support.fakes import FakeSegment
from tests.support.forged_requests import chained, change_body, change_row, rewrite_log, run_sql
from tests.support.samples import ALICE, BOB, NOON, PROD, kind, warehouse
from tests.support.services import World

KEY = SecretStr(Fernet.generate_key().decode())
KEYED, UNKEYED = AuditKeys([KEY]), AuditKeys()

SNOW = warehouse("prod-snowflake", account="acme")
OTHER = warehouse("other")
DELETION = Delete(target=WarehouseSnapshot.of(SNOW))
UPDATE = Update(
    target=WarehouseSnapshot.of(SNOW),
    settings={"account": "globex", "odd_key": "hidden value"},
    secrets={"password": SecretRef(name="LOADER")},
    plain_keys=("account",),
)
APPROVAL = {"kind": "approve", "by": "U0BOB", "at": NOON.isoformat()}


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path) as url:
        made = open_engine(url)
        await migrate(made)
        yield made
        await made.dispose()


@pytest.fixture(params=["keyed", "unkeyed"])
async def keys(request: pytest.FixtureRequest, engine: AsyncEngine) -> AuditKeys:
    made = KEYED if request.param == "keyed" else UNKEYED
    await introduce_key(engine, made, NOON)
    return made


@pytest.fixture
def world(engine: AsyncEngine, keys: AuditKeys) -> World:
    return World(SqlRequestStore(engine, keys=keys), FakeSegment(SNOW, OTHER))


def _approved(body: dict[str, Any]) -> None:
    body["history"].append(APPROVAL)


def _another_warehouse(body: dict[str, Any]) -> None:
    body["change"]["target"] = WarehouseSnapshot.of(OTHER).model_dump(mode="json")


async def _problems(world: World, engine: AsyncEngine) -> tuple[str, ...]:
    return (await AuditLog(engine, world.store._keys).verify()).problems


async def _is_stopped(world: World, engine: AsyncEngine, stored: StoredRequest) -> StoredRequest:
    """The request, after the bot was given every chance to execute it and did not."""
    world.clock.advance(20)
    await world.reconciler.reconcile_due()
    done = await world.reconciler.reconcile(stored.request.id)
    assert done.request.state is State.FAILED
    assert world.segment.writes == []
    assert "Not executed: " in render_card(done.request).text
    assert "Nothing was sent to Segment." in render_card(done.request).text
    entries = [AuditEntry.model_validate_json(each.entry_json) async for each in AuditLog(engine).read_entries()]
    assert [each.action for each in entries if each.request_id == stored.request.id][-1] == "fail"
    return done


async def test_what_nobody_touched_is_executed_and_whole(world: World, engine: AsyncEngine) -> None:
    asked = await world.ask(UPDATE)
    assert (await world.approve(asked)).request.state is State.SUCCEEDED
    assert await _problems(world, engine) == ()


async def test_a_forged_approval_is_not_executed_and_is_said(
    world: World, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = await world.ask(DELETION)
    await change_body(engine, asked.request.id, _approved)
    found = f"Request {asked.request.id!r} differs from its entries: its history is another."
    assert await _problems(world, engine) == (found,)
    done = await _is_stopped(world, engine, asked)
    assert "differs from the audit log" in render_card(done.request).text
    assert "request differs from the audit log" in capsys.readouterr().out
    assert await _problems(world, engine)  # also when it has ended


@pytest.mark.parametrize(
    "forgery",
    [
        lambda body: body.update(requirements=[]),
        lambda body: body["change"]["settings"].update(odd_key="hidden other"),
        _another_warehouse,
    ],
    ids=["no approval needed", "a setting that is hidden", "another warehouse"],
)
async def test_an_approved_request_that_is_changed_is_not_executed(
    world: World, engine: AsyncEngine, forgery: Callable[[dict[str, Any]], object]
) -> None:
    asked = await world.ask(UPDATE)
    await world.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    await change_body(engine, asked.request.id, forgery)
    await _is_stopped(world, engine, asked)


@pytest.mark.parametrize("columns", [{"state": "unknown"}, {"version": 7}, {"version": 0}], ids=str)
async def test_a_row_that_is_marked_otherwise_than_it_reads_is_not_executed(
    world: World, engine: AsyncEngine, columns: dict[str, object]
) -> None:
    asked = await world.ask(DELETION)
    await world.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    await change_row(engine, asked.request.id, **columns)
    await _is_stopped(world, engine, asked)


async def test_a_request_that_nobody_asked_is_not_executed(world: World, engine: AsyncEngine) -> None:
    asked = await world.ask(DELETION)
    await world.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    async with engine.begin() as connection:
        row = dict((await connection.execute(select(requests))).mappings().one())
        body = row["body"].replace(asked.request.id, "W-FORGED")
        await connection.execute(insert(requests).values({**row, "id": "W-FORGED", "once": "t2", "body": body}))
    assert await _problems(world, engine) == ("Request 'W-FORGED' differs from its entries: it was never asked.",)
    assert (await world.reconciler.reconcile("W-FORGED")).request.state is State.FAILED
    assert world.segment.writes == []
    assert (await world.reconciler.reconcile(asked.request.id)).request.state is State.SUCCEEDED


async def test_a_request_whose_row_is_gone_is_found(world: World, engine: AsyncEngine) -> None:
    asked = await world.ask(DELETION)
    await run_sql(engine, "DELETE FROM requests")
    assert await _problems(world, engine) == (f"Request {asked.request.id!r} has entries, and is gone.",)


async def _as_it_was_before_the_claim(world: World, engine: AsyncEngine) -> StoredRequest:
    """An update that was carried out, written back to where it was approved, with Segment as it was then."""
    asked = await world.ask(UPDATE)
    done = await world.approve(asked)
    assert done.request.state is State.SUCCEEDED
    world.segment.warehouses_by_id, world.segment.writes = {SNOW.id: SNOW}, []
    await change_body(engine, asked.request.id, _back_to_approved)
    return asked


def _back_to_approved(body: dict[str, Any]) -> None:
    body["state"] = "pending"
    del body["history"][1:]


@pytest.mark.parametrize("asks_more", [True, False], ids=["in the middle", "at the end"])
@pytest.mark.parametrize(
    "hiding",
    ["DELETE FROM audit WHERE action", "UPDATE audit SET request_id = 'W-OTHER' WHERE action", "SELECT 1"],
    ids=["cut out", "filed elsewhere", "left"],
)
async def test_what_was_done_is_not_done_again(world: World, engine: AsyncEngine, hiding: str, asks_more: bool) -> None:
    asked = await _as_it_was_before_the_claim(world, engine)
    if asks_more:
        await world.store.append_audit_entry(
            AuditEntry(at=NOON, request_id="", actor="U0X", action="ask", state="", refused="No.")
        )
    outcome = '(entry LIKE \'%"action":"claim"%\' OR entry LIKE \'%"action":"succeed"%\')'
    await run_sql(engine, hiding.replace("action", outcome))
    await _stopped_again(world, asked)


async def _stopped_again(world: World, asked: StoredRequest) -> None:
    done = await world.reconciler.reconcile(asked.request.id)
    assert done.request.state is State.FAILED
    assert world.segment.writes == []


async def test_an_older_state_of_the_whole_database_is_found_by_a_head_kept_elsewhere_alone(
    world: World, engine: AsyncEngine
) -> None:
    trail = AuditLog(engine, world.store._keys)
    asked = await _as_it_was_before_the_claim(world, engine)
    head = await trail.read_head()
    await rewrite_log(engine, lambda links: links[:-2])
    assert (await trail.verify()).problems == ()
    assert any("cut off" in each for each in (await trail.verify(expected_head=head)).problems)
    assert (await world.reconciler.reconcile(asked.request.id)).request.state is State.SUCCEEDED


async def test_the_outcome_of_what_was_claimed_is_left_open_where_the_request_was_changed_since(
    world: World, engine: AsyncEngine
) -> None:
    asked = await world.ask(DELETION)
    await world.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    now = world.clock.now()
    await world.store.advance(asked.request.id, Claim(by="p0", at=now, until=now + timedelta(seconds=60)))
    await change_body(engine, asked.request.id, _another_warehouse)
    world.clock.advance(120)
    await world.reconciler.reconcile_due()
    left = await world.store.get(asked.request.id)
    assert left is not None
    assert left.request.state is State.UNKNOWN
    assert "Stopped: the stored request differs from the audit log." in render_card(left.request).text
    assert world.segment.writes == []


def _forged_vote(links: list[ChainedEntry]) -> list[ChainedEntry]:
    asked = AuditEntry.model_validate_json(links[-1].entry_json)
    vote = asked.model_copy(
        update={"actor": "U0BOB", "action": "approve", "detail": json.dumps(APPROVAL), "digest": ""}
    )
    return [*links, links[-1]._replace(entry_json=vote.model_dump_json())]


async def test_who_rewrites_the_log_too_needs_the_key(world: World, engine: AsyncEngine) -> None:
    asked = await world.ask(DELETION)
    await change_body(engine, asked.request.id, _approved)
    await rewrite_log(engine, lambda links: chained(_forged_vote(links)))
    if world.store._keys.current_id:
        assert await _problems(world, engine)
        with pytest.raises(AuditKeyChanged):  # what is not keyed is not added to either
            await world.reconciler.reconcile(asked.request.id)
        assert world.segment.writes == []
    else:  # what docs/audit.md says that a log without a key can't tell
        assert await _problems(world, engine) == ()
        assert (await world.reconciler.reconcile(asked.request.id)).request.state is State.SUCCEEDED


@pytest.mark.parametrize("label", ["", KEYED.current_id], ids=["unkeyed", "called keyed"])
async def test_a_key_does_not_bless_what_was_forged_before_it(
    engine: AsyncEngine, label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await introduce_key(engine, KEYED, NOON)
    world = World(SqlRequestStore(engine, keys=KEYED), FakeSegment(SNOW, OTHER))
    asked = await world.ask(DELETION)
    await change_body(engine, asked.request.id, _approved)
    await rewrite_log(engine, lambda links: chained(_forged_vote(links[1:]), label=label))
    if label:
        with pytest.raises(AuditKeyRefused, match="end of the audit log was changed"):
            await introduce_key(engine, KEYED, NOON)
        return
    await introduce_key(engine, KEYED, NOON)  # as at the next start
    done = await world.reconciler.reconcile(asked.request.id)
    assert done.request.state is State.FAILED
    assert "asked before the key of the audit log was set or changed" in render_card(done.request).text
    assert world.segment.writes == []


async def test_what_was_asked_before_the_key_is_asked_again(engine: AsyncEngine) -> None:
    old = World(SqlRequestStore(engine), FakeSegment(SNOW, OTHER))
    asked = await old.ask(DELETION)
    await old.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    await introduce_key(engine, KEYED, NOON)
    world = World(SqlRequestStore(engine, keys=KEYED), FakeSegment(SNOW, OTHER))
    stopped = await world.reconciler.reconcile(asked.request.id)
    assert "Nothing was sent to Segment. Ask again." in render_card(stopped.request).text
    assert world.segment.writes == []
    again = await world.ask(DELETION, once="t2")
    assert (await world.approve(again)).request.state is State.SUCCEEDED
    report = await AuditLog(engine, KEYED).verify()
    assert (report.problems, report.first_keyed_seq, report.request_count) == ((), 3, 2)


async def test_a_process_that_does_not_have_the_newest_key_keeps_nothing(engine: AsyncEngine) -> None:
    world = World(SqlRequestStore(engine), FakeSegment(SNOW, OTHER))
    await introduce_key(engine, KEYED, NOON)
    with pytest.raises(AuditKeyChanged) as caught:
        await world.approvals.request(DELETION, ALICE, "C0OPS", "t1", "moved")
    assert "nothing was kept" in caught.value.user_message
    assert await world.store.list_open() == []


def _without_digests(links: list[ChainedEntry]) -> list[ChainedEntry]:
    """As the version before digests wrote it."""
    entries = [json.loads(link.entry_json) for link in links]
    kept = [{key: value for key, value in each.items() if key != "digest"} for each in entries]
    return chained(link._replace(entry_json=json.dumps(each)) for link, each in zip(links, kept, strict=True))


async def _asked_by_the_version_before(engine: AsyncEngine) -> tuple[World, StoredRequest]:
    world = World(SqlRequestStore(engine), FakeSegment(SNOW, OTHER))
    asked = await world.ask(UPDATE)
    await world.approvals.approve(asked.request.id, BOB, asked.request.change.warehouse_name)
    await rewrite_log(engine, _without_digests)
    await run_sql(engine, "UPDATE requests SET salt = ''")
    return world, asked


async def test_what_the_version_before_asked_is_executed(engine: AsyncEngine) -> None:
    world, asked = await _asked_by_the_version_before(engine)
    assert await _problems(world, engine) == ()
    assert (await world.reconciler.reconcile(asked.request.id)).request.state is State.SUCCEEDED


async def test_what_the_version_before_asked_is_not_executed_where_its_entries_show_something_else(
    engine: AsyncEngine,
) -> None:
    world, asked = await _asked_by_the_version_before(engine)
    await change_body(engine, asked.request.id, lambda body: body["change"]["settings"].update(account="evil"))
    await _is_stopped(world, engine, asked)


async def test_a_creation_is_compared_too(world: World, engine: AsyncEngine) -> None:
    new = kind("snowflake")
    change = Create(
        space=PROD,
        metadata_id=new.metadata_id,
        type_slug=new.slug,
        type_name=new.name,
        name="new",
        settings={"account": "acme", "port": 443, "ratio": 1.0, "odd": {"b": [1, None], "a": True}},
    )
    world.cards.unreachable_channels.add("C0OPS")  # so that it is not begun yet
    asked = await world.approvals.request(change, ALICE, "C0OPS", "t1")
    await change_body(engine, asked.request.id, lambda body: body["change"]["settings"].update(port=444))
    world.cards.unreachable_channels.clear()
    await _is_stopped(world, engine, asked)
    again = await world.ask(change, once="t2")
    assert again.request.state is State.SUCCEEDED


async def test_an_export_does_not_hold_what_settings_could_be_guessed_with(world: World, engine: AsyncEngine) -> None:
    await world.ask(UPDATE)
    entries = [each.entry_json async for each in AuditLog(engine).read_entries()]
    async with engine.begin() as connection:
        salt = (await connection.execute(select(requests.c.salt))).scalar_one()
    assert len(salt) == 32
    assert not [each for each in entries if salt in each or "hidden value" in each]
