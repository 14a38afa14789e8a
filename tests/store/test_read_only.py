"""Opening the database for reading: nothing is created or changed, and whatever is wrong is said."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.audit import AuditLog
from bot.store.database import DatabaseUnusable, migrate, open_engine
from bot.store.read_only import open_read_only
from bot.store.requests import SqlRequestStore
from tests.support.databases import database, has_postgresql
from tests.support.samples import request

#: The id of a user who owns no files.
NOBODY = 65_534


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with database(request.param, tmp_path / "a %# dir") as found:
        yield found


async def _filled(url: str) -> None:
    engine = open_engine(url)
    await migrate(engine)
    await SqlRequestStore(engine).add(request(), "t1")
    await engine.dispose()


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes() if file.is_file() else b"")
        for file in folder.rglob("*")
    }


async def _count(engine: AsyncEngine) -> int:
    return len([link async for link in AuditLog(engine).read_entries()])


async def _refusal(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as caught:
        async with open_read_only(url) as engine:
            await _count(engine)
    return str(caught.value)


async def test_reading_changes_nothing_and_writing_is_refused(url: str, tmp_path: Path) -> None:
    await _filled(url)
    before = _files(tmp_path)
    async with open_read_only(url) as engine:
        assert await _count(engine) == 1
        with pytest.raises(SQLAlchemyError):
            async with engine.begin() as connection:
                await connection.execute(text("DELETE FROM audit"))
    assert _files(tmp_path) == before


async def test_it_is_read_while_the_bot_runs(url: str) -> None:
    await _filled(url)
    running = open_engine(url)
    store = SqlRequestStore(running)
    await store.add(request(request_id="W-000002", needed=0), "t2")
    async with open_read_only(url) as engine:
        assert await _count(engine) == 2
        await store.add(request(request_id="W-000003", needed=0), "t3")
        assert await _count(engine) == 3
    await running.dispose()


async def test_what_a_killed_bot_left_in_the_write_ahead_log_is_read(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await _filled(url)
    script = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM audit'); c.commit()"
    words = [sys.executable, "-c", f"{script}; os.kill(os.getpid(), 9)", str(tmp_path / "bot.db")]
    killed = await asyncio.create_subprocess_exec(*words)
    assert await killed.wait() == -9
    assert (tmp_path / "bot.db-wal").stat().st_size
    before = _files(tmp_path).keys()
    async with open_read_only(url) as engine:
        assert await _count(engine) == 0
    assert _files(tmp_path).keys() == before


async def test_a_bot_that_starts_meanwhile_makes_the_result_uncertain(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await _filled(url)
    running = open_engine(url)
    with pytest.raises(DatabaseUnusable, match="Try again"):
        async with open_read_only(url):
            await SqlRequestStore(running).add(request(request_id="W-000002", needed=0), "t2")
    await running.dispose()


async def test_a_path_without_a_database_is_reported_and_nothing_is_created(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not a database " * 100)
    (tmp_path / "empty").touch()
    before = _files(tmp_path)
    for path, says in (
        ("wrong/bot.db", "there is none at"),
        ("wrong.db", "Nothing was created"),
        ("folder", "is not a file"),
        ("text/bot.db", "there is none at"),
        ("text", "not a SQLite database"),
        ("empty", "holds no tables of the bot"),
    ):
        assert says in await _refusal(f"sqlite+aiosqlite:///{tmp_path}/{path}")
    assert _files(tmp_path) == before


async def test_a_database_of_another_version_is_reported(url: str) -> None:
    await _filled(url)
    engine = open_engine(url)
    for revision, says in (("0004", "an older version. Start the bot"), ("9999", "a newer version"), ("x'y", "newer")):
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        assert says in await _refusal(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    assert "holds no tables" in await _refusal(url)
    await engine.dispose()


@contextmanager
def _not_root() -> Iterator[None]:
    """Run as a user who owns nothing, where the tests run as root, who may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


async def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await _filled(url)
    (tmp_path / "bot.db").chmod(0)
    with _not_root():  # for whom root's folders are closed, too
        says = await _refusal(url)
    assert "can't open it" in says or "can't be read (PermissionError)" in says


async def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await _filled(url)
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    content = (tmp_path / "bot.db").read_bytes()
    (tmp_path / "bot.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert await _refusal(url)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"host": "no-such-host.invalid"}, "server can't be reached"),
        ({"port": 1}, "server can't be reached"),
        ({"database": "no_such_database"}, "no database of that name"),
        ({"username": "nobody"}, "refuses the user"),
        ({"query": {"nonsense": "1"}}, "an option in the URL is not known"),
        ({"database": "postgres"}, "holds no tables of the bot"),
    ],
    ids=str,
)
async def test_an_unusable_postgresql_is_reported(change: dict[str, object], says: str) -> None:
    if not await has_postgresql():
        pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    url = make_url("postgresql+asyncpg://postgres:hunter2@127.0.0.1:5432/postgres")
    for name, value in change.items():
        url = url.set(**{name: value})  # type: ignore[arg-type]  # as the parameters above say
    refusal = await _refusal(url.render_as_string(hide_password=False))
    assert says in refusal
    assert "hunter2" not in refusal
