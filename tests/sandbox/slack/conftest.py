"""A local Slack on a port of its own, someone to drive it, and a Bolt app that lives in it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

Json = dict[str, Any]


class Control:
    """The control API, as the people of the workspace use it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(self, method: str, path: str, body: object = None, **kwargs: Any) -> tuple[int, Json]:
        """Status and JSON of one call."""
        async with self.session.request(method, f"{self.url}/_control/{path}", json=body, **kwargs) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, **body: Any) -> Json:
        return (await self.call("POST", path, body))[1]

    async def get(self, path: str) -> Json:
        return (await self.call("GET", path))[1]

    async def refused(self, path: str, **body: Any) -> tuple[int, str]:
        """Status and words of a call that can't be done."""
        status, answer = await self.call("POST", path, body)
        assert answer["ok"] is False
        return status, answer["error"]

    async def command(self, text: str = "", user: str = "U0ALICE", channel: str = "C0OPS", **more: Any) -> Json:
        return await self.post("command", user=user, channel=channel, command="/warehouse", text=text, **more)

    async def messages(self, channel: str = "C0OPS", user: str = "U0ALICE") -> list[Json]:
        found: list[Json] = (await self.get(f"messages/{channel}?user={user}"))["messages"]
        return found

    async def texts(self, channel: str = "C0OPS", user: str = "U0ALICE") -> list[str]:
        return [message["text"] for message in await self.messages(channel, user)]

    async def modals(self, user: str = "U0ALICE") -> list[Json]:
        found: list[Json] = (await self.get(f"views/{user}"))["views"]
        return found

    async def log(self, name: str) -> list[Json]:
        return [entry for entry in (await self.get("log"))["log"] if entry["name"] == name]


class Bot:
    """A Bolt app with what came to it; its listeners are the test's."""

    def __init__(self, sandbox: LocalWorkspace, client: AsyncWebClient) -> None:
        self.sandbox = sandbox
        self.app = AsyncApp(client=client, signing_secret=sandbox.signing_secret, process_before_response=True)
        self.stack = AsyncExitStack()

    async def over_sockets(self, connections: int = 1) -> None:
        """Live in the workspace over Socket Mode."""
        before = self.sandbox.slack.sockets.connection_count
        for _ in range(connections):
            handler = AsyncSocketModeHandler(self.app, self.sandbox.app_token)
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's own lack
            self.stack.push_async_callback(handler.close_async)
        await until(lambda: self.sandbox.slack.sockets.connection_count == before + connections)

    async def over_http(self) -> str:
        """Live in the workspace over signed HTTP; gives the URL."""
        runner = web.AppRunner(self.app.web_app("/slack/events"), shutdown_timeout=0.1)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        self.sandbox.slack.set_events_url(url)
        return url


def section(text: str = "words", block_id: str = "s") -> Json:
    return {"type": "section", "block_id": block_id, "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str = "approve", value: str = "r1", **more: Any) -> Json:
    """An actions block with one button."""
    element = {"type": "button", "action_id": action_id, "text": plain("Approve"), "value": value, **more}
    return {"type": "actions", "block_id": "acts", "elements": [element]}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def text_input(block_id: str = "name", *, dispatch: bool = False, optional: bool = False, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "typed", **more}
    block = {"type": "input", "block_id": block_id, "label": plain("Name"), "element": element, "optional": optional}
    return block | ({"dispatch_action": True} if dispatch else {})


def select_input(block_id: str = "kind", *values: str, **more: Any) -> Json:
    options = [option(value) for value in values or ("snowflake", "redshift")]
    element = {"type": "static_select", "action_id": "chosen", "options": options, **more}
    return {"type": "input", "block_id": block_id, "label": plain("Kind"), "element": element}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def modal(*blocks: Json, **more: Any) -> Json:
    given = list(blocks) or [text_input()]
    words = {"callback_id": "m", "title": plain("A modal"), "submit": plain("Save")}
    return {"type": "modal", "blocks": given, **words, **more}


async def refusal(client: AsyncWebClient, method: str, **arguments: Any) -> Json:
    """The answer of a Web API call that is refused."""
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=arguments)
    answer: Json = refused.value.response.data
    return answer


async def error(client: AsyncWebClient, method: str, **arguments: Any) -> str:
    """Its code."""
    code: str = (await refusal(client, method, **arguments))["error"]
    return code


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that is about to be so."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


@pytest.fixture
def stopped_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace's time moves by POST /_control/clock alone."""
    now = time.time()
    monkeypatch.setattr("bot.sandbox.clock.time", SimpleNamespace(time=lambda: now))


@pytest.fixture
async def sandbox() -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as started:
        yield started


@pytest.fixture
async def control(sandbox: LocalWorkspace) -> AsyncIterator[Control]:
    async with aiohttp.ClientSession() as session:
        yield Control(sandbox.url, session)


@pytest.fixture
def client(sandbox: LocalWorkspace) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)


@pytest.fixture
async def bot(sandbox: LocalWorkspace, client: AsyncWebClient) -> AsyncIterator[Bot]:
    bot = Bot(sandbox, client)
    async with bot.stack:
        yield bot
