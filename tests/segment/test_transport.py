"""The transport: which calls are retried, what a lost response means, and that every call ends."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from pydantic import JsonValue, SecretStr

from bot.domain import segment_errors as s
from bot.segment import transport
from bot.segment.client import SegmentClient
from tests.segment.responses import Segment, data, never, refusal, wire
from tests.support.samples import PROD


async def test_a_call_has_the_token_and_a_user_agent() -> None:
    segment = Segment(data(workspace={"id": "1", "slug": "acme", "name": "Acme"}))
    async with segment.client() as client:
        assert (await client.get_workspace()).slug == "acme"
    (request,) = segment.requests
    assert request.headers["Authorization"] == "Bearer sgp_token"
    assert request.headers["User-Agent"].startswith("warehouse-bot/")


@pytest.mark.parametrize(
    "response",
    [refusal(500), refusal(503), refusal(429, Retry_After="0"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")],
)
async def test_a_post_is_never_retried(response: httpx.Response | Exception) -> None:
    segment = Segment(response)
    async with segment.client() as client:
        with pytest.raises(s.SegmentError):
            await client.create_warehouse(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)
        with pytest.raises(s.SegmentError):
            await client.validate_connection("m", {})
    assert len(segment.requests) == 2


@pytest.mark.parametrize(
    ("response", "error", "sent"),
    [
        (httpx.ConnectError(""), s.ConnectionLost, False),
        (httpx.ConnectTimeout(""), s.ConnectionLost, False),
        (httpx.PoolTimeout(""), s.ConnectionLost, False),
        (httpx.ReadTimeout(""), s.TimedOut, True),
        (httpx.WriteTimeout(""), s.TimedOut, True),
        (httpx.ReadError(""), s.ConnectionLost, True),
        (httpx.RemoteProtocolError(""), s.ConnectionLost, True),
        (refusal(500), s.ServerFailed, True),
    ],
)
async def test_a_transient_error_is_raised_after_three_attempts(
    response: httpx.Response | Exception, error: type[s.OutcomeUnknown], sent: bool
) -> None:
    segment = Segment(response)
    async with segment.client() as client:
        with pytest.raises(error) as caught:
            await client.delete_warehouse(PROD, "w")
    assert caught.value.was_sent is sent
    assert len(segment.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
async def test_a_refusal_is_not_retried(status: int) -> None:
    segment = Segment(refusal(status))
    async with segment.client() as client:
        with pytest.raises(s.SegmentRefused):
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)
    assert len(segment.requests) == 1


async def test_a_call_succeeds_after_a_lost_connection() -> None:
    segment = Segment(httpx.ReadError(""), refusal(502), data(profilesWarehouse=wire()))
    async with segment.client() as client:
        assert (await client.update_warehouse(PROD, "w1", settings={}, enabled=True)).id == "w1"
    assert len(segment.requests) == 3


async def test_a_404_after_a_lost_response_is_a_successful_deletion() -> None:
    async with Segment(httpx.ReadError(""), refusal(404)).client() as client:
        await client.delete_warehouse(PROD, "w")


async def test_a_404_without_a_lost_response_is_a_refusal() -> None:
    async with Segment(httpx.ConnectError(""), refusal(404)).client() as client:
        with pytest.raises(s.ResourceMissing):
            await client.delete_warehouse(PROD, "w")


async def test_the_transport_waits_for_retry_after(recorded_sleeps: list[float]) -> None:
    async with Segment(refusal(429, Retry_After="7"), data(spaces=[])).client() as client:
        assert await client.list_spaces() == ()
    assert recorded_sleeps == [7.0]


async def test_a_long_retry_after_is_raised_at_once(recorded_sleeps: list[float]) -> None:
    segment = Segment(refusal(429, Retry_After="3600"))
    async with segment.client() as client:
        with pytest.raises(s.RateLimited) as caught:
            await client.list_spaces()
    assert caught.value.retry_after == 3600
    assert "3600 s" in caught.value.user_message
    assert (len(segment.requests), recorded_sleeps) == (1, [])


async def test_an_endless_response_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", 1000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    async with Segment(lambda _: httpx.Response(200, content=endless())).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


async def test_a_very_slow_response_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ATTEMPT_TIMEOUT", 0)

    segment = Segment(never)
    async with segment.client() as client:
        with pytest.raises(s.TimedOut):
            await client.create_warehouse(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)


async def test_the_log_has_the_operation_and_no_body() -> None:
    with structlog.testing.capture_logs() as lines:
        async with Segment(data(profilesWarehouse=wire())).client() as client:
            await client.update_warehouse(
                PROD, "w", settings={"password": SecretStr("hunter2")}, enabled=True, name="n"
            )
    (line,) = [line for line in lines if line["event"] == "segment"]
    assert line["operation"] == "updateProfilesWarehouseForSpaceWarehouse"
    assert line["status"] == 200
    assert "hunter2" not in str(lines)
    assert "sgp_token" not in str(lines)


LOST_RESPONSES = [httpx.ReadError(""), httpx.ReadTimeout(""), httpx.RemoteProtocolError(""), refusal(502)]
REFUSALS = [
    *map(refusal, (400, 403, 409, 422)),
    refusal(429, Retry_After="900"),
    httpx.ConnectError(""),
]


@pytest.mark.parametrize("lost", LOST_RESPONSES, ids=repr)
@pytest.mark.parametrize("refused", REFUSALS, ids=repr)
async def test_after_a_lost_response_a_later_refusal_leaves_the_outcome_unknown(
    lost: httpx.Response | Exception, refused: httpx.Response | Exception
) -> None:
    async with Segment(lost, refused).client() as client:
        with pytest.raises(s.OutcomeUnknown) as changed:
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)
    async with Segment(lost, refused).client() as client:
        with pytest.raises(s.OutcomeUnknown) as removed:
            await client.delete_warehouse(PROD, "w")
    assert changed.value.was_sent
    assert removed.value.was_sent
    assert "A later attempt" in "".join(changed.value.__notes__)


async def test_a_404_after_a_lost_response_does_not_make_an_update_successful() -> None:
    async with Segment(httpx.ReadError(""), refusal(404)).client() as client:
        with pytest.raises(s.OutcomeUnknown):
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)


async def test_a_rate_limit_without_a_lost_response_means_that_nothing_changed() -> None:
    async with Segment(httpx.ConnectError(""), refusal(429, Retry_After="900")).client() as client:
        with pytest.raises(s.RateLimited):
            await client.delete_warehouse(PROD, "w")


async def test_a_read_raises_its_last_error() -> None:
    async with Segment(httpx.ReadError(""), refusal(403)).client() as client:
        with pytest.raises(s.Forbidden):
            await client.list_spaces()


async def test_all_attempts_together_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CALL_TIMEOUT", 0)
    async with Segment(never).client() as client:
        with pytest.raises(s.TimedOut) as caught:
            await client.list_spaces()
    assert caught.value.operation == "listSpaces"


@pytest.mark.parametrize(
    ("cause", "error", "sent"),
    [
        (httpx.ProxyError("403 Forbidden"), s.ConnectionLost, False),
        (httpx.UnsupportedProtocol(""), s.ConnectionLost, False),
        (httpx.WriteError(""), s.ConnectionLost, True),
        (httpx.CloseError(""), s.ConnectionLost, True),
        (httpx.StreamConsumed(), s.ConnectionLost, True),
        (httpx.InvalidURL("URL too long"), s.UnexpectedResponse, True),
        (TimeoutError(), s.TimedOut, True),
    ],
    ids=repr,
)
async def test_every_connection_error_becomes_a_segment_error(
    cause: Exception, error: type[s.OutcomeUnknown], sent: bool
) -> None:
    async with Segment(cause).client() as client:
        with pytest.raises(error) as caught:
            await client.validate_connection("m", {})
    assert caught.value.was_sent is sent


async def test_invalid_compression_violates_the_contract() -> None:
    response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"nope"))
    async with Segment(response).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


@pytest.mark.parametrize("response", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_server_that_closes_the_connection_may_have_received_the_call(response: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, SegmentClient(f"http://127.0.0.1:{port}", SecretStr("t")) as client:
        with pytest.raises(s.ConnectionLost) as caught:
            await client.validate_connection("m", {})
    assert caught.value.was_sent


async def test_an_unreachable_segment_did_not_receive_the_call() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with SegmentClient(f"http://127.0.0.1:{port}", SecretStr("t")) as client:
        with pytest.raises(s.ConnectionLost) as caught:
            await client.validate_connection("m", {})
    assert not caught.value.was_sent


@pytest.mark.parametrize(
    ("url", "uses_proxy"),
    [("https://api.segmentapis.com", True), ("http://127.0.0.1:1", False), ("http://[::1]:1", False)],
)
async def test_the_environments_proxy_is_used_except_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, uses_proxy: bool
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    client = transport.Transport(url, SecretStr("t"))
    assert bool(client._http._mounts) is uses_proxy
    await client.close()


async def test_blanks_and_line_ends_around_the_token_are_removed() -> None:
    segment = Segment(data(spaces=[]))
    async with SegmentClient(
        "https://segment.test", SecretStr(" sgp_token\r\n"), httpx.MockTransport(segment)
    ) as client:
        await client.list_spaces()
    assert segment.requests[0].headers["Authorization"] == "Bearer sgp_token"


@pytest.mark.parametrize("token", ["sgp_\ntoken", "sgp_tökén", "sgp_\x00token"])
def test_an_invalid_token_is_refused_and_not_quoted(token: str) -> None:
    with pytest.raises(ValueError, match="Segment API token") as caught:
        SegmentClient("https://segment.test", SecretStr(token))
    assert "sgp_" not in "".join(map(str, caught.value.args))


async def test_no_secret_and_no_token_is_in_an_error_or_its_causes() -> None:
    settings: dict[str, JsonValue | SecretStr] = {"password": SecretStr("hunter2"), "plain": "hunter3"}
    async with Segment(httpx.ReadError("broke"), refusal(422)).client() as client:
        with pytest.raises(s.OutcomeUnknown) as caught:
            await client.update_warehouse(PROD, "w", settings=settings, enabled=True)
    text = "".join(traceback.format_exception(caught.value))
    assert "broke" in text
    assert not [secret for secret in ("hunter2", "hunter3", "sgp_token") if secret in text]


async def test_the_log_counts_the_attempts() -> None:
    with structlog.testing.capture_logs() as lines:
        async with Segment(httpx.ReadError(""), refusal(502), data(spaces=[])).client() as client:
            await client.list_spaces()
    lines = [line for line in lines if line["event"] == "segment"]
    assert [(line["attempt"], line["status"]) for line in lines] == [(1, None), (2, 502), (3, 200)]
    assert all(line.keys() == {"event", "log_level", "operation", "status", "attempt", "ms"} for line in lines)
