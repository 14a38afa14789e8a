"""Payloads that lack any field that Slack usually sends: told to whoever sent them, and never carried out by half.

The bot lives in this process, unmodified, in the local workspace. People do things; each payload that comes of it is
then sent again with one field taken out, null, or of another kind. A payload that is complete all the same is a second
delivery, of which nothing comes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_bolt.response import BoltResponse
from structlog.testing import capture_logs

from bot.app import run_bot
from bot.config.settings import read_settings
from bot.domain.errors import PayloadIncomplete
from bot.domain.redaction.scrubber import Scrubber
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace
from bot.slack.dispatcher import PayloadDispatcher
from bot.slack.payloads import find_sender, parse_payload
from tests.e2e.test_change_commands import SNOWFLAKE
from tests.support.local_workspace import Workspace
from tests.support.mutations import copied, kind_of, mutations_of, named, paths_of, shape_of
from tests.support.secret_page import page_variables

REFUSED = "Slack sent this without something that the bot needs"

#: Calls of Segment's that change nothing.
READING = ("GET ", "POST /warehouses/validation")


class Bot:
    """The bot in this process, and what came to it."""

    def __init__(self, sandbox: LocalWorkspace, workspace: Workspace) -> None:
        self.sandbox = sandbox
        self.workspace = workspace
        self.received: list[dict[str, Any]] = []
        self.intake: PayloadDispatcher | None = None

    async def send(self, payload: Mapping[str, Any]) -> BoltResponse:
        """Deliver `payload`, and wait until all that comes of it is done."""
        assert self.intake
        async with asyncio.timeout(60):
            response = await self.intake.receive(json.dumps(payload))
            await self.rest()
        return response

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        assert self.intake
        while tasks := list(self.intake._background_tasks._tasks):
            await asyncio.wait(tasks)

    def forget(self) -> None:
        """Look only at what is said from now on."""
        self.sandbox.traffic.clear()

    @property
    def traffic(self) -> list[Mapping[str, Any]]:
        """The calls and payloads since then."""
        return list(self.sandbox.traffic.list_entries())


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox, httpx.AsyncClient(timeout=30) as http:
        variables = {
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "SLACK_API_URL": sandbox.slack_api_url,
            "SEGMENT_API_TOKEN": sandbox.segment.token,
            "SEGMENT_API_URL": sandbox.segment_url,
            "APPROVERS": "@data-oncall",
            "HOST": "127.0.0.1",
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
            "WAREHOUSE_SECRET_LOADER": "canary-hunter2-canary",
            **page_variables(),
        }
        found, original = Bot(sandbox, Workspace(sandbox.url, variables, http)), PayloadDispatcher.receive

        async def receive(self: PayloadDispatcher, document: bytes | str) -> BoltResponse:
            if found.intake is None or asyncio.current_task() not in found_senders:
                found.received.append(copied(document))
            found.intake = self
            return await original(self, document)

        found_senders: set[object] = {asyncio.current_task()}
        monkeypatch.setattr(PayloadDispatcher, "receive", receive)
        async with run_bot(read_settings(variables, dotenv=None), Scrubber(), receivers=["socket"]):
            yield found


async def look(workspace: Workspace) -> None:
    await workspace.command("list")
    listed = await workspace.sees("page 1 of 1")
    await workspace.click(listed, "Refresh", "U0BOB")
    await workspace.click(listed, "Details", "U0BOB")
    await workspace.command("list --private")
    await workspace.click(await workspace.sees("page 1 of 1", ephemeral=True), "Refresh", "U0ALICE")
    await workspace.command("show prod-snoflake")
    await workspace.click(await workspace.sees("Did you mean", ephemeral=True), "Show it", "U0ALICE")
    await workspace.post("open-home", user="U0BOB")


async def decide(workspace: Workspace) -> None:
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
    await workspace.click(card, "Deny", "U0BOB")
    await workspace.submit(await workspace.view("U0BOB", having="Why"), "U0BOB", why="no")
    await workspace.sees("denied", user="U0BOB", thread_ts=None)
    await workspace.command("disable crm-postgres")
    await workspace.submit(await workspace.view(having="Why"), why="costs")
    card = await workspace.sees("asks to disable crm-postgres", user="U0BOB", thread_ts=None)
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("crm-postgres is disabled", thread_ts=None)
    await workspace.command("delete support-postgres --reason moved")
    card = await workspace.sees("asks to delete support-postgres", user="U0BOB")
    await workspace.approve_deletion(card, "U0BOB", name="support-postgres")
    await workspace.sees("support-postgres is deleted", thread_ts=None)


async def fill_in(workspace: Workspace) -> None:
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Snowflake")
    form = await workspace.view(having="Schema name")
    await workspace.press(form, "Enter it on a one-time page")
    await workspace.view(having="Open the page")
    await workspace.press(form, "Test connection", values=await workspace.fill(form, **SNOWFLAKE))
    await workspace.submit(await workspace.view(having="Segment can connect"), **SNOWFLAKE)
    await workspace.sees("new-snowflake is created", thread_ts=None)
    await workspace.command("update crm-postgres")
    await workspace.submit(await workspace.view(having="Sync"), name="crm-renamed")
    await workspace.sees("crm-renamed", thread_ts=None)


@pytest.mark.parametrize("act", [look, decide, fill_in])
async def test_whatever_a_payload_lacks_is_told_and_nothing_is_done(
    bot: Bot, caplog: pytest.LogCaptureFixture, act: Any
) -> None:
    await act(bot.workspace)
    await bot.rest()
    real = {kind_of(each): each for each in bot.received}
    wrong = [found for payload in real.values() async for found in faults(bot, payload)]
    assert wrong == []
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


async def faults(bot: Bot, payload: dict[str, Any]) -> AsyncIterator[str]:
    """What goes wrong with the mutations of `payload`.

    Every mutation is read; of those that the listeners see another payload of, or that are refused, one of each shape
    is sent.
    """
    sent, whole = set[tuple[str, str, bool]](), heard(payload)
    for path in paths_of(payload):
        for how, mutated in mutations_of(payload, path):
            seen = heard(mutated)
            shape = (shape_of(path), how, seen is None)
            if seen == whole or shape in sent:
                continue
            sent.add(shape)
            bot.forget()
            with capture_logs() as logs:
                response = await bot.send(mutated)
            for problem in problems(bot.traffic, response, logs, mutated):
                yield f"{kind_of(payload)} with {named(path)} {how}: {problem}"


def heard(payload: dict[str, Any]) -> dict[str, Any] | None:
    """What the listeners get of `payload`; None where they get nothing."""
    with suppress(PayloadIncomplete):
        known = parse_payload(payload)
        return known.model_dump(exclude_unset=True) if known else {}
    return None


def problems(
    traffic: list[Mapping[str, Any]], response: BoltResponse, logs: list[Any], payload: dict[str, Any]
) -> Iterator[str]:
    events = {each["event"] for each in logs}
    if response.status != 200:
        yield f"answered with {response.status}"
    if failed := [each for each in logs if each["log_level"] in {"error", "critical"}]:
        yield f"logged {failed}"
    if writes := [
        each["name"] for each in traffic if each["side"] == "segment" and not each["name"].startswith(READING)
    ]:
        yield f"sent {writes}"
    said = f"{response.body}{[each['payload'] for each in traffic if each['side'] == 'slack']}"
    if "payload incomplete" in events and REFUSED not in said and find_sender(payload):
        yield "told nobody"
