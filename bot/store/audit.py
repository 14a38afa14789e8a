"""The audit trail in the database: appended to inside the transaction of what it tells."""

from collections.abc import AsyncIterator

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.audit import Entry, Link, broken, link
from bot.store import tables


async def append(connection: AsyncConnection, entry: Entry) -> None:
    """Add `entry` to the end of the chain, in the transaction of `connection`."""
    head = tables.audit_head
    # Taking the head's row makes everybody else who appends wait until this transaction ends.
    taken = update(head).where(head.c.id == 1).values(seq=head.c.seq + 1).returning(head.c.seq, head.c.hash)
    seq, before = (await connection.execute(taken)).one()
    text = entry.model_dump_json()
    row = {"seq": seq, "entry": text, "request_id": entry.request_id, "hash": link(before, seq, text)}
    await connection.execute(insert(tables.audit).values(row))
    await connection.execute(update(head).where(head.c.id == 1).values(hash=row["hash"]))


class AuditTrail:
    """Reads the trail of `engine`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def links(self) -> AsyncIterator[Link]:
        """Every entry as it is kept, oldest first."""
        table = tables.audit
        async with self._engine.connect() as connection:
            rows = await connection.stream(select(table.c.seq, table.c.entry, table.c.hash).order_by(table.c.seq))
            async for row in rows:
                yield Link(row.seq, row.entry, row.hash)

    async def broken(self) -> str:
        """What is wrong with the trail; empty where nothing is."""
        head, table = tables.audit_head, tables.audit
        # One snapshot for both, since the bot may write meanwhile. SQLite's transactions are one by themselves.
        snapshot = {} if self._engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        async with self._engine.connect() as connection:
            await connection.execution_options(**snapshot)
            if self._engine.dialect.name == "sqlite":
                await connection.exec_driver_sql("BEGIN")  # Python's driver begins none for reading
            end = (await connection.execute(select(head.c.seq, head.c.hash))).one_or_none()
            if end is None:
                return "the record of the trail's end is missing"
            rows = await connection.execute(select(table.c.seq, table.c.entry, table.c.hash).order_by(table.c.seq))
            return broken((Link(*row) for row in rows), Link(end.seq, "", end.hash))
