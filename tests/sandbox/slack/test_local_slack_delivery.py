import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Bot, Control, Json, button, until


async def link(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """One connection, spoken by hand."""
    return await session.ws_connect(
        sandbox.url.replace("http", "ws") + f"/link?ticket={sandbox.slack.socket_tickets.issue()}"
    )


async def test_a_connection_is_greeted(sandbox: LocalWorkspace, control: Control) -> None:
    socket = await link(sandbox, control.session)
    hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0WAREHOUSE"}


async def test_a_ticket_opens_one_connection(sandbox: LocalWorkspace, control: Control) -> None:
    url = sandbox.url.replace("http", "ws") + f"/link?ticket={sandbox.slack.socket_tickets.issue()}"
    async with control.session.ws_connect(url):
        for again in (url, url + "x"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await control.session.ws_connect(again)
            assert refused.value.status == 403


async def test_an_eleventh_connection_is_refused(sandbox: LocalWorkspace, control: Control) -> None:
    sockets = [await link(sandbox, control.session) for _ in range(10)]
    eleventh = await link(sandbox, control.session)
    assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    assert (await eleventh.receive()).type is aiohttp.WSMsgType.CLOSE
    assert len(sockets) == sandbox.slack.sockets.connection_count == 10


async def test_an_envelope_waits_for_its_ack(sandbox: LocalWorkspace, control: Control) -> None:
    socket = await link(sandbox, control.session)
    await socket.receive_json()
    typing = asyncio.create_task(control.command("list"))
    envelope = await socket.receive_json()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "list"
    await socket.send_str("not an ack")
    await socket.send_json({"envelope_id": "another"})
    await asyncio.sleep(0.05)
    assert not typing.done()
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "here"}})
    assert await typing == {"ok": True}
    assert await control.texts() == ["here"]


async def test_a_second_delivery_says_that_it_is_one(sandbox: LocalWorkspace, control: Control) -> None:
    socket = await link(sandbox, control.session)
    await socket.receive_json()
    typing = asyncio.create_task(control.command("list", redeliver=True))
    first = await socket.receive_json()
    await socket.send_json({"envelope_id": first["envelope_id"]})
    second = await socket.receive_json()
    await socket.send_json({"envelope_id": second["envelope_id"], "payload": {"text": "not shown"}})
    assert await typing == {"ok": True}
    assert (second["payload"], second["retry_attempt"]) == (first["payload"], 1)
    assert second["envelope_id"] != first["envelope_id"]
    assert await control.texts() == []


async def test_a_second_delivery_beside_the_first(sandbox: LocalWorkspace, control: Control) -> None:
    sockets = [await link(sandbox, control.session) for _ in range(2)]
    for socket in sockets:
        await socket.receive_json()
    typing = asyncio.create_task(control.command("list", redeliver="beside"))
    one, other = [await socket.receive_json() for socket in sockets]
    assert one["payload"] == other["payload"]
    assert one["envelope_id"] != other["envelope_id"]
    assert "retry_attempt" not in one | other
    await sockets[1].send_json({"envelope_id": other["envelope_id"], "payload": {"text": "came first"}})
    await until(lambda: settled(sandbox) == [False, True])
    await sockets[0].send_json({"envelope_id": one["envelope_id"], "payload": {"text": "came later"}})
    assert await typing == {"ok": True}
    assert await control.texts() == ["came first"]


def settled(sandbox: LocalWorkspace) -> list[bool]:
    """Which commands in the log are acked, in order."""
    answers = [entry["answer"] for entry in sandbox.traffic.list_entries() if entry["name"] == "slash_commands"]
    return sorted("waiting" not in answer for answer in answers if isinstance(answer, dict))


@pytest.mark.parametrize("answered", [0, 1])
async def test_one_ack_of_two_is_enough(sandbox: LocalWorkspace, control: Control, answered: int) -> None:
    socket = await link(sandbox, control.session)
    await socket.receive_json()
    typing = asyncio.create_task(control.command("list", redeliver="beside"))
    envelopes = [await socket.receive_json() for _ in range(2)]
    await socket.send_json({"envelope_id": envelopes[answered]["envelope_id"]})
    await until(lambda: settled(sandbox) == [False, True])
    await control.post("clock", advance=4)
    assert await typing == {"ok": True}
    shown = sorted(entry["answer"]["ok"] for entry in await control.log("slash_commands"))
    assert shown == [False, True]


async def test_two_deliveries_without_a_bot_fail_once(control: Control) -> None:
    assert await control.command("list", redeliver="beside") == {"ok": False, "error": "dispatch_failed"}
    assert len(await control.messages()) == 1


async def test_an_unknown_redelivery_is_refused(control: Control) -> None:
    for strange in ("often", 2, ["beside"]):
        status, words = await control.refused(
            "command", user="U0ALICE", channel="C0OPS", command="/warehouse", redeliver=strange
        )
        assert (status, words) == (400, 'redeliver must be true, false or "beside"')


async def test_connections_take_turns(bot: Bot, control: Control) -> None:
    async def listen(ack: AsyncAck) -> None:
        await ack()

    bot.app.command("/warehouse")(listen)
    await bot.over_sockets(connections=3)
    assert [await control.command("list") for _ in range(6)] == [{"ok": True}] * 6


async def test_delivery_fails_when_the_bot_disconnects(sandbox: LocalWorkspace, control: Control) -> None:
    socket = await link(sandbox, control.session)
    await socket.receive_json()
    await socket.close()
    await until(lambda: sandbox.slack.sockets.connection_count == 0)
    assert await control.command("list") == {"ok": False, "error": "dispatch_failed"}


async def test_connections_can_be_refreshed(bot: Bot, control: Control) -> None:
    async def listen(ack: AsyncAck) -> None:
        await ack("back")

    bot.app.command("/warehouse")(listen)
    await bot.over_sockets()
    assert await control.post("disconnect") == {"ok": True, "connections": 1}
    await until(lambda: bot.sandbox.slack.sockets.connection_count == 1)
    assert await control.command("list") == {"ok": True}


async def test_connections_can_be_dropped(sandbox: LocalWorkspace, control: Control) -> None:
    socket = await link(sandbox, control.session)
    await socket.receive_json()
    dropping = asyncio.create_task(control.post("disconnect", drop=True))
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert await dropping == {"ok": True, "connections": 1}
    assert sandbox.slack.sockets.connection_count == 0


class Receiver:
    """An HTTP endpoint that keeps what it gets, and answers with `answer`."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.answer = web.Response
        self.before: Callable[[], Awaitable[object]] = partial(asyncio.sleep, 0)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), dict(request.headers)))
        await self.before()
        return self.answer()


@pytest.fixture
async def receiver(control: Control) -> Receiver:
    return Receiver()


@pytest.fixture
async def served(receiver: Receiver, control: Control):  # type: ignore[no-untyped-def]
    app = web.Application()
    app.router.add_post("/slack/events", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    assert await control.post("delivery", mode="http", url=url) == {
        "ok": True,
        "mode": "http",
        "url": url,
        "connections": 0,
    }
    yield url
    await runner.cleanup()


async def test_http_payloads_are_signed(
    served: str, receiver: Receiver, control: Control, sandbox: LocalWorkspace
) -> None:
    await control.post("clock", advance=3600)  # a signature is by the machine's time: the bot has no other
    await control.command("list prod")
    body, headers = receiver.got[0]
    base = b"v0:" + headers["X-Slack-Request-Timestamp"].encode() + b":" + body
    digest = hmac.new(sandbox.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == f"v0={digest}"
    assert abs(int(headers["X-Slack-Request-Timestamp"]) + 3600 - sandbox.clock.now()) < 5
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode())["text"] == ["list prod"]


async def test_http_payloads_of_each_kind(served: str, receiver: Receiver, control: Control, bot: Bot) -> None:
    posted = await bot.app.client.chat_postMessage(channel="C0OPS", text="card", blocks=[button()])
    click = {"channel": "C0OPS", "messageTs": posted["ts"], "user": "U0BOB", "action": {"action_id": "approve"}}
    assert await control.post("interact", **click) == {"ok": True}
    assert (await control.post("open-home", user="U0BOB"))["ok"] is True
    (clicked, _), (opened, headers) = receiver.got
    assert json.loads(parse_qs(clicked.decode())["payload"][0])["type"] == "block_actions"
    event: Json = json.loads(opened)
    assert (event["type"], event["event"]["type"]) == ("event_callback", "app_home_opened")
    assert headers["Content-Type"] == "application/json"


async def test_a_second_http_delivery_says_that_it_is_one(served: str, receiver: Receiver, control: Control) -> None:
    await control.command("list", redeliver=True)
    (first, _), (second, headers) = receiver.got
    assert (first == second, headers["X-Slack-Retry-Num"]) == (True, "1")


async def test_two_http_deliveries_at_once_look_the_same(served: str, receiver: Receiver, control: Control) -> None:
    both = asyncio.Barrier(2)
    receiver.before = both.wait  # neither is answered before both are there
    assert await control.command("list", redeliver="beside") == {"ok": True}
    (first, one), (second, other) = receiver.got
    assert first == second
    assert not {"X-Slack-Retry-Num"} & (one.keys() | other.keys())


async def test_plain_text_answers_a_command(served: str, receiver: Receiver, control: Control) -> None:
    receiver.answer = lambda: web.Response(text="plainly")  # type: ignore[assignment,misc]
    await control.command("list")
    assert await control.texts() == ["plainly"]


async def test_delivery_can_return_to_socket_mode(served: str, control: Control) -> None:
    assert (await control.post("delivery", mode="socket"))["mode"] == "socket"
    assert await control.command("list") == {"ok": False, "error": "dispatch_failed"}


@pytest.mark.parametrize("url", ["http://example.com/slack/events", "https://127.0.0.1/", "file:///etc", "http://["])
async def test_payloads_stay_on_this_machine(control: Control, url: str) -> None:
    status, words = await control.refused("delivery", mode="http", url=url)
    assert (status, "this machine" in words) == (400, True)
