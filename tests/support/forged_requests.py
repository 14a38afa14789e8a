"""Somebody who can write to the bot's database, and has no key of the audit log."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import EMPTY_LOG_HEAD, ChainedEntry
from bot.domain.audit.keys import AuditKeys
from bot.store.tables import audit_entries, audit_head, requests


def chained(
    links: Iterable[ChainedEntry], keys: AuditKeys | None = None, label: str | None = None
) -> list[ChainedEntry]:
    """The same entries in a chain of their own: without a key, or with the newest of `keys`; `label` lies about it."""
    made: list[ChainedEntry] = []
    keys = keys or AuditKeys()
    for seq, link in enumerate(links, 1):
        before = made[-1].hash if made else ""
        digest = keys.hash_entry(keys.current_id, before, seq, link.entry_json)
        made.append(link._replace(seq=seq, hash=digest, key_id=keys.current_id if label is None else label))
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


async def rewrite_log(engine: AsyncEngine, edit: Callable[[list[ChainedEntry]], list[ChainedEntry]]) -> None:
    """Put what `edit` makes of the log in its place, and record its end."""
    async with engine.begin() as connection:
        columns = select(
            audit_entries.c.seq,
            audit_entries.c.entry,
            audit_entries.c.hash,
            audit_entries.c.key_id,
            audit_entries.c.request_id,
        )
        links = edit([ChainedEntry(*row) for row in await connection.execute(columns.order_by(audit_entries.c.seq))])
        await connection.execute(delete(audit_entries))
        names = ("seq", "entry", "hash", "key_id", "request_id")
        if links:
            await connection.execute(insert(audit_entries), [dict(zip(names, link, strict=True)) for link in links])
        end = links[-1].head if links else EMPTY_LOG_HEAD
        await connection.execute(update(audit_head).values(seq=end.seq, hash=end.hash, key_id=end.key_id))
