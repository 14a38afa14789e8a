"""The page is a fixed list of files; no URL serves another file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

import bot.sandbox.page
from bot.sandbox import page_files
from bot.sandbox.page_files import read_page_files
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

PAGE = Path(bot.sandbox.page.__file__).parent


@pytest.fixture
async def sandbox() -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as started:
        yield started


async def get(sandbox: LocalWorkspace, target: bytes) -> tuple[int, bytes]:
    """Send a GET with an unchanged target; return status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % (target, sandbox.port))
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


@pytest.mark.parametrize(
    "target",
    [
        "/static/%2fetc%2fpasswd",
        "/static//etc/passwd",
        "/static/%252fetc%252fpasswd",
        "/static/..%2findex.html",
        "/static/%2e%2e%2f__init__.py",
        "/static/%2e%2e/__init__.py",
        "/static/%252e%252e%252f__init__.py",
        "/static/../__init__.py",
        "/static/..%5c__init__.py",
        "/static/..\\__init__.py",
        "/static/C:%5cWindows%5cwin.ini",
        "/static/main.js%00.css",
        "/static/%00",
        "/static/.%2fmain.js",
        "/static/main.js%2f",
        "/static/MAIN.JS",
        "/static/%c0%ae%c0%ae%c0%af__init__.py",
        "/static/%ff",
        "/static/file:%2f%2f%2fetc%2fpasswd",
        "/static/",
        "/static",
        "/static/index.html",
        "/static/nothing.js",
        "/nothing",
        "/%2fetc%2fpasswd",
    ],
)
async def test_no_other_address_serves_a_file(sandbox: LocalWorkspace, target: str) -> None:
    status, body = await get(sandbox, target.encode())
    assert status in {400, 404}
    assert b"root:" not in body
    assert len(body) < 500


async def test_each_shipped_file_is_served_with_its_type(sandbox: LocalWorkspace) -> None:
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    shipped = sorted(path for path in (PAGE / "static").iterdir() if path.suffix in kinds)
    assert len(shipped) > 20
    async with aiohttp.ClientSession(sandbox.url) as session:
        for path in shipped:
            async with session.get(f"/static/{path.name}") as answer:
                assert (answer.status, answer.content_type) == (200, kinds[path.suffix])
                assert await answer.read() == path.read_bytes()
        async with session.get("/") as answer:
            assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")


def test_links_folders_and_other_kinds_of_files_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "code.py").write_text("x")
    (tmp_path / ".hidden.js").write_text("x")
    (tmp_path / "folder.js").mkdir()
    (tmp_path / "elsewhere.js").symlink_to("/etc/passwd")
    assert list(read_page_files(tmp_path)) == ["main.js"]
    assert read_page_files(tmp_path / "nowhere") == {}


async def test_changes_on_disk_after_the_start_are_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page" / "static").mkdir(parents=True)
    script = tmp_path / "page" / "static" / "main.js"
    script.write_text("first")
    monkeypatch.setattr("bot.sandbox.page_files.resources.files", lambda _package: tmp_path)
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox:
        script.unlink()
        script.symlink_to("/etc/passwd")
        assert await get(sandbox, b"/static/main.js") == (200, b"first")


async def test_the_apis_work_without_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_files, "_FOLDER", "nowhere")
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox:
        assert await get(sandbox, b"/") == (404, b"there is no such page here")
        assert (await get(sandbox, b"/_control/state"))[0] == 200


@pytest.mark.parametrize("target", [b"/archives/C0OPS%0d%0aX:1/p1", b"/archives/C0OPS/p1%0d%0aX:1", b"/archives/a/b"])
async def test_a_permalink_redirects_to_a_channel_only(sandbox: LocalWorkspace, target: bytes) -> None:
    assert (await get(sandbox, b"/archives/C0OPS/p1700000000000001"))[0] == 302
    assert (await get(sandbox, target))[0] in {400, 404}
