"""The key of the audit log, as processes that start meet it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit_errors import AuditKeyChanged
from bot.domain.errors import StoreFailed
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.requests.transitions import Approve
from bot.store.audit import AuditKeyRefused, AuditLog, introduce_key
from bot.store.database import migrate, open_engine
from bot.store.one_time_secrets import SqlOneTimeSecretStore
from bot.store.requests import SqlRequestStore
from tests.support.databases import database
from tests.support.forged_requests import chained, rewrite_log, run_sql
from tests.support.samples import NOON, later, request

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
KEYED, ROTATED = AuditKeys([OLD]), AuditKeys([NEW, OLD])


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path) as url:
        made = open_engine(url)
        await migrate(made)
        yield made
        await made.dispose()


async def _actions(engine: AsyncEngine) -> list[str]:
    return [AuditEntry.model_validate_json(each.entry_json).action async for each in AuditLog(engine).read_entries()]


async def test_of_many_processes_that_start_one_introduces_the_key(engine: AsyncEngine) -> None:
    await asyncio.gather(*(introduce_key(engine, KEYED, NOON) for _ in range(5)))
    assert await _actions(engine) == ["introduce audit key"]
    assert (await AuditLog(engine, KEYED).verify()).problems == ()


async def test_from_the_key_on_everything_is_keyed_and_what_was_before_is_bound_by_it(engine: AsyncEngine) -> None:
    await SqlRequestStore(engine).add(request(needed=3), "t1")
    await introduce_key(engine, KEYED, NOON)
    await SqlRequestStore(engine, keys=KEYED).advance("W-000001", Approve(by="U0BOB", at=later(1)))
    await introduce_key(engine, ROTATED, NOON)
    await introduce_key(engine, ROTATED, NOON)
    await SqlRequestStore(engine, keys=ROTATED).advance("W-000001", Approve(by="U0CAROL", at=later(2)))
    introduced = "introduce audit key"
    assert await _actions(engine) == ["ask", introduced, "approve", introduced, "approve"]
    report = await AuditLog(engine, ROTATED).verify()
    assert (report.problems, report.first_keyed_seq) == ((), 4)
    await run_sql(engine, "UPDATE audit SET entry = replace(entry, 'U0ALICE', 'U0EVE') WHERE seq = 1")
    assert "Entry 1 was changed" in (await AuditLog(engine, ROTATED).verify()).problems[0]
    await rewrite_log(engine, lambda links: [*chained(links[:1]), *links[1:]])
    assert "Entry 2 was changed" in (await AuditLog(engine, ROTATED).verify()).problems[0]


async def test_a_process_with_another_key_does_not_start(engine: AsyncEngine) -> None:
    await introduce_key(engine, KEYED, NOON)
    for keys, says in ((AuditKeys(), "no key is set"), (AuditKeys([NEW]), "another key")):
        with pytest.raises(AuditKeyRefused, match=says):
            await introduce_key(engine, keys, NOON)
        assert await _actions(engine) == ["introduce audit key"]
        assert (await AuditLog(engine, keys).verify()).problems


async def test_a_log_that_was_emptied_beside_its_requests_is_not_begun_anew(engine: AsyncEngine) -> None:
    await introduce_key(engine, KEYED, NOON)
    await SqlRequestStore(engine, keys=KEYED).add(request(), "t1")
    await rewrite_log(engine, lambda _: [])
    with pytest.raises(AuditKeyRefused, match="somebody deleted them"):
        await introduce_key(engine, KEYED, NOON)
    assert (await AuditLog(engine, KEYED).verify()).problems


async def test_a_process_that_still_has_the_old_key_adds_nothing(engine: AsyncEngine) -> None:
    await introduce_key(engine, KEYED, NOON)
    handover = OneTimeSecret(
        id="1", person="U0A", form="V1", key="password", label="Password", about="", way="page", until=later(60)
    )
    await introduce_key(engine, ROTATED, NOON)
    entry = AuditEntry(at=NOON, request_id="", actor="U0A", action="hand in", state="")
    with pytest.raises(AuditKeyChanged):
        await SqlOneTimeSecretStore(engine, KEYED).save_value(handover, "sealed", entry)
    with pytest.raises(AuditKeyChanged):
        await SqlRequestStore(engine, keys=KEYED).append_audit_entry(entry)
    assert await SqlOneTimeSecretStore(engine, KEYED).list_received("V1", "U0A") == ()
    assert len(await _actions(engine)) == 2


async def test_a_database_that_fails_is_said(engine: AsyncEngine) -> None:
    await run_sql(engine, "DROP TABLE audit_head")
    with pytest.raises(StoreFailed):
        await introduce_key(engine, KEYED, NOON)
