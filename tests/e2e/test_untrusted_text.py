"""Hostile names, settings, reasons and errors, from Segment's list to the audit trail: shown harmless, and workable."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.domain.text import INVISIBLE_CHARS
from tests.e2e.conftest import StartBot
from tests.support.hostile import FRAGMENTS, Said, alive, texts_of
from tests.support.local_workspace import Process, Workspace, until
from tests.support.samples import kind

LIVE = "<!channel> <@U0CAROL> <https://evil.example|https://good.example> `` *approved* \u202e\x1b[31m\x9b2J\n> "
LONG = LIVE + "x" * 10_000
#: How that is shown, and so what a person types where it is asked for.
SHOWN = "<!channel> <@U0CAROL> <https://evil.example|https://good.example> `` *approved* …"
#: Half a pair of surrogates, and what no database takes: Segment's JSON can hold both.
BROKEN = "\ud83d\0"

#: What the Segment of these tests calls things that the local one, which takes no such name, calls otherwise.
RENAMED = {
    "odd-one": LONG + BROKEN,
    "odd_schema": BROKEN + "".join(FRAGMENTS),
    "odd-two": "\u200b",
    "odd-three": "thr\u202eee_",
    "Staging": BROKEN + LONG,
    "odd-account": BROKEN + "<!here> `acme` *x*",
    "odd-user": "S\u200bEGMENT",
    "odd-database": LONG,
}
NEEDED = {"account": "odd-account", "username": "odd-user", "warehouse": "&" * 3_000, "database": "odd-database"}


@asynccontextmanager
async def renaming(address: str) -> AsyncIterator[str]:
    """The address of the Segment at `address` as strangers could have named what is in it."""
    async with httpx.AsyncClient(timeout=30) as http:

        async def handle(request: web.Request) -> web.Response:
            headers = {
                name: request.headers[name]
                for name in ("Authorization", "Accept", "Content-Type")
                if name in request.headers
            }
            sent = await request.read()
            answer = await http.request(request.method, address + request.path_qs, content=sent, headers=headers)
            text = answer.text
            for name, hostile in RENAMED.items():
                text = text.replace(json.dumps(name), json.dumps(hostile))
            return web.Response(text=text, status=answer.status_code, content_type="application/json")

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()


@pytest.fixture
async def bot(workspace: Workspace, start_bot: StartBot) -> AsyncIterator[Process]:
    """The bot with everything logged, beside a Segment in which strangers wrote."""
    address, token = workspace.variables["SEGMENT_API_URL"], workspace.variables["SEGMENT_API_TOKEN"]
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}) as segment:
        state = await workspace.get("segment")
        space = next(each["id"] for each in state["spaces"] if each["slug"] == "staging")
        for name, schema in (("odd-one", "odd_schema"), ("odd-two", "two"), ("odd-three", "three")):
            body = {"metadataId": kind("snowflake").metadata_id, "name": name, "enabled": True, "schemaName": schema}
            settings = {**NEEDED, "password": "p", "name": name}
            made = await segment.post(f"/spaces/{space}/profiles-warehouses", json={**body, "settings": settings})
            assert made.is_success, made.text
    async with renaming(address) as renamed:
        process = await start_bot(LOG_LEVEL="DEBUG", SEGMENT_API_URL=renamed)
        yield process
        await process.stop()


def said_by(call: Mapping[str, Any]) -> Iterator[Said]:
    """What a call to Slack says."""
    # Slack's clients write blocks and views as JSON in a string.
    read = {
        key: json.loads(each) if key in {"blocks", "view"} and isinstance(each, str) else each
        for key, each in call.items()
    }
    if "text" in read:
        yield Said("fallback", str(read["text"]))
    yield from texts_of(read)


async def assert_harmless(workspace: Workspace, bot: Process, folder: Path) -> None:
    """Slack took all that the bot said, nothing of the strangers' is alive in it, and every line is one."""
    log = (await workspace.get("log"))["log"]
    calls = [each["payload"] for each in log if each["name"].startswith(("chat.", "views.", "response"))]
    said = [each for call in calls if isinstance(call, dict) for each in said_by(call)]
    assert {each.kind for each in said} >= {"fallback", "mrkdwn"}
    assert [(each, found) for each in said if (found := alive(each))] == []
    assert "invalid_" not in json.dumps(log)
    exported = await Process.start("audit", "export", cwd=folder, DATABASE_URL=f"sqlite:///{folder}/bot.db")
    assert await exported.ended() == 0
    for line in (*exported.out, *bot.out, *bot.err):
        assert INVISIBLE_CHARS.findall(line) == []
        assert json.loads(line)


async def odd(workspace: Workspace) -> str:
    """The id of the warehouse whose name nobody types."""
    return str((await workspace.warehouses())["odd-one"]["id"])


async def test_looking(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    for text in (f"list --find {LONG}", f"show {LIVE}", f"list -type=`{LONG}", LONG, f"list {LONG}", "list"):
        await workspace.command(text)
    await workspace.sees("takes two hyphens", ephemeral=True)
    await workspace.sees("page 1 of 2")
    await workspace.command(f"show {await odd(workspace)}")
    await workspace.sees("schema \ufffd\ufffd&lt;!channel&gt;")
    await workspace.command("show three_")
    await workspace.sees("three_ · Snowflake")
    await workspace.command(f"history {await odd(workspace)}")
    await workspace.sees("Segment's audit trail", ephemeral=True)
    await assert_harmless(workspace, bot, tmp_path)


async def test_failing(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    await workspace.fault("segment", "GET /spaces", status=422, error=LONG, field=LONG, times=20)
    await workspace.command("list staging")
    await workspace.sees("Segment refused (422)", ephemeral=True)
    await workspace.clear_faults()
    await workspace.fault("slack", "chat.postMessage", error="`<!channel>\x1b[31m")
    await workspace.command("show prod-snowflake")
    await workspace.sees("Slack refused chat.postMessage (unknown)", ephemeral=True)
    await assert_harmless(workspace, bot, tmp_path)


async def test_updating(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    await workspace.command(f"update {await odd(workspace)}")
    view = await workspace.view(having="Account ID")
    await workspace.submit(view, account_id=LIVE, why=LONG[:2_900])
    card = await workspace.sees("asks to update", user="U0BOB")
    await workspace.fault("segment", "PATCH /spaces", status=422, error=LONG, field=LONG)
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("Not updated", user="U0BOB", thread_ts=None)
    await assert_harmless(workspace, bot, tmp_path)


async def test_deleting(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    name = await odd(workspace)
    await workspace.command(f"delete {name}")
    await workspace.submit(await workspace.view(having="You ask to delete"), why=LONG[:3_000])
    card = await workspace.sees("asks to delete", user="U0BOB")
    await workspace.click(card, "Deny", "U0BOB")
    await workspace.submit(await workspace.view("U0BOB", having="shown on the card"), "U0BOB", why=LONG[:3_000])
    await workspace.sees("denied by <@U0BOB>", user="U0BOB", thread_ts=None)
    await workspace.command("delete --reason=again three_")
    again = await workspace.sees("why: _again_", user="U0BOB", thread_ts=None)
    await workspace.click(again, "Cancel", "U0ALICE")
    await workspace.command(f"delete --reason=long {name}")
    long = await workspace.sees("why: _long_", user="U0BOB", thread_ts=None)
    await workspace.post("open-home", user="U0BOB")

    async def home() -> bool | None:
        return "asks to delete" in str(await workspace.get("home/U0BOB")) or None

    assert await until(home)
    await workspace.approve_deletion(long, "U0BOB", name=SHOWN)
    done = await workspace.sees("is deleted", user="U0BOB", thread_ts=None)
    assert "odd-one" not in await workspace.warehouses()
    await workspace.click(done, "Recreate…", "U0ALICE")
    await workspace.view(having="Schema name")
    await workspace.post("close", user="U0ALICE", all=True)
    await workspace.command(f"history {name}")
    await workspace.sees("is no longer there", ephemeral=True)
    await assert_harmless(workspace, bot, tmp_path)
