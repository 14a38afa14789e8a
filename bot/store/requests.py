"""Requests and their audit trail in the database: the adapter of the `Requests` port."""

import secrets
from collections.abc import Sequence

import structlog
from pydantic import ValidationError
from sqlalchemy import RowMapping, Select, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.audit.entries import Entry
from bot.domain.audit.keys import AuditKeys
from bot.domain.errors import Closed
from bot.domain.redaction.scrubber import Censor
from bot.domain.requests.audit_entries import ask_entry, move_entry
from bot.domain.requests.duplicates import AT_ONCE, demand_alone
from bot.domain.requests.request import OPEN, Card, Request, State, Stored
from bot.domain.requests.scrubbing import scrubbed_entry, scrubbed_move, scrubbed_request
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Claim, Move
from bot.store import tables
from bot.store.audit import append
from bot.store.audit_comparison import demand_equal
from bot.store.database import changing, reading
from bot.store.one_time_secrets import erase, take

log = structlog.get_logger(__name__)

_OPEN = sorted(state.value for state in OPEN)

#: How often a move is tried again when somebody else's came between reading and writing. Each loss means that
#: another move went through, so this many losses in a row mean a request that moves faster than anyone can press.
_TRIES = 100


class RequestStore:
    """Requests in the tables of `engine`, which must be migrated. Every method may raise StoreFailed.

    What people or Segment said is kept without what `censor` knows. Entries of the audit log are keyed with `keys`.
    """

    def __init__(self, engine: AsyncEngine, censor: Censor | None = None, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()
        self._censor = censor or Censor()

    async def add(self, request: Request, once: str) -> tuple[Stored, bool]:
        """Keep a new request, and take what was handed over for it; where `once` was used, the one it made, and False.

        Raises:
            AlreadyAsked: another request asks for the same, of this process or any other.
            HandedOverGone: a value that was handed over is not there for this person's request (any more).
        """
        request, salt = scrubbed_request(request, self._censor), secrets.token_hex(16)
        row = {
            "id": request.id,
            "once": once,
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
            async with changing(self._engine) as connection:
                await connection.execute(insert(tables.requests).values(row))
                # Whoever else appends waits from here on.
                await append(connection, ask_entry(request, salt, self._keys), self._keys)
                demand_alone(request, await _near(connection, request))
                await take(connection, request)
        except IntegrityError:
            if (kept := await self._one(select(tables.requests).where(tables.requests.c.once == once))) is None:
                raise
            return kept, False
        return Stored(request=request), True

    async def get(self, request_id: str) -> Stored | None:
        """The request of that id."""
        return await self._one(select(tables.requests).where(tables.requests.c.id == request_id))

    async def open(self) -> Sequence[Stored]:
        """Those still open, oldest first."""
        table = tables.requests
        return await self._all(select(table).where(table.c.state.in_(_OPEN)).order_by(table.c.asked_at))

    async def behind(self) -> Sequence[Stored]:
        """Those whose card shows less than the truth, or that ended without one and untold, oldest first."""
        table = tables.requests
        untold = table.c.told < table.c.version
        shown = and_(table.c.card_ts.is_not(None), or_(table.c.painted < table.c.version, untold))
        unseen = and_(table.c.card_ts.is_(None), table.c.state.not_in(_OPEN), untold)
        return await self._all(select(table).where(or_(shown, unseen)).order_by(table.c.asked_at))

    async def about(self, warehouse_id: str, most: int) -> Sequence[Stored]:
        """The newest requests about this warehouse, newest first, at most so many."""
        table = tables.requests
        found = select(table).where(table.c.warehouse_id == warehouse_id)
        return await self._all(found.order_by(table.c.asked_at.desc()).limit(most))

    async def called(self, wanted: str, most: int) -> Sequence[Stored]:
        """The newest requests about a warehouse of that name or id, newest first, at most so many."""
        table = tables.requests
        name = _folded(self._censor.strike(wanted))  # as it was kept
        found = select(table).where(or_(table.c.warehouse_name == name, table.c.warehouse_id == wanted))
        return await self._all(found.order_by(table.c.asked_at.desc()).limit(most))

    async def last_done(self, warehouse_id: str) -> Stored | None:
        """The newest request that changed this warehouse."""
        table = tables.requests
        done = select(table).where(table.c.warehouse_id == warehouse_id, table.c.state == State.SUCCEEDED.value)
        found = await self._all(done.order_by(table.c.asked_at.desc()).limit(1))
        return found[0] if found else None

    async def advance(self, request_id: str, move: Move) -> Stored:
        """Make one move, by compare-and-set on the version, together with its audit entry.

        Before a claim the request is compared with its entries in the audit log, in the same transaction.

        Raises:
            Closed: the move is not possible (any more), or there is no such request.
            RequestMismatch: it can't be claimed, since it is not what the audit log says.
        """
        move = scrubbed_move(move, self._censor)
        for _ in range(_TRIES):
            row = await self._row(request_id)
            if row is None or (kept := _stored(row)) is None:
                raise Closed
            after = advance(kept.request, move)
            if await self._swap(row, kept.request, after, move):
                return kept.model_copy(update={"request": after})
        raise Closed("Too many people decide this at once. Look at the card, and try again if it still waits.")

    async def place(self, request_id: str, card: Card, version: int) -> None:
        """Remember where the card is, and that it shows `version` unless it already shows a newer one."""
        table = tables.requests
        where = table.c.id == request_id
        another = or_(table.c.card_ts.is_(None), table.c.card_ts != card.ts, table.c.card_channel != card.channel)
        moved = update(table).where(where, another)
        async with changing(self._engine) as connection:
            # What another card showed says nothing of this one.
            await connection.execute(moved.values(card_channel=card.channel, card_ts=card.ts, painted=version))
            await connection.execute(update(table).where(where, table.c.painted < version).values(painted=version))

    async def told(self, request_id: str, moves: int) -> None:
        """Remember that the thread tells the first `moves` moves."""
        table = tables.requests
        tell = update(table).where(table.c.id == request_id, table.c.told < moves).values(told=moves)
        async with changing(self._engine) as connection:
            await connection.execute(tell)

    async def refused(self, entry: Entry) -> None:
        """Keep a try that was refused, in the audit trail alone."""
        await self.record(entry)

    async def record(self, entry: Entry) -> None:
        """Keep an entry that belongs to no move of a request, without what the censor knows."""
        async with changing(self._engine) as connection:
            await append(connection, scrubbed_entry(entry, self._censor), self._keys)

    async def _swap(self, row: RowMapping, before: Request, after: Request, move: Move) -> bool:
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
        async with changing(self._engine) as connection:
            if (await connection.execute(swap)).rowcount != 1:
                return False
            if isinstance(move, Claim):
                await demand_equal(connection, row, before, self._keys)
            if after.state not in OPEN:
                await erase(connection, after.id)
            await append(connection, move_entry(after, move), self._keys)
        return True

    async def _row(self, request_id: str) -> RowMapping | None:
        async with reading(self._engine) as connection:
            found = await connection.execute(select(tables.requests).where(tables.requests.c.id == request_id))
            return found.mappings().one_or_none()

    async def _one(self, query: Select[tuple[object, ...]]) -> Stored | None:
        found = await self._all(query)
        return found[0] if found else None

    async def _all(self, query: Select[tuple[object, ...]]) -> list[Stored]:
        async with reading(self._engine) as connection:
            rows = await connection.execute(query)
            return [kept for row in rows.mappings() if (kept := _stored(row))]


async def _near(connection: AsyncConnection, request: Request) -> list[Request]:
    """Those that may ask for the same as `request`: what is open, and what was done around the same time."""
    table = tables.requests
    lately = and_(table.c.state == State.SUCCEEDED.value, table.c.asked_at >= request.asked_at - AT_ONCE)
    rows = await connection.execute(select(table).where(or_(table.c.state.in_(_OPEN), lately)))
    return [kept.request for row in rows.mappings() if (kept := _stored(row))]


def _folded(name: str) -> str:
    return name.strip().casefold()[:255]


def _stored(row: RowMapping) -> Stored | None:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:  # written by a newer version: the others go on
        log.error("request not readable", request=row["id"])
        return None
    card = Card(channel=row["card_channel"], ts=row["card_ts"]) if row["card_ts"] else None
    return Stored(request=request, card=card, painted=row["painted"], told=row["told"])
