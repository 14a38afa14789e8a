"""The audit log in the database. Each entry is appended in the transaction of the change that it records."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.key_introduction import check_key_at_start, create_introduction_entry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.report import AuditReport
from bot.domain.audit.verification import AuditVerifier
from bot.domain.audit_errors import AuditKeyChanged
from bot.store import tables
from bot.store.audit_comparison import compare_requests
from bot.store.audit_rows import read_entries, read_head, read_newest
from bot.store.database import open_transaction

log = structlog.get_logger(__name__)


class AuditKeyRefused(Exception):
    """This process must not write to the audit log, for a reason in full sentences."""


async def append_entry(connection: AsyncConnection, entry: AuditEntry, keys: AuditKeys) -> None:
    """Add `entry` to the end of the chain, in the transaction of `connection`.

    Raises:
        AuditKeyChanged: the log has another key since this process started.
    """
    end = await _lock_head(connection)
    if end.key_id != keys.current_id:
        log.error("audit log has another key", log_key=end.key_id, own_key=keys.current_id)
        raise AuditKeyChanged
    await _write_entry(connection, entry, end, keys)


async def introduce_key(engine: AsyncEngine, keys: AuditKeys, now: datetime) -> None:
    """Key the log with the newest of `keys` from now on, unless it already is.

    Raises:
        AuditKeyRefused: the log has a key that is not configured, or its end was changed.
        StoreFailed: the database failed.
    """
    async with open_transaction(engine) as connection:
        # Locks the head's row, so that one of several starting processes introduces the key.
        await connection.execute(update(tables.audit_head).values(seq=tables.audit_head.c.seq))
        head = await read_head(connection)
        newest, before = [*await read_newest(connection, 2), None, None][:2]
        has_requests = (await connection.execute(select(tables.requests.c.id).limit(1))).first() is not None
        is_new, refusal = check_key_at_start(
            keys, head, newest, before.hash if before else "", has_requests=has_requests
        )
        if refusal:
            raise AuditKeyRefused(refusal)
        if is_new and head is not None:
            await _write_entry(
                connection,
                create_introduction_entry(keys.current_id, head.key_id, now),
                await _lock_head(connection),
                keys,
            )
            log.info("audit key introduced", key=keys.current_id)


async def _lock_head(connection: AsyncConnection) -> AuditHead:
    """Lock the log's end, count its number up, and return the end as it was before."""
    head = tables.audit_head
    # Locks the head's row: other appends wait until this transaction ends.
    taken = update(head).where(head.c.id == 1).values(seq=head.c.seq + 1)
    seq, before, key = (await connection.execute(taken.returning(head.c.seq, head.c.hash, head.c.key_id))).one()
    return AuditHead(seq - 1, before, key)


async def _write_entry(connection: AsyncConnection, entry: AuditEntry, end: AuditHead, keys: AuditKeys) -> None:
    text, seq, key = entry.model_dump_json(), end.seq + 1, keys.current_id
    digest = keys.hash_entry(key, end.hash, seq, text)
    row = {"seq": seq, "entry": text, "request_id": entry.request_id, "hash": digest, "key_id": key}
    await connection.execute(insert(tables.audit_entries).values(row))
    head = tables.audit_head
    await connection.execute(update(head).where(head.c.id == 1).values(hash=digest, key_id=key))


class AuditLog:
    """Reads the log of `engine`, and verifies it with `keys`, if there are any. Changes nothing."""

    def __init__(self, engine: AsyncEngine, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()

    async def read_entries(self) -> AsyncIterator[ChainedEntry]:
        """Yield every entry as it is stored, oldest first."""
        async with self._engine.connect() as connection:
            async for link in read_entries(connection):
                yield link

    async def read_head(self) -> AuditHead:
        """Return the end of the log, without verifying it."""
        async with self._engine.connect() as connection:
            newest = await read_newest(connection, 1)
            return newest[0].head if newest else EMPTY_LOG_HEAD

    async def verify(self, expected_head: AuditHead | None = None) -> AuditReport:
        """Verify the log, that it contains `expected_head`, and that every request matches its entries."""
        check = AuditVerifier(self._keys, expected_head=expected_head)
        async with self._snapshot() as connection:
            async for link in read_entries(connection):
                check.verify_entry(link)
            check.verify_end(await read_head(connection))
            requests = await compare_requests(connection, check, self._keys)
        return AuditReport(check.head, requests, self._keys.current_id, check.first_keyed_seq, tuple(check.problems))

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection that sees one state of the database, because the bot may write at the same time."""
        sqlite = self._engine.dialect.name == "sqlite"
        async with self._engine.connect() as connection:
            if sqlite:
                await connection.exec_driver_sql("BEGIN")  # Python's driver begins no transaction for reading
            else:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
