"""Somebody who can write to the bot's database, and has no key of the audit log."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import NOTHING, Link
from bot.domain.audit.keys import AuditKeys
from bot.store.tables import audit, audit_head, requests


def chained(links: Iterable[Link], keys: AuditKeys | None = None, label: str | None = None) -> list[Link]:
    """The same entries in a chain of their own: without a key, or with the newest of `keys`; `label` lies about it."""
    made: list[Link] = []
    keys = keys or AuditKeys()
    for seq, link in enumerate(links, 1):
        before = made[-1].hash if made else ""
        digest = keys.hash(keys.current, before, seq, link.entry)
        made.append(link._replace(seq=seq, hash=digest, key=keys.current if label is None else label))
    return made


async def run_sql(engine: AsyncEngine, statement: str) -> None:
    """Run one statement."""
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def change_row(engine: AsyncEngine, request_id: str, **columns: object) -> None:
    """Write into columns of a request's row."""
    async with engine.begin() as connection:
        await connection.execute(update(requests).where(requests.c.id == request_id).values(columns))


async def change_body(engine: AsyncEngine, request_id: str, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the stored request, with the columns that go with it."""
    async with engine.begin() as connection:
        row = (await connection.execute(select(requests).where(requests.c.id == request_id))).mappings().one()
        body = json.loads(row["body"])
        edit(body)
        fitting = {"body": json.dumps(body), "version": len(body["history"]), "state": body["state"]}
        await connection.execute(update(requests).where(requests.c.id == request_id).values(fitting))


async def rewrite_log(engine: AsyncEngine, edit: Callable[[list[Link]], list[Link]]) -> None:
    """Put what `edit` makes of the log in its place, and record its end."""
    async with engine.begin() as connection:
        columns = select(audit.c.seq, audit.c.entry, audit.c.hash, audit.c.key_id, audit.c.request_id)
        links = edit([Link(*row) for row in await connection.execute(columns.order_by(audit.c.seq))])
        await connection.execute(delete(audit))
        names = ("seq", "entry", "hash", "key_id", "request_id")
        if links:
            await connection.execute(insert(audit), [dict(zip(names, link, strict=True)) for link in links])
        end = links[-1].head if links else NOTHING
        await connection.execute(update(audit_head).values(seq=end.seq, hash=end.hash, key_id=end.key))
