"""Reading the rows of the audit log."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit.entries import AuditHead, ChainedEntry
from bot.store.tables import audit_entries, audit_head


async def read_head(connection: AsyncConnection) -> AuditHead | None:
    """The record of the log's end; None where it is missing."""
    row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash, audit_head.c.key_id))).one_or_none()
    return AuditHead(*row) if row else None


async def read_newest(connection: AsyncConnection, count: int) -> list[ChainedEntry]:
    """The last entries, at most `count`, newest first."""
    rows = await connection.execute(_LINKS.order_by(audit_entries.c.seq.desc()).limit(count))
    return [ChainedEntry(*row) for row in rows]


async def read_entries(connection: AsyncConnection, first: int = 1) -> AsyncIterator[ChainedEntry]:
    """The entries from number `first` on, oldest first."""
    async with connection.stream(_LINKS.where(audit_entries.c.seq >= first).order_by(audit_entries.c.seq)) as rows:
        async for row in rows:
            yield ChainedEntry(*row)


_LINKS = select(
    audit_entries.c.seq, audit_entries.c.entry, audit_entries.c.hash, audit_entries.c.key_id, audit_entries.c.request_id
)
