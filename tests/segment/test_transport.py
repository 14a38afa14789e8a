"""How calls are sent: what is repeated and what never is, what a lost answer means, and that everything ends."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from pydantic import JsonValue, SecretStr

from bot.domain import segment_errors as s
from bot.segment import transport as sending
from bot.segment.client import SegmentClient
from tests.segment.responses import Segment, data, never, refusal, wire
from tests.support.samples import PROD


async def test_a_call_carries_the_token_and_says_who_it_is() -> None:
    segment = Segment(data(workspace={"id": "1", "slug": "acme", "name": "Acme"}))
    async with segment.client() as client:
        assert (await client.get_workspace()).slug == "acme"
    (request,) = segment.asked
    assert request.headers["Authorization"] == "Bearer sgp_token"
    assert request.headers["User-Agent"].startswith("warehouse-bot/")


@pytest.mark.parametrize(
    "answer",
    [refusal(500), refusal(503), refusal(429, Retry_After="0"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")],
)
async def test_a_post_is_never_repeated(answer: httpx.Response | Exception) -> None:
    segment = Segment(answer)
    async with segment.client() as client:
        with pytest.raises(s.SegmentError):
            await client.create_warehouse(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)
        with pytest.raises(s.SegmentError):
            await client.validate_connection("m", {})
    assert len(segment.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
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
async def test_what_may_pass_is_tried_three_times_and_then_told(
    answer: httpx.Response | Exception, error: type[s.OutcomeUnknown], sent: bool
) -> None:
    segment = Segment(answer)
    async with segment.client() as client:
        with pytest.raises(error) as caught:
            await client.delete_warehouse(PROD, "w")
    assert caught.value.was_sent is sent
    assert len(segment.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    segment = Segment(refusal(status))
    async with segment.client() as client:
        with pytest.raises(s.SegmentRefused):
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)
    assert len(segment.asked) == 1


async def test_a_lost_connection_passes() -> None:
    segment = Segment(httpx.ReadError(""), refusal(502), data(profilesWarehouse=wire()))
    async with segment.client() as client:
        assert (await client.update_warehouse(PROD, "w1", settings={}, enabled=True)).id == "w1"
    assert len(segment.asked) == 3


async def test_gone_after_a_lost_answer_means_that_the_lost_one_did_it() -> None:
    async with Segment(httpx.ReadError(""), refusal(404)).client() as client:
        await client.delete_warehouse(PROD, "w")


async def test_gone_without_a_lost_answer_is_a_refusal() -> None:
    async with Segment(httpx.ConnectError(""), refusal(404)).client() as client:
        with pytest.raises(s.ResourceMissing):
            await client.delete_warehouse(PROD, "w")


async def test_retry_after_is_obeyed(slept: list[float]) -> None:
    async with Segment(refusal(429, Retry_After="7"), data(spaces=[])).client() as client:
        assert await client.list_spaces() == ()
    assert slept == [7.0]


async def test_a_long_wait_is_told_and_not_waited_out(slept: list[float]) -> None:
    segment = Segment(refusal(429, Retry_After="3600"))
    async with segment.client() as client:
        with pytest.raises(s.RateLimited) as caught:
            await client.list_spaces()
    assert caught.value.retry_after == 3600
    assert "3600 s" in caught.value.user_message
    assert (len(segment.asked), slept) == (1, [])


async def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MAX_RESPONSE_BYTES", 1000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    async with Segment(lambda _: httpx.Response(200, content=endless())).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


async def test_an_answer_that_trickles_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_TIMEOUT", 0)

    segment = Segment(never)
    async with segment.client() as client:
        with pytest.raises(s.TimedOut):
            await client.create_warehouse(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)


async def test_the_log_holds_verbs_and_no_bodies() -> None:
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


LOST = [httpx.ReadError(""), httpx.ReadTimeout(""), httpx.RemoteProtocolError(""), refusal(502)]
NO = [refusal(400), refusal(403), refusal(409), refusal(422), refusal(429, Retry_After="900"), httpx.ConnectError("")]


@pytest.mark.parametrize("lost", LOST, ids=repr)
@pytest.mark.parametrize("no", NO, ids=repr)
async def test_once_a_change_may_have_been_made_no_later_answer_says_that_it_was_not(
    lost: httpx.Response | Exception, no: httpx.Response | Exception
) -> None:
    async with Segment(lost, no).client() as client:
        with pytest.raises(s.OutcomeUnknown) as changed:
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)
    async with Segment(lost, no).client() as client:
        with pytest.raises(s.OutcomeUnknown) as removed:
            await client.delete_warehouse(PROD, "w")
    assert changed.value.was_sent
    assert removed.value.was_sent
    assert "A later attempt" in "".join(changed.value.__notes__)


async def test_gone_after_a_lost_answer_is_no_success_of_a_change() -> None:
    async with Segment(httpx.ReadError(""), refusal(404)).client() as client:
        with pytest.raises(s.OutcomeUnknown):
            await client.update_warehouse(PROD, "w", settings={}, enabled=True)


async def test_a_wait_says_that_nothing_changed_where_no_answer_was_lost() -> None:
    async with Segment(httpx.ConnectError(""), refusal(429, Retry_After="900")).client() as client:
        with pytest.raises(s.RateLimited):
            await client.delete_warehouse(PROD, "w")


async def test_a_read_has_no_effect_so_its_last_error_is_told() -> None:
    async with Segment(httpx.ReadError(""), refusal(403)).client() as client:
        with pytest.raises(s.Forbidden):
            await client.list_spaces()


async def test_all_attempts_together_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CALL_TIMEOUT", 0)
    async with Segment(never).client() as client:
        with pytest.raises(s.TimedOut) as caught:
            await client.list_spaces()
    assert caught.value.operation == "listSpaces"


@pytest.mark.parametrize(
    ("broken", "error", "sent"),
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
async def test_whatever_breaks_is_one_of_our_errors(
    broken: Exception, error: type[s.OutcomeUnknown], sent: bool
) -> None:
    async with Segment(broken).client() as client:
        with pytest.raises(error) as caught:
            await client.validate_connection("m", {})
    assert caught.value.was_sent is sent


async def test_compression_that_is_none_is_off_the_contract() -> None:
    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"nope"))
    async with Segment(answer).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_server_that_hangs_up(answer: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, SegmentClient(f"http://127.0.0.1:{port}", SecretStr("t")) as client:
        with pytest.raises(s.ConnectionLost) as caught:
            await client.validate_connection("m", {})
    assert caught.value.was_sent


async def test_a_segment_that_is_not_there_got_nothing() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with SegmentClient(f"http://127.0.0.1:{port}", SecretStr("t")) as client:
        with pytest.raises(s.ConnectionLost) as caught:
            await client.validate_connection("m", {})
    assert not caught.value.was_sent


@pytest.mark.parametrize(
    ("url", "obeyed"), [("https://api.segmentapis.com", True), ("http://127.0.0.1:1", False), ("http://[::1]:1", False)]
)
async def test_a_proxy_of_the_environment_counts_but_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, obeyed: bool
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    sender = sending.Transport(url, SecretStr("t"))
    assert bool(sender._http._mounts) is obeyed
    await sender.close()


async def test_a_token_pasted_with_its_lines_end_is_taken_without() -> None:
    segment = Segment(data(spaces=[]))
    async with SegmentClient(
        "https://segment.test", SecretStr(" sgp_token\r\n"), httpx.MockTransport(segment)
    ) as client:
        await client.list_spaces()
    assert segment.asked[0].headers["Authorization"] == "Bearer sgp_token"


@pytest.mark.parametrize("token", ["sgp_\ntoken", "sgp_tökén", "sgp_\x00token"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_quoted(token: str) -> None:
    with pytest.raises(ValueError, match="Segment API token") as caught:
        SegmentClient("https://segment.test", SecretStr(token))
    assert "sgp_" not in "".join(map(str, caught.value.args))


async def test_neither_secret_nor_token_is_in_an_error_or_its_causes() -> None:
    settings: dict[str, JsonValue | SecretStr] = {"password": SecretStr("hunter2"), "plain": "hunter3"}
    async with Segment(httpx.ReadError("broke"), refusal(422)).client() as client:
        with pytest.raises(s.OutcomeUnknown) as caught:
            await client.update_warehouse(PROD, "w", settings=settings, enabled=True)
    told = "".join(traceback.format_exception(caught.value))
    assert "broke" in told
    assert not [secret for secret in ("hunter2", "hunter3", "sgp_token") if secret in told]


async def test_the_log_counts_the_attempts() -> None:
    with structlog.testing.capture_logs() as lines:
        async with Segment(httpx.ReadError(""), refusal(502), data(spaces=[])).client() as client:
            await client.list_spaces()
    lines = [line for line in lines if line["event"] == "segment"]
    assert [(line["attempt"], line["status"]) for line in lines] == [(1, None), (2, 502), (3, 200)]
    assert all(line.keys() == {"event", "log_level", "operation", "status", "attempt", "ms"} for line in lines)
