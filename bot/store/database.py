"""The engine behind DATABASE_URL, and the migrations that bring its tables up to date."""

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.domain.errors import StoreFailed
from bot.store.private_files import create_private_file

log = structlog.get_logger(__name__)

#: Seconds that a SQLite writer waits for another before it gives up.
SQLITE_BUSY_TIMEOUT = 5

#: Seconds for PostgreSQL to take a connection, and to answer a statement.
POSTGRESQL_TIMEOUTS = {"timeout": 10, "command_timeout": 30}

#: SQLite's error names and PostgreSQL's SQLSTATEs, explained for operators.
_REASONS = {
    "SQLITE_NOTADB": "it is not a SQLite database",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_BUSY": "another process has locked it",
    "SQLITE_CANTOPEN": "this user can't open it",
    "SQLITE_READONLY_DIRECTORY": "this user may not write beside it, which reading takes while it is in use",
    "08003": "its server ends the connection, as one does that is not PostgreSQL",
    "57P03": "PostgreSQL is starting or stopping",
    "53300": "PostgreSQL takes no more connections",
    "3D000": "PostgreSQL has no database of that name",
    "28P01": "PostgreSQL refuses the user or the password",
    "28000": "PostgreSQL refuses the user or the password",
    "42501": "PostgreSQL does not let the user read the tables",
}

#: The advisory lock (an arbitrary number) with which processes migrate one after the other.
_MIGRATION_LOCK = 0x57_42_6F_74


class DatabaseUnusable(Exception):
    """The database that DATABASE_URL names can't be used; the text says why, without secrets of the URL."""


class DatabaseInUse(Exception):
    """Another process uses this SQLite file."""


def open_engine(url: str) -> AsyncEngine:
    """Return an engine for `url`, such as `sqlite+aiosqlite:///data/warehouse-bot.db`.

    Creates a SQLite file and its directory, readable for the bot's user alone.

    Raises:
        OSError: the file can't be created.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_pre_ping=True, connect_args=POSTGRESQL_TIMEOUTS)
    if file := find_sqlite_file(url):
        create_private_file(file)  # SQLite gives the files beside it the same mode
    engine = create_async_engine(parsed, connect_args={"timeout": SQLITE_BUSY_TIMEOUT})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def find_sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None for other databases, and where the URL has no plain path."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database.startswith((":", "file:")):
        return None
    return Path(parsed.database)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # WAL lets readers continue during a write; FULL keeps committed data through a power failure.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")  # overwrites what is erased, such as encrypted secrets
    cursor.close()


async def check_connection(engine: AsyncEngine) -> None:
    """Check that the database takes a connection.

    Raises:
        DatabaseUnusable: it does not.
    """
    try:
        async with engine.connect():
            pass
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        raise DatabaseUnusable(describe_error(error)) from error


def describe_error(error: Exception) -> str:
    """Say in a few words why the database can't be used, without anything of its URL."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"its file or folder can't be used ({type(error).__name__})"
    if isinstance(error, OSError):
        return f"its server can't be reached ({type(error).__name__})"
    if isinstance(error, TypeError | ValueError):  # from the driver, which takes the URL's options as arguments
        return "an option in the URL is not known"
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(error).__name__
    return _REASONS.get(str(code), f"it failed ({code})")


@asynccontextmanager
async def open_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction and commit it at the end.

    Raises:
        StoreFailed: the database failed.
        IntegrityError: a unique key is taken.
    """
    with _translate_errors():
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def open_connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection for reading.

    Raises:
        StoreFailed: the database failed.
    """
    with _translate_errors():
        async with engine.connect() as connection:
            yield connection


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.error("database failed", error=type(error).__name__)
        raise StoreFailed from error


async def migrate(engine: AsyncEngine) -> None:
    """Migrate the tables to the newest revision, unless they have it."""
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


@contextmanager
def lock_sqlite_file(url: str) -> Iterator[None]:
    """Lock the SQLite file of `url` until the block or the process ends. Does nothing for other databases.

    Raises:
        DatabaseInUse: another process holds the lock.
        OSError: the folder is not writable.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        yield
        return
    file = Path(parsed.database).resolve()  # two links to one file share a lock
    lock_file = file.with_name(file.name + ".lock")
    create_private_file(lock_file)
    with lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseInUse from None
        yield


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Otherwise Python's driver commits each CREATE separately, and a killed process leaves half a revision behind.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Return Alembic's configuration, which names the folder of the migrations."""
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config
