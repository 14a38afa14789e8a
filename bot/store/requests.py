"""Requests and their audit trail in the database: the adapter of the `Requests` port."""

import secrets
from collections.abc import Sequence

import structlog
from pydantic import ValidationError
from sqlalchemy import RowMapping, Select, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.errors import RequestClosed
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.audit_entries import create_request_entry, create_transition_entry
from bot.domain.requests.duplicates import DUPLICATE_WINDOW, reject_duplicate
from bot.domain.requests.request import OPEN_STATES, Card, Request, State, StoredRequest
from bot.domain.requests.scrubbing import scrub_entry, scrub_request, scrub_transition
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Claim, Transition
from bot.store import tables
from bot.store.audit import append_entry
from bot.store.audit_comparison import require_unaltered
from bot.store.database import open_connection, open_transaction
from bot.store.one_time_secrets import erase_secrets, take_secrets

log = structlog.get_logger(__name__)

_OPEN = sorted(state.value for state in OPEN_STATES)

#: How often a move is tried again when somebody else's came between reading and writing. Each loss means that
#: another move went through, so this many losses in a row mean a request that moves faster than anyone can press.
_TRIES = 100


class SqlRequestStore:
    """Requests in the tables of `engine`, which must be migrated. Every method may raise StoreFailed.

    What people or Segment said is kept without what `censor` knows. Entries of the audit log are keyed with `keys`.
    """

    def __init__(self, engine: AsyncEngine, scrubber: Scrubber | None = None, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()
        self._censor = scrubber or Scrubber()

    async def add(self, request: Request, idempotency_key: str) -> tuple[StoredRequest, bool]:
        """Keep a new request, and take what was handed over for it; where `once` was used, the one it made, and False.

        Raises:
            AlreadyAsked: another request asks for the same, of this process or any other.
            HandedOverGone: a value that was handed over is not there for this person's request (any more).
        """
        request, salt = scrub_request(request, self._censor), secrets.token_hex(16)
        row = {
            "id": request.id,
            "once": idempotency_key,
            "version": request.version,
            "state": request.state.value,
            "warehouse_id": request.warehouse_id,
            "warehouse_name": _folded(request.change.warehouse_name),
            "asked_at": request.asked_at,
            "body": request.model_dump_json(),
            "painted": -1,
            "salt": salt,
        }
        try:
            async with open_transaction(self._engine) as connection:
                await connection.execute(insert(tables.requests).values(row))
                # Whoever else appends waits from here on.
                await append_entry(connection, create_request_entry(request, salt, self._keys), self._keys)
                reject_duplicate(request, await _near(connection, request))
                await take_secrets(connection, request)
        except IntegrityError:
            if (
                kept := await self._one(select(tables.requests).where(tables.requests.c.once == idempotency_key))
            ) is None:
                raise
            return kept, False
        return StoredRequest(request=request), True

    async def get(self, request_id: str) -> StoredRequest | None:
        """The request of that id."""
        return await self._one(select(tables.requests).where(tables.requests.c.id == request_id))

    async def list_open(self) -> Sequence[StoredRequest]:
        """Those still open, oldest first."""
        table = tables.requests
        return await self._all(select(table).where(table.c.state.in_(_OPEN)).order_by(table.c.asked_at))

    async def list_outdated(self) -> Sequence[StoredRequest]:
        """Those whose card shows less than the truth, or that ended without one and untold, oldest first."""
        table = tables.requests
        untold = table.c.told < table.c.version
        shown = and_(table.c.card_ts.is_not(None), or_(table.c.painted < table.c.version, untold))
        unseen = and_(table.c.card_ts.is_(None), table.c.state.not_in(_OPEN), untold)
        return await self._all(select(table).where(or_(shown, unseen)).order_by(table.c.asked_at))

    async def list_by_warehouse(self, warehouse_id: str, limit: int) -> Sequence[StoredRequest]:
        """The newest requests about this warehouse, newest first, at most so many."""
        table = tables.requests
        found = select(table).where(table.c.warehouse_id == warehouse_id)
        return await self._all(found.order_by(table.c.asked_at.desc()).limit(limit))

    async def list_by_name_or_id(self, name_or_id: str, limit: int) -> Sequence[StoredRequest]:
        """The newest requests about a warehouse of that name or id, newest first, at most so many."""
        table = tables.requests
        name = _folded(self._censor.scrub(name_or_id))  # as it was kept
        found = select(table).where(or_(table.c.warehouse_name == name, table.c.warehouse_id == name_or_id))
        return await self._all(found.order_by(table.c.asked_at.desc()).limit(limit))

    async def find_last_succeeded(self, warehouse_id: str) -> StoredRequest | None:
        """The newest request that changed this warehouse."""
        table = tables.requests
        done = select(table).where(table.c.warehouse_id == warehouse_id, table.c.state == State.SUCCEEDED.value)
        found = await self._all(done.order_by(table.c.asked_at.desc()).limit(1))
        return found[0] if found else None

    async def advance(self, request_id: str, transition: Transition) -> StoredRequest:
        """Make one move, by compare-and-set on the version, together with its audit entry.

        Before a claim the request is compared with its entries in the audit log, in the same transaction.

        Raises:
            Closed: the move is not possible (any more), or there is no such request.
            RequestMismatch: it can't be claimed, since it is not what the audit log says.
        """
        transition = scrub_transition(transition, self._censor)
        for _ in range(_TRIES):
            row = await self._row(request_id)
            if row is None or (kept := _stored(row)) is None:
                raise RequestClosed
            after = advance(kept.request, transition)
            if await self._swap(row, kept.request, after, transition):
                return kept.model_copy(update={"request": after})
        raise RequestClosed("Too many people decide this at once. Look at the card, and try again if it still waits.")

    async def save_card(self, request_id: str, card: Card, version: int) -> None:
        """Remember where the card is, and that it shows `version` unless it already shows a newer one."""
        table = tables.requests
        where = table.c.id == request_id
        another = or_(table.c.card_ts.is_(None), table.c.card_ts != card.ts, table.c.card_channel != card.channel)
        moved = update(table).where(where, another)
        async with open_transaction(self._engine) as connection:
            # What another card showed says nothing of this one.
            await connection.execute(moved.values(card_channel=card.channel, card_ts=card.ts, painted=version))
            await connection.execute(update(table).where(where, table.c.painted < version).values(painted=version))

    async def mark_announced(self, request_id: str, version: int) -> None:
        """Remember that the thread tells the first `moves` moves."""
        table = tables.requests
        tell = update(table).where(table.c.id == request_id, table.c.told < version).values(told=version)
        async with open_transaction(self._engine) as connection:
            await connection.execute(tell)

    async def append_refusal(self, entry: AuditEntry) -> None:
        """Keep a try that was refused, in the audit trail alone."""
        await self.append_audit_entry(entry)

    async def append_audit_entry(self, entry: AuditEntry) -> None:
        """Keep an entry that belongs to no move of a request, without what the censor knows."""
        async with open_transaction(self._engine) as connection:
            await append_entry(connection, scrub_entry(entry, self._censor), self._keys)

    async def _swap(self, row: RowMapping, before: Request, after: Request, move: Transition) -> bool:
        table = tables.requests
        swap = (
            update(table)
            .where(table.c.id == row["id"], table.c.version == row["version"])
            .values(
                version=after.version,
                state=after.state.value,
                warehouse_id=after.warehouse_id,
                body=after.model_dump_json(),
            )
        )
        async with open_transaction(self._engine) as connection:
            if (await connection.execute(swap)).rowcount != 1:
                return False
            if isinstance(move, Claim):
                await require_unaltered(connection, row, before, self._keys)
            if after.state not in OPEN_STATES:
                await erase_secrets(connection, after.id)
            await append_entry(connection, create_transition_entry(after, move), self._keys)
        return True

    async def _row(self, request_id: str) -> RowMapping | None:
        async with open_connection(self._engine) as connection:
            found = await connection.execute(select(tables.requests).where(tables.requests.c.id == request_id))
            return found.mappings().one_or_none()

    async def _one(self, query: Select[tuple[object, ...]]) -> StoredRequest | None:
        found = await self._all(query)
        return found[0] if found else None

    async def _all(self, query: Select[tuple[object, ...]]) -> list[StoredRequest]:
        async with open_connection(self._engine) as connection:
            rows = await connection.execute(query)
            return [kept for row in rows.mappings() if (kept := _stored(row))]


async def _near(connection: AsyncConnection, request: Request) -> list[Request]:
    """Those that may ask for the same as `request`: what is open, and what was done around the same time."""
    table = tables.requests
    lately = and_(table.c.state == State.SUCCEEDED.value, table.c.asked_at >= request.asked_at - DUPLICATE_WINDOW)
    rows = await connection.execute(select(table).where(or_(table.c.state.in_(_OPEN), lately)))
    return [kept.request for row in rows.mappings() if (kept := _stored(row))]


def _folded(name: str) -> str:
    return name.strip().casefold()[:255]


def _stored(row: RowMapping) -> StoredRequest | None:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:  # written by a newer version: the others go on
        log.error("request not readable", request=row["id"])
        return None
    card = Card(channel=row["card_channel"], ts=row["card_ts"]) if row["card_ts"] else None
    return StoredRequest(request=request, card=card, card_version=row["painted"], thread_version=row["told"])
