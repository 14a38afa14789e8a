"""Open the database read-only: nothing is created, migrated or changed."""

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
    """Yield an engine for `url` that can't write. The bot may run at the same time.

    Raises:
        DatabaseUnusable: the database does not exist, can't be read, has another version, or changed during the block
            in a way that the block could not see.
    """
    parsed = make_url(url)
    engine, require_unchanged = (
        _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)
    )
    try:
        await check_connection(engine)
        await _require_revision(engine)
        yield engine
        require_unchanged()
    except SQLAlchemyError as error:
        raise DatabaseUnusable(describe_error(error)) from error
    finally:
        await engine.dispose()


def _open_postgresql(url: URL) -> tuple[AsyncEngine, Callable[[], None]]:
    server = {"server_settings": {"default_transaction_read_only": "on"}}
    return create_async_engine(url, connect_args={**POSTGRESQL_TIMEOUTS, **server}), lambda: None


def _open_sqlite(url: URL) -> tuple[AsyncEngine, Callable[[], None]]:
    file = Path(url.database or "")
    try:
        before = _stat(file)
    except OSError as error:
        raise DatabaseUnusable(f"{str(file)!a} can't be read ({type(error).__name__})") from error
    # If no process has the file open, SQLite would create a write-ahead log beside it. Without a log the file holds
    # everything, so SQLite may treat it as immutable. `require_unchanged` verifies this after the block.
    is_unused = not _write_ahead_log(file).exists()
    query = {"uri": "true", "mode": "ro"} | ({"immutable": "1"} if is_unused else {})
    address = URL.create("sqlite+aiosqlite", database=f"file:{quote(str(file.resolve()))}", query=query)
    engine = create_async_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT})

    def require_unchanged() -> None:
        if is_unused and (_write_ahead_log(file).exists() or _stat(file) != before):
            raise DatabaseUnusable("somebody wrote to it meanwhile. Try again")

    return engine, require_unchanged


def _stat(file: Path) -> tuple[int, int, int]:
    if not file.exists():
        raise DatabaseUnusable(f"there is none at {str(file)!a}. Nothing was created")
    if not file.is_file():
        raise DatabaseUnusable(f"{str(file)!a} is not a file")
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _write_ahead_log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


async def _require_revision(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        found = await connection.run_sync(_read_revisions)
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


def _read_revisions(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()
