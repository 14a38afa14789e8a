"""slack-sdk's SocketModeClient on aiohttp: what it receives and acks, and how it comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.clients.conftest import Json, button, modal
from tests.support.local_workspace import Workspace, until


class SocketModeBot:
    """The client with a listener that acks each request with the next of `acks`, and notes what came."""

    def __init__(self, workspace: Workspace, web_client: AsyncWebClient) -> None:
        self.workspace = workspace
        self.web_client = web_client
        self.got: list[SocketModeRequest] = []
        self.acks: list[Json] = []
        self.stack = AsyncExitStack()

    async def connect(self, ping_interval: float = 5) -> SocketModeClient:
        """Connect one client, which tries again every `ping_interval` seconds."""
        token = self.workspace.variables["SLACK_APP_TOKEN"]
        client = SocketModeClient(token, web_client=self.web_client, ping_interval=ping_interval)
        self.stack.push_async_callback(client.close)
        client.socket_mode_request_listeners.append(self.take)
        await client.connect()  # type: ignore[no-untyped-call]  # slack-sdk's own lack
        await self.connected(1)
        return client

    async def take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.got.append(request)
        payload = self.acks.pop(0) if self.acks else None
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    async def connected(self, count: int) -> None:
        """Wait until payloads can go to so many connections."""

        async def found() -> bool | None:
            return (await self.workspace.get("delivery"))["connections"] == count or None

        await until(found)


@pytest.fixture
async def socket_bot(workspace: Workspace, client: AsyncWebClient) -> AsyncIterator[SocketModeBot]:
    socket_bot = SocketModeBot(workspace, client)
    async with socket_bot.stack:
        yield socket_bot
    await socket_bot.connected(0)


async def test_a_command_is_received_and_its_ack_shown(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await socket_bot.connect()
    socket_bot.acks = [{"text": "only you"}]
    assert await workspace.command("list prod") == {"ok": True}
    (request,) = socket_bot.got
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert (request.payload["command"], request.payload["text"]) == ("/warehouse", "list prod")
    assert (await workspace.sees("only you"))["ephemeral"] is True


async def test_a_click_is_received(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await socket_bot.connect()
    await socket_bot.web_client.chat_postMessage(channel="C0OPS", text="card", blocks=[button()])
    assert await workspace.click(await workspace.sees("card"), "Approve", "U0BOB") == {"ok": True}
    (request,) = socket_bot.got
    assert (request.type, request.payload["type"]) == ("interactive", "block_actions")
    assert request.payload["actions"][0]["value"] == "r1"


async def test_a_submission_is_answered_with_errors_and_then_taken(
    socket_bot: SocketModeBot, workspace: Workspace
) -> None:
    await socket_bot.connect()
    await workspace.command("create")
    await socket_bot.web_client.views_open(trigger_id=socket_bot.got[0].payload["trigger_id"], view=modal())
    errors = {"name": "taken"}
    socket_bot.acks = [{"response_action": "errors", "errors": errors}]
    refused = await workspace.submit(await workspace.view(), name="prod")
    assert refused == {"ok": False, "response_action": "errors", "errors": errors}
    assert await workspace.submit(await workspace.view(), name="staging") == {"ok": True}
    await workspace.closed()
    sent = [request.payload["view"]["state"]["values"]["name"]["typed"]["value"] for request in socket_bot.got[1:]]
    assert sent == ["prod", "staging"]


async def test_an_event_is_received(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await socket_bot.connect()
    assert (await workspace.post("open-home", user="U0ALICE"))["ok"] is True
    (request,) = socket_bot.got
    assert (request.type, request.accepts_response_payload) == ("events_api", False)
    assert request.payload["event"]["type"] == "app_home_opened"


@pytest.mark.parametrize("how", [{}, {"drop": True}], ids=["asked to leave", "cut off"])
async def test_it_comes_back_with_another_ticket(socket_bot: SocketModeBot, workspace: Workspace, how: Json) -> None:
    await socket_bot.connect()
    assert (await workspace.post("disconnect", **how))["connections"] == 1
    await socket_bot.connected(1)
    assert await workspace.command("list") == {"ok": True}
    tickets = [upgrade["payload"]["ticket"] for upgrade in await workspace.calls("websocket")]
    assert len(set(tickets)) == len(tickets) == 2


async def test_it_waits_as_long_as_it_is_told_before_it_connects(
    socket_bot: SocketModeBot, workspace: Workspace
) -> None:
    await workspace.fault("slack", "apps.connections.open", retry_after=0)
    await socket_bot.connect()
    assert [call["status"] for call in await workspace.calls("apps.connections.open")] == [429, 200]


async def test_it_asks_again_where_it_gets_no_ticket(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await workspace.fault("slack", "apps.connections.open", error="internal_error")
    await socket_bot.connect(ping_interval=0.2)
    assert len(await workspace.calls("apps.connections.open")) == 2


async def test_it_tries_again_where_the_upgrade_fails(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await workspace.fault("slack", "websocket", drop="before", times=2)  # aiohttp itself tries twice
    await socket_bot.connect(ping_interval=0.2)
    assert [upgrade["status"] for upgrade in await workspace.calls("websocket")] == [None, None, 101]
    assert len(await workspace.calls("apps.connections.open")) == 1


async def test_it_comes_back_where_it_gets_no_ticket_at_first(socket_bot: SocketModeBot, workspace: Workspace) -> None:
    await socket_bot.connect(ping_interval=0.5)
    await workspace.fault("slack", "apps.connections.open", error="internal_error", times=2)
    await workspace.post("disconnect", drop=True)
    await socket_bot.connected(1)
    assert len(await workspace.calls("apps.connections.open")) == 4


async def test_a_refused_ticket_is_tried_for_ever_and_another_client_gets_in(
    socket_bot: SocketModeBot, workspace: Workspace
) -> None:
    await workspace.fault("slack", "websocket", status=403)
    connecting = asyncio.create_task(socket_bot.connect(ping_interval=0.05))

    async def stuck() -> bool | None:
        return len(await workspace.calls("websocket")) > 2 or None

    await until(stuck)
    connecting.cancel()
    assert {upgrade["status"] for upgrade in await workspace.calls("websocket")} == {403}
    assert len(await workspace.calls("apps.connections.open")) == 1
    await socket_bot.connect()
    assert await workspace.command("list") == {"ok": True}
