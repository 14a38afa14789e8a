"""Secrets on their way into one request, sealed: taken with the request, erased with its end."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.errors import OneTimeSecretGone
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.requests.request import OPEN_STATES, Request
from bot.store import tables
from bot.store.audit import append_entry
from bot.store.database import open_connection, open_transaction

_TABLE = tables.one_time_secrets

_NOT_TAKEN = _TABLE.c.request_id.is_(None)


async def take_secrets(connection: AsyncConnection, request: Request) -> None:
    """Take for `request` what its asker handed over for it, in the transaction that keeps the request.

    Raises:
        HandedOverGone: a value is erased, somebody else's, or taken by another request.
    """
    refs = getattr(request.change, "secrets", {}).values()
    wanted = {ref.name.partition(":")[2] for ref in refs if ref.one_time_source}
    if not wanted:
        return
    theirs = and_(_TABLE.c.id.in_(wanted), _TABLE.c.person == request.asked_by)
    free = and_(theirs, _NOT_TAKEN, _TABLE.c.sealed.is_not(None))
    taken = await connection.execute(update(_TABLE).where(free).values(request_id=request.id))
    if taken.rowcount != len(wanted):
        raise OneTimeSecretGone(is_erased=True)


async def erase_secrets(connection: AsyncConnection, request_id: str) -> None:
    """Erase what the request took, in the transaction that ends it."""
    await connection.execute(delete(_TABLE).where(_TABLE.c.request_id == request_id))


class SqlOneTimeSecretStore:
    """Handovers in the tables of `engine`, which must be migrated. Every method may raise StoreFailed.

    Links and values come hashed and sealed; nothing here could read them. `keys` are the audit log's.
    """

    def __init__(self, engine: AsyncEngine, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()

    async def save_link(self, secret: OneTimeSecret, link_hash: str) -> None:
        """Keep an offer that `link` opens, in place of earlier ones for the same field."""
        async with open_transaction(self._engine) as connection:
            unused = and_(_same_field(secret), _TABLE.c.sealed.is_(None))
            await connection.execute(delete(_TABLE).where(unused))
            await connection.execute(insert(_TABLE).values({**_row(secret), "link": link_hash}))

    async def find_by_link(self, link_hash: str) -> OneTimeSecret | None:
        """What `link` opens: nothing, where it was used, or never was."""
        return await self._one(_TABLE.c.link == link_hash)

    async def redeem_link(self, secret: OneTimeSecret, link_hash: str, encrypted: str, entry: AuditEntry) -> bool:
        """Keep the value for what `link` opens, in place of earlier ones, and use the link up; False where it is."""
        values = {"sealed": encrypted, "until": secret.until, "about": secret.about, "link": None}
        async with open_transaction(self._engine) as connection:
            once = update(_TABLE).where(_TABLE.c.link == link_hash).values(values)
            if (await connection.execute(once)).rowcount != 1:
                return False
            others = and_(_same_field(secret), _TABLE.c.id != secret.id)
            await connection.execute(delete(_TABLE).where(others))
            await append_entry(connection, entry, self._keys)
        return True

    async def save_value(self, secret: OneTimeSecret, encrypted: str, entry: AuditEntry) -> None:
        """Keep a value that came without a link, in place of earlier ones for the same field."""
        async with open_transaction(self._engine) as connection:
            await connection.execute(delete(_TABLE).where(_same_field(secret)))
            await connection.execute(insert(_TABLE).values({**_row(secret), "sealed": encrypted}))
            await append_entry(connection, entry, self._keys)

    async def list_received(self, form_id: str, user_id: str) -> tuple[OneTimeSecret, ...]:
        """What `person` handed in for the modal `form` and is not erased; what a request took comes first."""
        theirs = and_(_TABLE.c.form == form_id, _TABLE.c.person == user_id, _TABLE.c.sealed.is_not(None))
        async with open_connection(self._engine) as connection:
            rows = await connection.execute(select(_TABLE).where(theirs).order_by(_NOT_TAKEN))
            return tuple(_handover(row) for row in rows.mappings())

    async def get_encrypted(self, secret_id: str) -> str | None:
        """The value, sealed; None where it is erased."""
        async with open_connection(self._engine) as connection:
            found = await connection.execute(select(_TABLE.c.sealed).where(_TABLE.c.id == secret_id))
            return found.scalar_one_or_none()

    async def save_form_view(self, form_id: str, view: str) -> None:
        """Remember how `form` was drawn last, for as long as something is on its way to it."""
        async with open_transaction(self._engine) as connection:
            await connection.execute(update(_TABLE).where(_TABLE.c.form == form_id).values(drawn=view))

    async def get_form_view(self, form_id: str) -> str | None:
        """How `form` was drawn last."""
        found = select(_TABLE.c.drawn).where(_TABLE.c.form == form_id, _TABLE.c.drawn.is_not(None)).limit(1)
        async with open_connection(self._engine) as connection:
            return (await connection.execute(found)).scalar_one_or_none()

    async def erase_expired(self, now: datetime) -> None:
        """Erase every link and value whose time is over, or whose request has ended."""
        requests = tables.requests
        # An older version beside this one, or before it, ends requests without erasing what they took.
        theirs = exists().where(requests.c.id == _TABLE.c.request_id, requests.c.state.not_in(OPEN_STATES))
        async with open_transaction(self._engine) as connection:
            await connection.execute(delete(_TABLE).where(_NOT_TAKEN, _TABLE.c.until <= now))
            await connection.execute(delete(_TABLE).where(theirs))

    async def reencrypt_all(self, reencrypt: Callable[[str, str], str]) -> None:
        """Put `anew(id, sealed)` in the place of every sealed value."""
        async with open_transaction(self._engine) as connection:
            sealed = select(_TABLE.c.id, _TABLE.c.sealed).where(_TABLE.c.sealed.is_not(None))
            found = await connection.execute(
                sealed.order_by(_TABLE.c.id)
            )  # the same order in every process that starts
            for row in found.all():
                same = and_(_TABLE.c.id == row.id, _TABLE.c.sealed == row.sealed)
                await connection.execute(update(_TABLE).where(same).values(sealed=reencrypt(row.id, row.sealed)))

    async def _one(self, where: ColumnElement[bool]) -> OneTimeSecret | None:
        async with open_connection(self._engine) as connection:
            row = (await connection.execute(select(_TABLE).where(where))).mappings().one_or_none()
        return _handover(row) if row else None


def _same_field(handover: OneTimeSecret) -> ColumnElement[bool]:
    same = [getattr(_TABLE.c, name) == getattr(handover, name) for name in ("form", "person", "key")]
    return and_(*same, _NOT_TAKEN)


def _row(handover: OneTimeSecret) -> dict[str, object]:
    return handover.model_dump(exclude={"has_value"})


def _handover(row: RowMapping) -> OneTimeSecret:
    told = {name: row[name] for name in OneTimeSecret.model_fields if name != "has_value"}
    until: datetime = row["until"]
    # SQLite forgets the zone.
    return OneTimeSecret(
        **{**told, "until": until.replace(tzinfo=until.tzinfo or UTC)}, has_value=row["sealed"] is not None
    )
