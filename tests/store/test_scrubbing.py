"""Known secrets, short ones too, are in no row of the database and in no line of the export; common words stay."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import Update, WarehouseSnapshot
from bot.domain.changes.diff import find_drift
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.transitions import Deny, Fail, Supersede, Transition
from bot.domain.segment_errors import FieldError
from bot.store import tables
from bot.store.audit import AuditLog
from bot.store.database import migrate, open_connection, open_engine
from bot.store.requests import SqlRequestStore
from tests.support.databases import database
from tests.support.samples import NOON, later, request, warehouse

SHORT, COMMON = "hunter7", "postgres"
SEEN = warehouse(
    f"eu-{SHORT}",
    warehouse_id="w1",
    slug="redshift",
    schema_name=f"s_{SHORT}",
    hostname=f"{SHORT}.{COMMON}.example.com",
)
CHANGED = warehouse(
    f"us-{SHORT}", warehouse_id="w1", slug="redshift", schema_name=f"s_{SHORT}", hostname=f"b.{SHORT}.example.com"
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path) as url:
        made = open_engine(url)
        await migrate(made)
        yield made
        await made.dispose()


async def stored(engine: AsyncEngine) -> str:
    """Every row, and every line that `audit export` writes."""
    async with open_connection(engine) as connection:
        kept = (tables.requests, tables.audit_entries)
        rows = str([(await connection.execute(select(table))).all() for table in kept])
    return rows + str([link.entry_json async for link in AuditLog(engine).read_entries()])


async def test_no_row_contains_a_short_secret_and_common_words_stay(engine: AsyncEngine) -> None:
    censor = Scrubber(SecretStr(SHORT), SecretStr(COMMON))
    store = SqlRequestStore(engine, censor)
    change = Update(target=WarehouseSnapshot.of(SEEN), enabled=False, before={"hostname": f"{SHORT}.{COMMON}"})
    error = FieldError(type=SHORT, message=f"bad {SHORT}")
    moves: tuple[Transition, ...] = (
        Deny(by="U0BOB", at=later(1), reason=f"it is {SHORT}"),
        Supersede(at=later(1), drift=find_drift(WarehouseSnapshot.of(SEEN), CHANGED)),
        Fail(at=later(1), reason=f"no {SHORT}", errors=(error,)),
    )
    for at, move in enumerate(moves):
        asked = request(change, needed=isinstance(move, Deny), request_id=f"W-00000{at}")
        await store.add(asked.model_copy(update={"reason": f"for {SHORT}", "payload": f"t{at}"}), f"t{at}")
        await store.advance(asked.id, move)
        change = change.model_copy(update={"schema_name": f"new{at}"})  # the same is not asked twice
    detail = f'{{"host": "{SHORT}.{COMMON}"}}'
    entry = AuditEntry(at=NOON, request_id=SHORT, actor="U0BOB", action="deny", state="", refused=SHORT, detail=detail)
    await store.append_audit_entry(entry)
    kept = await stored(engine)
    assert SHORT not in kept
    assert COMMON in kept
    assert len(await store.list_by_name_or_id(f"eu-{SHORT}", 10)) == len(moves)
