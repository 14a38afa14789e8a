"""Calls to Segment over one connection pool: timeouts everywhere, repeated only where that is safe, typed errors."""

import asyncio
import time
from collections.abc import Generator, Mapping
from importlib.metadata import version
from typing import TypeVar

import httpx
import stamina
import structlog
from pydantic import SecretStr

from bot.domain import segment_errors as s
from bot.segment import models as m
from bot.segment import protocol as p

log = structlog.get_logger(__name__)

#: Seconds for each phase of one attempt: a connection should be quick, an answer may take Segment a while.
HTTP_TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)

#: Seconds that one attempt may take in all, so that an answer that trickles ends too.
ATTEMPT_TIMEOUT = 30.0

#: Attempts at what may be repeated, and the seconds that all of them and the waits between may take.
MAX_ATTEMPTS = 3
CALL_TIMEOUT = 60.0

#: A wait that Segment asks for is waited out up to this many seconds; a longer one is the caller's to tell.
MAX_RETRY_AFTER = 15.0

#: An answer is read up to this many bytes: a thousand warehouses take under one megabyte.
MAX_RESPONSE_BYTES = 20 * 1024 * 1024

_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

DataT = TypeVar("DataT", bound=m.ResponseData)


class Transport:
    """Sends calls with one API token. `transport` takes the network's place in tests.

    The environment's proxy and certificates (HTTPS_PROXY, SSL_CERT_FILE) count, as they do for Slack's library, so
    that a bot behind a proxy reaches both; not for a Segment on this machine, which no proxy can reach.

    Raises:
        ValueError: `token` holds what no header can carry; it is not quoted.
    """

    def __init__(self, base_url: str, token: SecretStr, http_transport: httpx.AsyncBaseTransport | None = None) -> None:
        url = httpx.URL(base_url.rstrip("/"))
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=HTTP_TIMEOUT,
            transport=http_transport,
            trust_env=url.host not in _THIS_MACHINE,
            headers={"User-Agent": f"warehouse-bot/{version('warehouse-bot')}"},
            auth=_Bearer(token),  # being set, it also keeps .netrc out
            follow_redirects=False,  # a redirect would carry the token elsewhere
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: p.ApiCall[DataT]) -> p.ApiResponse[DataT]:
        """The answer to `call`, within DEADLINE seconds. POST is sent once; the rest is repeated if that may help.

        Once a PATCH or DELETE may have had its effect, whatever a later attempt says can't mean that nothing changed:
        then the unclear error is raised, with a note of the later one. A DELETE's 404 after such an attempt is its
        success.

        Raises:
            SegmentError: the error of the last attempt, or the one just described.
        """
        if call.method not in _REPEATABLE:
            return await self._attempt(call, 1)
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return await self._repeatedly(call)
        except TimeoutError as error:
            raise s.TimedOut(call.operation) from error

    async def _repeatedly(self, call: p.ApiCall[DataT]) -> p.ApiResponse[DataT]:
        unclear: s.OutcomeUnknown | None = None
        try:
            async for attempt in stamina.retry_context(
                on=_may_pass, attempts=MAX_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=2.0
            ):
                with attempt:
                    try:
                        return await self._attempt(call, attempt.num)
                    except s.OutcomeUnknown as error:
                        unclear = unclear or (error if error.was_sent else None)
                        raise
        except s.SegmentError as last:
            if call.method == "GET" or unclear is None:
                raise
            if call.method == "DELETE" and isinstance(last, s.ResourceMissing):
                return p.parse_response(call, 200, {}, b'{"data": {"status": "SUCCESS"}}')
            if isinstance(last, s.OutcomeUnknown) and last.was_sent:
                raise
            unclear.add_note(f"A later attempt ended in {last!r}.")
            raise unclear from unclear.__cause__  # what broke the connection, not the later answer
        raise AssertionError("stamina ends with an answer or an error")

    async def _attempt(self, call: p.ApiCall[DataT], number: int) -> p.ApiResponse[DataT]:
        began = time.monotonic()
        status: int | None = None
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT):
                status, headers, body = await self._exchange(call)
            return p.parse_response(call, status, headers, body)
        except (TimeoutError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _ours(call.operation, error) from error
        finally:
            took = round((time.monotonic() - began) * 1000)
            log.info("segment", operation=call.operation, status=status, attempt=number, ms=took)

    async def _exchange(self, call: p.ApiCall[DataT]) -> tuple[int, Mapping[str, str], bytes]:
        request = self._http.build_request(
            call.method, call.path, params=dict(call.query), headers=dict(call.headers), content=call.content
        )
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    raise s.UnexpectedResponse(call.operation, response.status_code)
            return response.status_code, response.headers, bytes(body)
        finally:
            await response.aclose()


class _Bearer(httpx.Auth):
    """Adds the token as a request leaves, so that it stands in no default headers that somebody might print."""

    def __init__(self, token: SecretStr) -> None:
        # A token is often pasted with its line's end; h11 would quote the whole header in its complaint of it.
        self._token = SecretStr(token.get_secret_value().strip())
        value = self._token.get_secret_value()
        if not (value.isascii() and value.isprintable()):
            raise ValueError("the Segment API token holds characters that no HTTP header can carry")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def _may_pass(error: Exception) -> bool | float:
    """Stamina's question: whether to try again, and if so after how many seconds."""
    if not isinstance(error, s.SegmentError) or not error.is_transient:
        return False
    if isinstance(error, s.RateLimited) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= MAX_RETRY_AFTER else False
    return True


def _ours(operation: str, error: Exception) -> s.OutcomeUnknown:
    """What an exception of the connection means: whether the call may have left is what matters."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return s.ConnectionLost(operation, was_sent=False)
        case httpx.ProxyError() | httpx.UnsupportedProtocol():  # no tunnel was made; not a URL we can speak to
            return s.ConnectionLost(operation, was_sent=False)
        case TimeoutError() | httpx.TimeoutException():
            return s.TimedOut(operation)
        case httpx.DecodingError() | httpx.InvalidURL():  # not the compression it says; a cursor too long to send
            return s.UnexpectedResponse(operation)
        case _:
            return s.ConnectionLost(operation)
