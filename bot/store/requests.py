"""Requests and their audit log entries in the database: the adapter of the `RequestStore` port."""

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

#: Attempts at a transition when another one is stored between reading and writing. Each lost attempt means that another
#: transition succeeded, so this many in a row can't come from people who click.
_ATTEMPTS = 100


class SqlRequestStore:
    """Requests in the tables of `engine`, which must be migrated. Every method may raise StoreFailed.

    `scrubber` removes the secrets it knows from what people or Segment wrote. `keys` key the entries of the audit log.
    """

    def __init__(self, engine: AsyncEngine, scrubber: Scrubber | None = None, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()
        self._scrubber = scrubber or Scrubber()

    async def add(self, request: Request, idempotency_key: str) -> tuple[StoredRequest, bool]:
        """Store a new request and assign its one-time secrets; return it and True.

        If `idempotency_key` was used before, return the request that it created, and False.

        Raises:
            DuplicateRequest: another request, of this process or another, is for the same change.
            OneTimeSecretGone: a one-time secret is erased, or does not belong to this person or request.
        """
        request, salt = scrub_request(request, self._scrubber), secrets.token_hex(16)
        row = {
            "id": request.id,
            "once": idempotency_key,
            "version": request.version,
            "state": request.state.value,
            "warehouse_id": request.warehouse_id,
            "warehouse_name": _normalise_name(request.change.warehouse_name),
            "asked_at": request.asked_at,
            "body": request.model_dump_json(),
            "painted": -1,
            "salt": salt,
        }
        try:
            async with open_transaction(self._engine) as connection:
                await connection.execute(insert(tables.requests).values(row))
                # From here on, other processes that append wait for this transaction.
                await append_entry(connection, create_request_entry(request, salt, self._keys), self._keys)
                reject_duplicate(request, await _list_possible_duplicates(connection, request))
                await take_secrets(connection, request)
        except IntegrityError:
            if (
                stored := await self._find_one(select(tables.requests).where(tables.requests.c.once == idempotency_key))
            ) is None:
                raise
            return stored, False
        return StoredRequest(request=request), True

    async def get(self, request_id: str) -> StoredRequest | None:
        """Return the request with that id."""
        return await self._find_one(select(tables.requests).where(tables.requests.c.id == request_id))

    async def list_open(self) -> Sequence[StoredRequest]:
        """List the open requests, oldest first."""
        table = tables.requests
        return await self._list(select(table).where(table.c.state.in_(_OPEN)).order_by(table.c.asked_at))

    async def list_outdated(self) -> Sequence[StoredRequest]:
        """List the requests whose card or thread is outdated, or that ended unseen without a card, oldest first."""
        table = tables.requests
        unannounced = table.c.told < table.c.version
        shown = and_(table.c.card_ts.is_not(None), or_(table.c.painted < table.c.version, unannounced))
        unseen = and_(table.c.card_ts.is_(None), table.c.state.not_in(_OPEN), unannounced)
        return await self._list(select(table).where(or_(shown, unseen)).order_by(table.c.asked_at))

    async def list_by_warehouse(self, warehouse_id: str, limit: int) -> Sequence[StoredRequest]:
        """List up to `limit` requests about a warehouse, newest first."""
        table = tables.requests
        found = select(table).where(table.c.warehouse_id == warehouse_id)
        return await self._list(found.order_by(table.c.asked_at.desc()).limit(limit))

    async def list_by_name_or_id(self, name_or_id: str, limit: int) -> Sequence[StoredRequest]:
        """List up to `limit` requests about warehouses of that name or id, newest first."""
        table = tables.requests
        name = _normalise_name(self._scrubber.scrub(name_or_id))  # as it is stored
        found = select(table).where(or_(table.c.warehouse_name == name, table.c.warehouse_id == name_or_id))
        return await self._list(found.order_by(table.c.asked_at.desc()).limit(limit))

    async def find_last_succeeded(self, warehouse_id: str) -> StoredRequest | None:
        """Return the newest request that changed this warehouse."""
        table = tables.requests
        done = select(table).where(table.c.warehouse_id == warehouse_id, table.c.state == State.SUCCEEDED.value)
        found = await self._list(done.order_by(table.c.asked_at.desc()).limit(1))
        return found[0] if found else None

    async def advance(self, request_id: str, transition: Transition) -> StoredRequest:
        """Apply one transition by compare-and-set on the version, in one transaction with its audit entry.

        A claim first compares the request with its entries in the audit log, in the same transaction.

        Raises:
            RequestClosed: the transition is not possible (any more), or there is no such request.
            RequestDiffersFromLog: the request can't be claimed, because it differs from the audit log.
        """
        transition = scrub_transition(transition, self._scrubber)
        for _ in range(_ATTEMPTS):
            row = await self._find_row(request_id)
            if row is None or (stored := _to_stored_request(row)) is None:
                raise RequestClosed
            after = advance(stored.request, transition)
            if await self._compare_and_set(row, stored.request, after, transition):
                return stored.model_copy(update={"request": after})
        raise RequestClosed("Too many people decide this at once. Look at the card, and try again if it still waits.")

    async def save_card(self, request_id: str, card: Card, version: int) -> None:
        """Store where the card is, and that it shows `version`, unless it already shows a newer one."""
        table = tables.requests
        where = table.c.id == request_id
        another = or_(table.c.card_ts.is_(None), table.c.card_ts != card.ts, table.c.card_channel != card.channel)
        moved = update(table).where(where, another)
        async with open_transaction(self._engine) as connection:
            # A new card starts with its own version.
            await connection.execute(moved.values(card_channel=card.channel, card_ts=card.ts, painted=version))
            await connection.execute(update(table).where(where, table.c.painted < version).values(painted=version))

    async def mark_announced(self, request_id: str, version: int) -> None:
        """Store that the thread announces every transition up to `version`."""
        table = tables.requests
        announced = update(table).where(table.c.id == request_id, table.c.told < version).values(told=version)
        async with open_transaction(self._engine) as connection:
            await connection.execute(announced)

    async def append_audit_entry(self, entry: AuditEntry) -> None:
        """Store a scrubbed entry that belongs to no transition of a request."""
        async with open_transaction(self._engine) as connection:
            await append_entry(connection, scrub_entry(entry, self._scrubber), self._keys)

    async def _compare_and_set(self, row: RowMapping, before: Request, after: Request, transition: Transition) -> bool:
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
            if isinstance(transition, Claim):
                await require_unaltered(connection, row, before, self._keys)
            if after.state not in OPEN_STATES:
                await erase_secrets(connection, after.id)
            await append_entry(connection, create_transition_entry(after, transition), self._keys)
        return True

    async def _find_row(self, request_id: str) -> RowMapping | None:
        async with open_connection(self._engine) as connection:
            found = await connection.execute(select(tables.requests).where(tables.requests.c.id == request_id))
            return found.mappings().one_or_none()

    async def _find_one(self, query: Select[tuple[object, ...]]) -> StoredRequest | None:
        found = await self._list(query)
        return found[0] if found else None

    async def _list(self, query: Select[tuple[object, ...]]) -> list[StoredRequest]:
        async with open_connection(self._engine) as connection:
            rows = await connection.execute(query)
            return [stored for row in rows.mappings() if (stored := _to_stored_request(row))]


async def _list_possible_duplicates(connection: AsyncConnection, request: Request) -> list[Request]:
    """List the possible duplicates of `request`: open requests, and those that succeeded around the same time."""
    table = tables.requests
    lately = and_(table.c.state == State.SUCCEEDED.value, table.c.asked_at >= request.asked_at - DUPLICATE_WINDOW)
    rows = await connection.execute(select(table).where(or_(table.c.state.in_(_OPEN), lately)))
    return [stored.request for row in rows.mappings() if (stored := _to_stored_request(row))]


def _normalise_name(name: str) -> str:
    return name.strip().casefold()[:255]


def _to_stored_request(row: RowMapping) -> StoredRequest | None:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:  # a newer version wrote it: skip it, keep the others usable
        log.error("request not readable", request=row["id"])
        return None
    card = Card(channel=row["card_channel"], ts=row["card_ts"]) if row["card_ts"] else None
    return StoredRequest(request=request, card=card, card_version=row["painted"], thread_version=row["told"])
