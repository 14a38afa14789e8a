"""The tables and their history."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.errors import RequestClosed, StoreFailed
from bot.domain.requests.request import Card
from bot.domain.requests.transitions import Approve, Claim, Deny, Succeed
from bot.store import tables
from bot.store.audit import AuditLog
from bot.store.database import DatabaseInUse, lock_sqlite_file, migrate, open_engine
from bot.store.requests import SqlRequestStore
from tests.support.databases import database
from tests.support.samples import later, request


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path) as url:
        made = open_engine(url)
        await migrate(made)
        yield made
        await made.dispose()


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))


async def test_the_migrations_end_in_the_tables_of_the_code(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_twice_changes_nothing(engine: AsyncEngine) -> None:
    await SqlRequestStore(engine).add(request(), "t1")
    await migrate(engine)
    assert len(await SqlRequestStore(engine).list_open()) == 1


async def test_a_request_comes_back_as_it_was_kept(engine: AsyncEngine) -> None:
    store = SqlRequestStore(engine)
    kept, made = await store.add(request(), "t1")
    assert made
    assert await store.get(kept.request.id) == kept
    assert await store.get("W-OTHER") is None


async def test_every_transition_and_every_refused_attempt_is_in_the_audit_log(engine: AsyncEngine) -> None:
    store, trail = SqlRequestStore(engine), AuditLog(engine)
    await store.add(request(), "t1")
    await store.advance("W-000001", Approve(by="U0BOB", at=later(1)))
    with pytest.raises(RequestClosed):
        await store.advance("W-000001", Deny(by="U0CAROL", at=later(2)))
    await store.append_audit_entry(
        AuditEntry(at=later(3), request_id="W-000001", actor="U0X", action="approve", state="", refused="No.")
    )
    entries = [AuditEntry.model_validate_json(each.entry_json) async for each in trail.read_entries()]
    assert [(each.action, each.actor, each.state, each.refused) for each in entries] == [
        ("ask", "U0ALICE", "pending", ""),
        ("approve", "U0BOB", "pending", ""),
        ("approve", "U0X", "", "No."),
    ]
    assert (await trail.verify()).problems == ()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET entry = replace(entry, 'U0BOB', 'U0EVE') WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 4",
        "UPDATE audit SET seq = CASE seq WHEN 2 THEN 103 WHEN 3 THEN 102 ELSE seq END",
        "DELETE FROM audit_head",
        "INSERT INTO audit (seq, entry, request_id, hash) SELECT 5, entry, request_id, hash FROM audit WHERE seq = 4",
    ],
)
async def test_edits_gaps_reordering_and_truncation_of_the_log_are_found(engine: AsyncEngine, tampering: str) -> None:
    store = SqlRequestStore(engine)
    await store.add(request(needed=5), "t1")
    for number, name in enumerate(("U0BOB", "U0CAROL", "U0DAN"), 1):
        await store.advance("W-000001", Approve(by=name, at=later(number)))
    assert (await AuditLog(engine).verify()).problems == ()
    async with engine.begin() as connection:
        await connection.execute(text(tampering))
    assert (await AuditLog(engine).verify()).problems


async def test_requests_are_found_by_warehouse_name_in_any_case_and_by_id(
    engine: AsyncEngine,
) -> None:
    store = SqlRequestStore(engine)
    await store.add(request(), "t1")
    for wanted in (" Prod-Snowflake ", "w_prod-snowflake"):
        assert [each.request.id for each in await store.list_by_name_or_id(wanted, 5)] == ["W-000001"]
    assert await store.list_by_name_or_id("prod", 5) == []


async def test_one_of_many_concurrent_claims_succeeds(engine: AsyncEngine) -> None:
    store = SqlRequestStore(engine)
    await store.add(request(needed=0), "t1")
    claims = [Claim(by=f"p{n}", at=later(1), until=later(1) + timedelta(minutes=5)) for n in range(50)]
    results = await asyncio.gather(*(store.advance("W-000001", claim) for claim in claims), return_exceptions=True)
    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_no_concurrent_vote_is_lost(engine: AsyncEngine) -> None:
    store = SqlRequestStore(engine)
    await store.add(request(needed=20), "t1")
    votes = [Approve(by=f"U0{n:03}", at=later(n)) for n in range(20)]
    await asyncio.gather(*(store.advance("W-000001", vote) for vote in votes))
    kept = await store.get("W-000001")
    assert kept is not None
    assert kept.request.is_ready


async def test_a_card_is_outdated_until_it_shows_the_newest_version(engine: AsyncEngine) -> None:
    store = SqlRequestStore(engine)
    await store.add(request(), "t1")
    card = Card(channel="C0OPS", ts="1.0")
    await store.save_card("W-000001", card, 0)
    assert await store.list_outdated() == []
    await store.advance("W-000001", Approve(by="U0BOB", at=later(1)))
    assert [each.card for each in await store.list_outdated()] == [card]
    await store.save_card("W-000001", card, 1)
    await store.mark_announced("W-000001", 1)
    await store.save_card("W-000001", card, 0)  # a late painter does not turn it back
    assert await store.list_outdated() == []


async def test_the_newest_change_of_a_warehouse_is_found(engine: AsyncEngine) -> None:
    store = SqlRequestStore(engine)
    made = request(needed=0)
    await store.add(made, "t1")
    assert await store.find_last_succeeded(str(made.warehouse_id)) is None
    await store.advance(made.id, Claim(by="p", at=later(1), until=later(301)))
    await store.advance(made.id, Succeed(at=later(2), warehouse_id=str(made.warehouse_id), verified=True))
    found = await store.find_last_succeeded(str(made.warehouse_id))
    assert found is not None
    assert found.request.id == made.id


def test_a_sqlite_file_serves_one_process(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new/bot.db"
    with lock_sqlite_file(url), pytest.raises(DatabaseInUse), lock_sqlite_file(url):
        raise AssertionError
    with lock_sqlite_file(url):
        pass
    with lock_sqlite_file("postgresql+asyncpg://h/d"), lock_sqlite_file("postgresql+asyncpg://h/d"):
        pass


async def test_a_database_failure_is_reported_with_a_message(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/never-migrated.db")
    store = SqlRequestStore(engine)
    for job in (store.list_open(), store.add(request(), "t1"), store.get("W-1"), store.mark_announced("W-1", 1)):
        with pytest.raises(StoreFailed) as caught:
            await job
        assert "try again" in caught.value.user_message
    await engine.dispose()
