"""Read the rows of the audit log."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit.entries import AuditHead, ChainedEntry
from bot.store.tables import audit_entries, audit_head


async def read_head(connection: AsyncConnection) -> AuditHead | None:
    """Return the record of the log's end; None if it is missing."""
    row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash, audit_head.c.key_id))).one_or_none()
    return AuditHead(*row) if row else None


async def read_newest(connection: AsyncConnection, count: int) -> list[ChainedEntry]:
    """Return up to `count` of the last entries, newest first."""
    rows = await connection.execute(_SELECT_ENTRIES.order_by(audit_entries.c.seq.desc()).limit(count))
    return [ChainedEntry(*row) for row in rows]


async def read_entries(connection: AsyncConnection, first: int = 1) -> AsyncIterator[ChainedEntry]:
    """Yield the entries from number `first` on, oldest first."""
    async with connection.stream(
        _SELECT_ENTRIES.where(audit_entries.c.seq >= first).order_by(audit_entries.c.seq)
    ) as rows:
        async for row in rows:
            yield ChainedEntry(*row)


_SELECT_ENTRIES = select(
    audit_entries.c.seq, audit_entries.c.entry, audit_entries.c.hash, audit_entries.c.key_id, audit_entries.c.request_id
)
