"""The upgrade to Socket Mode, and what can go wrong with it."""

import asyncio

import aiohttp
import httpx
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Bot, Control, Json, until

#: The headers of a WebSocket's handshake, for a client that doesn't speak it.
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture
def socket_bot(sandbox: LocalWorkspace, control: Control) -> "SocketModeBot":
    return SocketModeBot(sandbox, control)


class SocketModeBot:
    """Asks for tickets as the bot does, and uses them by hand."""

    def __init__(self, sandbox: LocalWorkspace, control: Control) -> None:
        self.control = control
        self.client = AsyncWebClient(token=sandbox.app_token, base_url=sandbox.slack_api_url)

    async def fresh(self) -> str:
        url: str = (await self.client.apps_connections_open(app_token=self.client.token or ""))["url"]
        return url

    async def refused(self, url: str) -> aiohttp.WSServerHandshakeError:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await self.control.session.ws_connect(url)
        return refused.value

    async def answers(self, url: str) -> str:
        async with self.control.session.ws_connect(url) as socket:
            return str((await socket.receive_json())["type"])


async def fault(control: Control, **wanted: object) -> None:
    assert (await control.post("faults", target="slack", match="websocket", **wanted))["ok"]


async def test_a_fault_refuses_its_number_of_tickets(socket_bot: SocketModeBot, control: Control) -> None:
    await fault(control, times=2, status=403)
    for _ in range(2):
        assert (await socket_bot.refused(await socket_bot.fresh())).status == 403
    assert await socket_bot.answers(await socket_bot.fresh()) == "hello"


async def test_a_refused_ticket_stays_refused(socket_bot: SocketModeBot, control: Control) -> None:
    await fault(control, times=2, status=403)
    url = await socket_bot.fresh()
    for _ in range(3):
        assert (await socket_bot.refused(url)).status == 403
    assert [due["left"] for due in (await control.get("faults"))["faults"]] == [1]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [({"error": "no"}, 403), ({"status": 503}, 503), ({"retry_after": 7}, 429), ({"body": "<"}, 403)],
)
async def test_a_ticket_is_refused_as_wanted(
    socket_bot: SocketModeBot, control: Control, wanted: Json, status: int
) -> None:
    await fault(control, **wanted)
    refusal = await socket_bot.refused(await socket_bot.fresh())
    assert refusal.headers is not None
    assert (refusal.status, refusal.headers.get("Retry-After")) == (status, "7" if status == 429 else None)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_upgrade_can_be_cut_off(socket_bot: SocketModeBot, control: Control, when: str) -> None:
    await fault(control, drop=when)
    url = await socket_bot.fresh()
    async with httpx.AsyncClient(headers=HANDSHAKE) as plain:  # aiohttp would try again by itself
        with pytest.raises(httpx.TransportError):
            await plain.get(url.replace("ws", "http", 1))
    if when == "before":
        assert await socket_bot.answers(url) == "hello"
    else:
        assert (await socket_bot.refused(url)).status == 403


async def test_a_request_that_is_no_upgrade_uses_no_ticket_up(socket_bot: SocketModeBot) -> None:
    url = await socket_bot.fresh()
    async with httpx.AsyncClient() as plain:
        answer = await plain.get(url.replace("ws", "http", 1))
    assert (answer.status_code, answer.headers["Upgrade"]) == (426, "websocket")
    assert await socket_bot.answers(url) == "hello"


async def test_an_upgrade_can_be_slow(socket_bot: SocketModeBot, control: Control, sandbox: LocalWorkspace) -> None:
    await fault(control, delay=0.01)
    assert await socket_bot.answers(await socket_bot.fresh()) == "hello"
    await fault(control, delay=60)
    connecting = asyncio.create_task(socket_bot.answers(await socket_bot.fresh()))
    await until(lambda: not sandbox.faults.list_due())
    assert await socket_bot.answers(await socket_bot.fresh()) == "hello"
    assert not connecting.done()
    connecting.cancel()


async def test_upgrades_are_in_the_log(socket_bot: SocketModeBot, control: Control) -> None:
    await fault(control, status=403, error="not now")
    first, second = await socket_bot.fresh(), await socket_bot.fresh()
    await socket_bot.refused(first)
    await socket_bot.answers(second)
    entries = await control.log("websocket")
    assert [(entry["status"], entry["answer"]) for entry in entries] == [(403, "not now"), (101, None)]
    assert [entry["payload"]["ticket"] in url for entry, url in zip(entries, (first, second), strict=True)] == [
        True
    ] * 2


async def test_a_websocket_fault_affects_no_other_call(
    client: AsyncWebClient, control: Control, socket_bot: SocketModeBot
) -> None:
    await fault(control, status=403)
    assert (await client.chat_postMessage(channel="C0OPS", text="hi"))["ok"]
    assert (await socket_bot.refused(await socket_bot.fresh())).status == 403


async def test_slacks_own_client_keeps_to_a_refused_ticket(bot: Bot, control: Control, sandbox: LocalWorkspace) -> None:
    await fault(control, status=403)
    handler = AsyncSocketModeHandler(bot.app, sandbox.app_token, ping_interval=0.01)
    connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt's own lack
    async with asyncio.timeout(5):
        while len(await control.log("websocket")) < 3:  # noqa: ASYNC110 - the client tells no event
            await asyncio.sleep(0.01)
    connecting.cancel()
    await handler.close_async()  # type: ignore[no-untyped-call]  # the same
    assert len({entry["payload"]["ticket"] for entry in await control.log("websocket")}) == 1
    assert len(await control.log("apps.connections.open")) == 1
