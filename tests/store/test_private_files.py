"""The database and what is beside it are for the bot's own user, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import find_sqlite_file, lock_sqlite_file, migrate, open_engine
from bot.store.private_files import create_private_file


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder.parent)): oct(stat.S_IMODE(path.stat().st_mode)) for path in found}


@pytest.mark.usefixtures("umask")
async def test_the_database_and_all_beside_it_are_private(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new/data/bot.db"
    with lock_sqlite_file(url):
        engine = open_engine(url)
        await migrate(engine)
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
            found = modes(tmp_path / "new")
        await engine.dispose()
    assert found == {
        "new": "0o700",
        "new/data": "0o700",
        "new/data/bot.db": "0o600",
        "new/data/bot.db-shm": "0o600",
        "new/data/bot.db-wal": "0o600",
        "new/data/bot.db.lock": "0o600",
    }


def test_it_is_never_wider_not_even_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(opened: int, mode: int) -> None:
        seen.append(oct(stat.S_IMODE(os.fstat(opened).st_mode)))

    monkeypatch.setattr(os, "fchmod", look)
    before = os.umask(0)
    create_private_file(tmp_path / "bot.db")
    os.umask(before)
    assert seen == ["0o600"]


def test_what_is_there_keeps_its_mode_and_content(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("kept")
    (tmp_path / "bot.db").chmod(0o640)
    tmp_path.chmod(0o750)
    create_private_file(tmp_path / "bot.db")
    assert modes(tmp_path) == {tmp_path.name: "0o750", f"{tmp_path.name}/bot.db": "0o640"}
    assert (tmp_path / "bot.db").read_text() == "kept"


def test_a_link_to_a_file_that_is_not_there_yet_leads_to_a_private_one(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to("far/bot.db")
    create_private_file(tmp_path / "link.db")
    assert modes(tmp_path / "far") == {"far": "0o700", "far/bot.db": "0o600"}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite+aiosqlite:///data/bot.db", Path("data/bot.db")),
        ("sqlite+aiosqlite:////var/lib/bot.db", Path("/var/lib/bot.db")),
        ("sqlite+aiosqlite:///:memory:", None),
        ("sqlite+aiosqlite:///file:bot.db?uri=true", None),
        ("postgresql+asyncpg://h/d", None),
    ],
)
def test_the_file_of_a_database(url: str, file: Path | None) -> None:
    assert find_sqlite_file(url) == file
