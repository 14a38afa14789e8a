"""Opening the database for reading alone: nothing is created, migrated or changed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.database import (
    POSTGRESQL_TIMEOUTS,
    SQLITE_BUSY_TIMEOUT,
    DatabaseUnusable,
    alembic_config,
    check_connection,
    describe_error,
)


@asynccontextmanager
async def open_read_only(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for `url` that can't write, for the block; the bot may run beside it.

    Raises:
        DatabaseUnusable: it is not there, can't be read, is not of this version, or changed in a way that the block
            could not see.
    """
    parsed = make_url(url)
    engine, demand_unchanged = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    try:
        await check_connection(engine)
        await _demand_revision(engine)
        yield engine
        demand_unchanged()
    except SQLAlchemyError as error:
        raise DatabaseUnusable(describe_error(error)) from error
    finally:
        await engine.dispose()


def _postgresql(url: URL) -> tuple[AsyncEngine, Callable[[], None]]:
    server = {"server_settings": {"default_transaction_read_only": "on"}}
    return create_async_engine(url, connect_args={**POSTGRESQL_TIMEOUTS, **server}), lambda: None


def _sqlite(url: URL) -> tuple[AsyncEngine, Callable[[], None]]:
    file = Path(url.database or "")
    try:
        before = _state(file)
    except OSError as error:
        raise DatabaseUnusable(f"{str(file)!a} can't be read ({type(error).__name__})") from error
    # Where nobody has the file open, SQLite would create a write-ahead log beside it. Without one there is nothing in
    # it to read, so SQLite may take the file as one that does not change; whether that held is seen afterwards.
    unused = not _log_of(file).exists()
    query = {"uri": "true", "mode": "ro"} | ({"immutable": "1"} if unused else {})
    address = URL.create("sqlite+aiosqlite", database=f"file:{quote(str(file.resolve()))}", query=query)
    engine = create_async_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT})

    def demand_unchanged() -> None:
        if unused and (_log_of(file).exists() or _state(file) != before):
            raise DatabaseUnusable("somebody wrote to it meanwhile. Try again")

    return engine, demand_unchanged


def _state(file: Path) -> tuple[int, int, int]:
    if not file.exists():
        raise DatabaseUnusable(f"there is none at {str(file)!a}. Nothing was created")
    if not file.is_file():
        raise DatabaseUnusable(f"{str(file)!a} is not a file")
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


async def _demand_revision(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        found = await connection.run_sync(_revisions)
    known = ScriptDirectory.from_config(alembic_config())
    if found == (known.get_current_head(),):
        return
    if not found:
        raise DatabaseUnusable("it holds no tables of the bot. Nothing was created")
    try:
        known.get_revisions(found)
    except (CommandError, ResolutionError):
        whose = "a newer version, or of another program. Use the version that wrote them"
    else:
        whose = "an older version. Start the bot once with this one, which brings them up to date"
    raise DatabaseUnusable(f"its tables (revision {', '.join(found)[:64]!a}) are those of {whose}. Nothing was changed")


def _revisions(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()
