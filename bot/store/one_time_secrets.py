"""One-time secrets, encrypted: a request takes them when it is stored, and they are erased when it ends."""

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

_UNASSIGNED = _TABLE.c.request_id.is_(None)


async def take_secrets(connection: AsyncConnection, request: Request) -> None:
    """Assign the one-time secrets that `request` refers to, in the transaction that stores the request.

    Raises:
        OneTimeSecretGone: a value is erased, belongs to somebody else, or another request took it.
    """
    refs = getattr(request.change, "secrets", {}).values()
    wanted = {ref.name.partition(":")[2] for ref in refs if ref.one_time_source}
    if not wanted:
        return
    theirs = and_(_TABLE.c.id.in_(wanted), _TABLE.c.person == request.asked_by)
    free = and_(theirs, _UNASSIGNED, _TABLE.c.sealed.is_not(None))
    taken = await connection.execute(update(_TABLE).where(free).values(request_id=request.id))
    if taken.rowcount != len(wanted):
        raise OneTimeSecretGone(is_erased=True)


async def erase_secrets(connection: AsyncConnection, request_id: str) -> None:
    """Erase the one-time secrets of a request, in the transaction that ends it."""
    await connection.execute(delete(_TABLE).where(_TABLE.c.request_id == request_id))


class SqlOneTimeSecretStore:
    """One-time secrets in the tables of `engine`, which must be migrated. Every method may raise StoreFailed.

    Callers pass links hashed and values encrypted; this class can't read them. `keys` are the audit log's.
    """

    def __init__(self, engine: AsyncEngine, keys: AuditKeys | None = None) -> None:
        self._engine = engine
        self._keys = keys or AuditKeys()

    async def save_link(self, secret: OneTimeSecret, link_hash: str) -> None:
        """Store an unused link, in place of earlier ones for the same field."""
        async with open_transaction(self._engine) as connection:
            unused = and_(_same_field(secret), _TABLE.c.sealed.is_(None))
            await connection.execute(delete(_TABLE).where(unused))
            await connection.execute(insert(_TABLE).values({**_row(secret), "link": link_hash}))

    async def find_by_link(self, link_hash: str) -> OneTimeSecret | None:
        """Return the secret that a link asks for; None if the link was used or never existed."""
        return await self._find_one(_TABLE.c.link == link_hash)

    async def redeem_link(self, secret: OneTimeSecret, link_hash: str, encrypted: str, entry: AuditEntry) -> bool:
        """Store the value for a link, in place of earlier ones, and use the link up; False if it was already used."""
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
        """Store a value that came without a link, in place of earlier ones for the same field."""
        async with open_transaction(self._engine) as connection:
            await connection.execute(delete(_TABLE).where(_same_field(secret)))
            await connection.execute(insert(_TABLE).values({**_row(secret), "sealed": encrypted}))
            await append_entry(connection, entry, self._keys)

    async def list_received(self, form_id: str, user_id: str) -> tuple[OneTimeSecret, ...]:
        """List the values that a person entered for a form and that are not erased; those a request took come first."""
        theirs = and_(_TABLE.c.form == form_id, _TABLE.c.person == user_id, _TABLE.c.sealed.is_not(None))
        async with open_connection(self._engine) as connection:
            rows = await connection.execute(select(_TABLE).where(theirs).order_by(_UNASSIGNED))
            return tuple(_to_secret(row) for row in rows.mappings())

    async def get_encrypted(self, secret_id: str) -> str | None:
        """Return the encrypted value; None if it is erased."""
        async with open_connection(self._engine) as connection:
            found = await connection.execute(select(_TABLE.c.sealed).where(_TABLE.c.id == secret_id))
            return found.scalar_one_or_none()

    async def save_form_view(self, form_id: str, view: str) -> None:
        """Store the last view of a form, for as long as it has one-time secrets."""
        async with open_transaction(self._engine) as connection:
            await connection.execute(update(_TABLE).where(_TABLE.c.form == form_id).values(drawn=view))

    async def get_form_view(self, form_id: str) -> str | None:
        """Return the last view of a form."""
        found = select(_TABLE.c.drawn).where(_TABLE.c.form == form_id, _TABLE.c.drawn.is_not(None)).limit(1)
        async with open_connection(self._engine) as connection:
            return (await connection.execute(found)).scalar_one_or_none()

    async def erase_expired(self, now: datetime) -> None:
        """Erase every link and value that has expired, or whose request has ended."""
        requests = tables.requests
        # Older versions of the bot end requests without erasing their one-time secrets.
        theirs = exists().where(requests.c.id == _TABLE.c.request_id, requests.c.state.not_in(OPEN_STATES))
        async with open_transaction(self._engine) as connection:
            await connection.execute(delete(_TABLE).where(_UNASSIGNED, _TABLE.c.until <= now))
            await connection.execute(delete(_TABLE).where(theirs))

    async def reencrypt_all(self, reencrypt: Callable[[str, str], str]) -> None:
        """Replace every encrypted value with `reencrypt(id, encrypted)`."""
        async with open_transaction(self._engine) as connection:
            sealed = select(_TABLE.c.id, _TABLE.c.sealed).where(_TABLE.c.sealed.is_not(None))
            # The same order in every process, so that two that start at once do not deadlock.
            found = await connection.execute(sealed.order_by(_TABLE.c.id))
            for row in found.all():
                same = and_(_TABLE.c.id == row.id, _TABLE.c.sealed == row.sealed)
                await connection.execute(update(_TABLE).where(same).values(sealed=reencrypt(row.id, row.sealed)))

    async def _find_one(self, where: ColumnElement[bool]) -> OneTimeSecret | None:
        async with open_connection(self._engine) as connection:
            row = (await connection.execute(select(_TABLE).where(where))).mappings().one_or_none()
        return _to_secret(row) if row else None


def _same_field(secret: OneTimeSecret) -> ColumnElement[bool]:
    same = [getattr(_TABLE.c, name) == getattr(secret, name) for name in ("form", "person", "key")]
    return and_(*same, _UNASSIGNED)


def _row(secret: OneTimeSecret) -> dict[str, object]:
    return secret.model_dump(exclude={"has_value"})


def _to_secret(row: RowMapping) -> OneTimeSecret:
    values = {name: row[name] for name in OneTimeSecret.model_fields if name != "has_value"}
    until: datetime = row["until"]
    # SQLite does not store the time zone.
    return OneTimeSecret(
        **{**values, "until": until.replace(tzinfo=until.tzinfo or UTC)}, has_value=row["sealed"] is not None
    )
