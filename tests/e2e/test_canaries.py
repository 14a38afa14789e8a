"""Secrets planted wherever one can be: none leaves, in any command, any failure, to any sink, in any spelling."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bot.domain.warehouses import WarehouseType
from bot.segment.catalog import load_catalog
from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace
from tests.support.samples import kind
from tests.support.secret_page import Browser, address, page_variables

#: Secrets that the bot holds, and sends to Segment for a change.
HELD = {
    "WORD": "Tr0ub4dor&3",
    "LONG": "canary/q7Xf9LmZ2pR8vT4w+K1sB==",
    "JSON": '{"type": "service_account", "private_key": "canary-MIIEvQIBADANBgkqhkiG9w0"}',
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary-dBjftJeZ4CVP-mB92K27uhbUJU1",
    "URL": "postgres://loader:canary%2Fp4ss@db.example.com/profiles",
    "LETTERS": "canary-пароль-Straße-密码",
    "LINES": "-----BEGIN PRIVATE KEY-----\ncanaryMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----",
}
#: The same shapes once more, which nobody holds until somebody hands them over.
HANDED = {name: value.replace("canary", "yranac").replace("Tr0ub4dor&3", "r0d4bTu0r&5") for name, value in HELD.items()}

#: Secrets that Segment shows, which the bot has never heard of.
STRANGE = {
    "account": "AKIAIOSFODNN7CANARY1",
    "novel": "canary-in-a-key-that-nobody-knows",
    "Pass-Word": "canary-in-an-odd-key",
    "nested": {"deep": ["canary-deep-down"], "token": "canary-token"},
    "as_json": '{"deep": "canary-in-json"}',
}
NEEDED = {"username": "S", "warehouse": "W", "database": "D", "password": HELD["LONG"]}

#: Segment's complaint, which quotes what it was sent and what it knows.
COMPLAINT = f"'{HELD['WORD']}' and '{HELD['LONG']}' are refused, as is ghp_16C7e42F292c6912E7710c838347Ae17CANA"

CANARIES = [
    *HELD.values(),
    *HANDED.values(),
    "canary-MIIEvQIBADANBgkqhkiG9w0",
    "canaryMIIEvQIBADANBgkqhkiG9w0",
    "AKIAIOSFODNN7CANARY1",
    "canary-in-a-key-that-nobody-knows",
    "canary-in-an-odd-key",
    "canary-deep-down",
    "canary-token",
    "canary-in-json",
    "ghp_16C7e42F292c6912E7710c838347Ae17CANA",
]


#: Every type that syncs profiles, but the one that has a warehouse of its own here.
TYPES = [each for each in load_catalog().types if each.slug != "snowflake" and load_catalog().can_create(each)]


def planted(of: WarehouseType) -> dict[str, object]:
    """Settings of that type, with a secret in each that is one, and in many that nobody knows."""
    own = {
        each.name: HELD["LONG"] if each.is_secret else each.default or "5432"
        for each in of.settings
        if each.is_writable
    }
    return {**STRANGE, **own, "name": f"planted {of.slug}"}


@pytest.fixture
async def bot(workspace: Workspace, start_bot: StartBot) -> Process:
    """The bot with everything logged, beside a Segment in which secrets are planted."""
    address, token = workspace.variables["SEGMENT_API_URL"], workspace.variables["SEGMENT_API_TOKEN"]
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}) as segment:
        state = await workspace.get("segment")
        space = next(each["id"] for each in state["spaces"] if each["slug"] == "prod")
        for name in ("planted", f"planted {HELD['LONG']}", HELD["WORD"]):
            body = {"metadataId": kind("snowflake").metadata_id, "name": name, "enabled": True}
            made = await segment.post(
                f"/spaces/{space}/profiles-warehouses", json={**body, "settings": {**NEEDED, "name": name, **STRANGE}}
            )
            assert made.is_success, made.text
        for each in TYPES:
            body = {"metadataId": each.metadata_id, "name": f"planted {each.slug}", "enabled": True}
            made = await segment.post(f"/spaces/{space}/profiles-warehouses", json={**body, "settings": planted(each)})
            assert made.is_success, made.text
    held = {f"WAREHOUSE_SECRET_{name}": value for name, value in HELD.items()}
    return await start_bot(LOG_LEVEL="DEBUG", **page_variables(ALLOW_SECRETS_IN_SLACK="true"), **held)


def spellings(canary: str) -> dict[str, str]:
    return {
        "raw": canary,
        "as JSON": json.dumps(canary)[1:-1],
        "base64": base64.b64encode(canary.encode()).decode().rstrip("=")[:-1],
        "URL-encoded": quote(canary, safe=""),
        "reversed in case": canary.swapcase(),
    }


def kept(folder: Path) -> str:
    return "".join(file.read_bytes().decode(errors="replace") for file in folder.glob("bot.db*"))


async def assert_nothing_left(workspace: Workspace, bot: Process, folder: Path, *, typed: bool = False) -> None:
    """None of the canaries is anywhere outside Segment; with `typed`, people told Slack, and Slack the bot."""
    log = (await workspace.get("log"))["log"]
    exported = await Process.start("audit", "export", cwd=folder, DATABASE_URL=f"sqlite:///{folder}/bot.db")
    assert await exported.ended() == 0
    sinks = {
        "Slack": json.dumps(
            [
                each["payload"]
                for each in log
                if each["side"] == "slack" and not (typed and each["direction"] == "to_bot")
            ],
            ensure_ascii=False,
        ),
        "the log": bot.text,
        "the database": await asyncio.to_thread(kept, folder),
        "the export": exported.text,
    }
    assert sinks["Slack"]
    assert sinks["the database"]
    found = [
        (sink, canary, how)
        for sink, text in sinks.items()
        for canary in CANARIES
        for how, written in spellings(canary).items()
        if written in text
    ]
    assert found == []


async def create(workspace: Workspace, secret: str, name: str) -> None:
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Snowflake")
    view = await workspace.view(having="Schema name")
    await workspace.submit(
        view, name=name, account_id="acme", username="S", warehouse="W", database_name="D", password=secret
    )
    await workspace.post("close", user="U0ALICE", all=True)


async def test_looking(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    for text in (
        "list",
        "list --find planted",
        "show planted",
        "show planted --private",
        "pending",
        "help",
        "history planted",
    ):
        await workspace.command(text)
    await workspace.sees("account _hidden (medium): it looks like a secret_")
    await workspace.sees("4 settings we don't know, hidden")
    await workspace.sees("Segment's audit trail", ephemeral=True)
    await workspace.post("open-home", user="U0BOB")
    await assert_nothing_left(workspace, bot, tmp_path)


async def test_looking_at_every_type(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    for each in TYPES:
        await workspace.command(f"show “planted {each.slug}”")
        await workspace.sees(f"planted {each.slug} · {each.name}")
        await workspace.command(f"update “planted {each.slug}”")
        await workspace.view(having="Test connection")
        await workspace.post("close", user="U0ALICE", all=True)
    await assert_nothing_left(workspace, bot, tmp_path)


async def test_changing(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    for number, secret in enumerate(HELD):
        await create(workspace, secret, f"new-{number}")
        await workspace.sees(f"new-{number} is created", thread_ts=None)
    await workspace.command("update planted")
    view = await workspace.view(having="Account ID")
    await workspace.press(view, "Test connection")
    view = await workspace.view(having="a test needs it")
    await workspace.submit(view, database_name="V2", password="LONG", why="rotated")
    card = await workspace.sees("asks to update planted", user="U0BOB")
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("planted is updated", user="U0BOB", thread_ts=None)
    await workspace.command("delete planted --reason moved")
    await workspace.approve_deletion(await workspace.sees("asks to delete planted"), "U0BOB", name="planted")
    done = await workspace.sees("planted is deleted", user="U0BOB", thread_ts=None)
    await workspace.click(done, "Recreate…", "U0ALICE")
    await workspace.view(having="Schema name")
    await assert_nothing_left(workspace, bot, tmp_path)


@pytest.mark.parametrize("secret", HELD)
@pytest.mark.parametrize("way", ["page", "typed"])
async def test_handing_over(workspace: Workspace, bot: Process, tmp_path: Path, secret: str, way: str) -> None:
    await workspace.command("update planted")
    view = await workspace.view(having="Account ID")
    value = HANDED[secret]
    if way == "page":
        await hand_in(workspace, view, value)
    answers = {"why": f"rotated {value}", **({"password,_typed_here": value} if way == "typed" else {})}
    await workspace.press(view, "Test connection", values=await workspace.fill(view, **answers))
    await workspace.view(having="Segment c")
    await workspace.fault("segment", "PATCH /spaces", status=422, error=f"{value!r} and {value} are weak")
    await workspace.submit(view, **answers)
    view = await workspace.view(having="holds a secret that the bot knows")
    await workspace.submit(view, **{**answers, "why": "rotated"})
    card = await workspace.sees("asks to update planted", user="U0BOB")
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("Segment refused", user="U0BOB")
    await workspace.command("history planted")
    await workspace.sees("Segment's audit trail", ephemeral=True)
    await assert_nothing_left(workspace, bot, tmp_path, typed=True)


async def hand_in(workspace: Workspace, view: dict[str, Any], value: str) -> None:
    """Enter `value` on the page, where it is wrong at first."""
    await workspace.press(view, "Enter it on a one-time page")
    browser, url = Browser(), address(await workspace.view(having="Open the page"))
    assert value not in (await browser.send(url, "")).text
    assert value not in (await browser.send(url, value)).text
    assert value not in (await browser.send(url, value)).text
    await browser.http.aclose()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 422, "error": COMPLAINT, "field": "settings.password"},
        {"status": 400, "error": COMPLAINT},
        {"status": 500, "error": COMPLAINT, "times": 9},
        {"body": COMPLAINT},
        {"drop": "after"},
    ],
    ids=["422", "400", "500", "no JSON", "lost"],
)
async def test_failing(workspace: Workspace, bot: Process, tmp_path: Path, fault: dict[str, object]) -> None:
    for number, secret in enumerate(("WORD", "LONG")):
        await workspace.fault("segment", "POST /spaces", **fault)
        await create(workspace, secret, f"new-{number}")
        await workspace.sees(f"new-{number}", user="U0BOB")
        await workspace.clear_faults()
    await workspace.fault("segment", "GET /spaces", **fault)
    await workspace.command("show planted")
    await workspace.clear_faults()
    await workspace.fault("slack", "chat.postMessage", error=HELD["LONG"])
    await workspace.command("show planted")
    await workspace.sees("Slack refused chat.postMessage", ephemeral=True)
    await assert_nothing_left(workspace, bot, tmp_path)


async def test_in_a_name(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    named = (await workspace.warehouses())[f"planted {HELD['LONG']}"]
    await workspace.command(f"update {named['id']}")
    await workspace.submit(await workspace.view(having="Account ID"), database_name="V2", why="moved")
    card = await workspace.sees("asks to update planted •••", user="U0BOB")
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("planted ••• is updated", user="U0BOB", thread_ts=None)
    await workspace.command(f"delete {named['id']} --reason moved")
    card = await workspace.sees("asks to delete planted •••", user="U0BOB")
    await workspace.approve_deletion(card, "U0BOB", name="planted •••")
    await workspace.sees("planted ••• is deleted", user="U0BOB", thread_ts=None)
    assert f"planted {HELD['LONG']}" not in await workspace.warehouses()
    await assert_nothing_left(workspace, bot, tmp_path)


async def test_in_the_answer_to_a_form(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    named = (await workspace.warehouses())[HELD["WORD"]]
    await workspace.command(f"update {named['id']}")
    view = await workspace.view(having="Account ID")
    await workspace.fault("slack", "chat.postMessage", delay=3)
    await workspace.submit(view, database_name="V2", why="moved")
    await workspace.view(having="Updating `•••`")
    await workspace.sees("asks to update •••", user="U0BOB")
    await assert_nothing_left(workspace, bot, tmp_path)


async def test_typed_into_a_field_that_everybody_sees(workspace: Workspace, bot: Process, tmp_path: Path) -> None:
    await workspace.command("update planted")
    view = await workspace.view(having="Account ID")
    refused = await workspace.submit(view, name=HELD["WORD"], database_name=HELD["WORD"], why="moved")
    assert [block.rpartition(":")[2] for block in refused["errors"]] == ["name", "database"]
    for says in refused["errors"].values():
        assert "Nothing was done: what was typed for `name`, `database` holds a secret that the bot knows" in says
    await assert_nothing_left(workspace, bot, tmp_path, typed=True)
