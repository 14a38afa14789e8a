"""The HTTP server among clients that never finish: over real sockets, on this machine."""

import asyncio
import re
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import pytest
from aiohttp import web

from bot.web import server as web_server
from bot.web.connection_limits import ConnectionLimits
from bot.web.server import get_body, run_server

#: Short enough for a test to wait for; whatever must not happen meanwhile has limits of its own.
SHORT = ConnectionLimits(
    request_seconds=0.5, idle_seconds=0.5, response_seconds=0.5, grace_seconds=0.2, body_bytes=1000
)

#: Longer than any test.
PATIENT = ConnectionLimits(request_seconds=100, idle_seconds=100, response_seconds=100, body_bytes=1000)

SLOW = b"POST /echo HTTP/1.1\r\nHost: bot\r\nX-Slow: "


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=get_body(request))


async def flood(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    with suppress(ConnectionError):
        for _ in range(10_000):
            await answer.write(b"x" * 10_000)
    request.app[ENDED].set()
    return answer


ENDED = web.AppKey("ended", asyncio.Event)


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncIterator[tuple[int, web.Application]]:
    app = web.Application()
    app[ENDED] = asyncio.Event()
    app.router.add_post("/echo", echo)
    app.router.add_get("/flood", flood)
    async with run_server(app, "127.0.0.1", 0, limits) as port:
        yield port, app


class Client:
    """A connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int) -> AsyncIterator["Client"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def rest(self) -> bytes:
        """Everything that comes until the server closes the connection."""
        heard = bytearray()
        async with asyncio.timeout(30):
            with suppress(ConnectionError):
                while chunk := await self._reader.read(10_000):
                    heard += chunk
        return bytes(heard)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"P", b""),
        (SLOW, b""),
        (SLOW + b"x\r\nContent-Length: 5\r\n\r\n", b"408"),
        (SLOW + b"x\r\nContent-Length: 5\r\n\r\nab", b"408"),
        (SLOW + b"x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", b"408"),
        (b"GET /nowhere HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n\r\n", b"404"),
    ],
    ids=["nothing", "a letter", "headers", "no body", "half a body", "half a chunk", "nobody's body"],
)
async def test_a_request_that_does_not_become_complete_is_closed(sent: bytes, status: bytes) -> None:
    async with served(SHORT) as (port, _), Client.open(port) as client:
        client.writer.write(sent)
        heard = await client.rest()
    assert heard[9:12] == status


async def test_a_request_that_trickles_gets_no_longer() -> None:
    async with served(SHORT) as (port, _), Client.open(port) as client:

        async def trickle() -> None:
            with suppress(ConnectionError):
                client.writer.write(SLOW)
                while True:
                    client.writer.write(b"x")
                    await client.writer.drain()
                    await asyncio.sleep(0.05)

        task = asyncio.create_task(trickle())
        assert await client.rest() == b""
        task.cancel()


async def test_each_request_of_a_connection_has_its_own_time_and_an_idle_one_is_closed() -> None:
    whole = b"POST /echo HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\n\r\nok"
    async with served(SHORT) as (port, _), Client.open(port) as client:
        client.writer.write(whole + whole)
        client.writer.write(whole)
        heard = await client.rest()
    assert heard.count(b" 200 OK") == 3
    async with served(SHORT) as (port, _), Client.open(port) as client:
        client.writer.write(whole + whole + SLOW)
        heard = await client.rest()
    assert heard.count(b" 200 OK") == 2


@pytest.mark.parametrize("pieces", [False, True], ids=["announced", "in chunks"])
async def test_a_body_is_bounded(pieces: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    async with served(PATIENT) as (port, _), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        answer = await http.post("/echo", content=chunks() if pieces else b"x" * 1001)
        assert answer.status_code == 413
        assert (await http.post("/echo", content=b"x" * 1000)).content == b"x" * 1000


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(1000)) + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["many headers", "a long header", "a long address"],
)
async def test_headers_are_bounded(sent: bytes) -> None:
    async with served(PATIENT) as (port, _), Client.open(port) as client:
        client.writer.write(sent)
        heard = await client.rest()
    assert heard[9:12] == b"400"


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    async with (
        served(SHORT._replace(request_seconds=100, idle_seconds=100)) as (port, app),
        Client.open(port) as client,
    ):
        client.writer.write(b"GET /flood HTTP/1.1\r\nHost: bot\r\n\r\n")
        async with asyncio.timeout(30):
            await app[ENDED].wait()


@pytest.mark.parametrize("slow", [300, 2000])
async def test_healthy_clients_are_served_among_slow_ones(slow: int) -> None:
    limits = PATIENT._replace(connections=200)  # none of the slow ones goes by itself
    async with served(limits) as (port, _), AsyncExitStack() as stack:
        for _ in range(slow):
            client = await stack.enter_async_context(Client.open(port))
            client.writer.write(SLOW)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            for number in range(20):
                assert (await http.post("/echo", content=str(number))).text == str(number)
        answers = await asyncio.gather(*(_fresh(port) for _ in range(20)))
    assert answers == [200] * 20


async def _fresh(port: int) -> int:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        return (await http.post("/echo", content="ok")).status_code


async def test_a_low_limit_of_open_files_is_told_and_taken_into_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, 256))
    async with served(ConnectionLimits()) as (port, _):
        assert await _fresh(port) == 200
    said = capsys.readouterr().out
    assert "the limit of open files is low" in said
    taken = re.search(r"connections\D*(\d+)", said.partition("raise it")[2])
    assert taken
    assert int(taken[1]) + 3 * web_server._BACKLOG < 256


async def test_what_is_no_http_is_answered_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with served(PATIENT) as (port, _):
        for sent in (b"\x16\x03\x01\x02\x00\x01", b"BREW\x01 / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX: \x01\r\n\r\n"):
            async with Client.open(port) as client:
                client.writer.write(sent + b"\r\n\r\n")
                assert (await client.rest())[9:12] == b"400"
    assert [each for each in caplog.records if each.name != "asyncio"] == []
