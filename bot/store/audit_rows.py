"""Reading the rows of the audit log."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit.entries import Head, Link
from bot.store.tables import audit, audit_head


async def read_head(connection: AsyncConnection) -> Head | None:
    """The record of the log's end; None where it is missing."""
    row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash, audit_head.c.key_id))).one_or_none()
    return Head(*row) if row else None


async def read_newest(connection: AsyncConnection, count: int) -> list[Link]:
    """The last entries, at most `count`, newest first."""
    rows = await connection.execute(_LINKS.order_by(audit.c.seq.desc()).limit(count))
    return [Link(*row) for row in rows]


async def read_links(connection: AsyncConnection, first: int = 1) -> AsyncIterator[Link]:
    """The entries from number `first` on, oldest first."""
    async with connection.stream(_LINKS.where(audit.c.seq >= first).order_by(audit.c.seq)) as rows:
        async for row in rows:
            yield Link(*row)


_LINKS = select(audit.c.seq, audit.c.entry, audit.c.hash, audit.c.key_id, audit.c.request_id)
