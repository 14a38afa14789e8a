"""Send calls to Segment over one connection pool, with timeouts, safe retries and typed errors."""

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

#: Seconds for each phase of one attempt. Segment may need a while to answer.
HTTP_TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)

#: Seconds for one attempt in all, so that a very slow response ends too.
ATTEMPT_TIMEOUT = 30.0

#: The most attempts of a call that may be repeated, and seconds for all of them with the waits between.
MAX_ATTEMPTS = 3
CALL_TIMEOUT = 60.0

#: The longest Retry-After, in seconds, that the transport waits. A longer one is raised as RateLimited.
MAX_RETRY_AFTER = 15.0

#: The largest response, in bytes. A thousand warehouses take less than one megabyte.
MAX_RESPONSE_BYTES = 20 * 1024 * 1024

_RETRIED_METHODS = frozenset({"GET", "PATCH", "DELETE"})
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

DataT = TypeVar("DataT", bound=m.ResponseData)


class Transport:
    """Sends calls with one API token. `http_transport` replaces the network in tests.

    The environment's proxy and certificates (HTTPS_PROXY, SSL_CERT_FILE) apply, as they do for Slack's library, so that
    a bot behind a proxy reaches both. They don't apply to a Segment on this machine, which a proxy can't reach.

    Raises:
        ValueError: `token` has characters that a header can't contain. The text does not quote it.
    """

    def __init__(self, base_url: str, token: SecretStr, http_transport: httpx.AsyncBaseTransport | None = None) -> None:
        url = httpx.URL(base_url.rstrip("/"))
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=HTTP_TIMEOUT,
            transport=http_transport,
            trust_env=url.host not in _LOCAL_HOSTS,
            headers={"User-Agent": f"warehouse-bot/{version('warehouse-bot')}"},
            auth=_BearerAuth(token),  # this also disables .netrc
            follow_redirects=False,  # a redirect would send the token elsewhere
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: p.ApiCall[DataT]) -> p.ApiResponse[DataT]:
        """Send `call` and return the response, within CALL_TIMEOUT seconds.

        A POST is sent once. Other calls are retried after transient errors. If the outcome of an attempt at a PATCH or
        DELETE is unknown, a refusal of a later attempt does not mean that nothing changed: the first error is raised,
        with a note about the later one. A 404 for a DELETE after such an attempt means success.

        Raises:
            SegmentError: the error of the last attempt, or the error with the unknown outcome.
        """
        if call.method not in _RETRIED_METHODS:
            return await self._attempt(call, 1)
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return await self._send_with_retries(call)
        except TimeoutError as error:
            raise s.TimedOut(call.operation) from error

    async def _send_with_retries(self, call: p.ApiCall[DataT]) -> p.ApiResponse[DataT]:
        unknown: s.OutcomeUnknown | None = None
        try:
            async for attempt in stamina.retry_context(
                on=_decide_retry, attempts=MAX_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=2.0
            ):
                with attempt:
                    try:
                        return await self._attempt(call, attempt.num)
                    except s.OutcomeUnknown as error:
                        unknown = unknown or (error if error.was_sent else None)
                        raise
        except s.SegmentError as last:
            if call.method == "GET" or unknown is None:
                raise
            if call.method == "DELETE" and isinstance(last, s.ResourceMissing):
                return p.parse_response(call, 200, {}, b'{"data": {"status": "SUCCESS"}}')
            if isinstance(last, s.OutcomeUnknown) and last.was_sent:
                raise
            unknown.add_note(f"A later attempt ended in {last!r}.")
            raise unknown from unknown.__cause__  # the error of the connection, not the later response
        raise AssertionError("stamina ends with a response or an error")

    async def _attempt(self, call: p.ApiCall[DataT], number: int) -> p.ApiResponse[DataT]:
        started_at = time.monotonic()
        status: int | None = None
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT):
                status, headers, body = await self._exchange(call)
            return p.parse_response(call, status, headers, body)
        except (TimeoutError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _translate_error(call.operation, error) from error
        finally:
            milliseconds = round((time.monotonic() - started_at) * 1000)
            log.info("segment", operation=call.operation, status=status, attempt=number, ms=milliseconds)

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


class _BearerAuth(httpx.Auth):
    """Adds the token when a request is sent, so that the client's default headers, which have a repr, don't hold it."""

    def __init__(self, token: SecretStr) -> None:
        # A pasted token often ends with a line break, for which h11 raises an error that quotes the whole header.
        self._token = SecretStr(token.get_secret_value().strip())
        value = self._token.get_secret_value()
        if not (value.isascii() and value.isprintable()):
            raise ValueError("the Segment API token holds characters that no HTTP header can carry")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def _decide_retry(error: Exception) -> bool | float:
    """Tell stamina whether to retry, and if Segment says so, after how many seconds."""
    if not isinstance(error, s.SegmentError) or not error.is_transient:
        return False
    if isinstance(error, s.RateLimited) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= MAX_RETRY_AFTER else False
    return True


def _translate_error(operation: str, error: Exception) -> s.OutcomeUnknown:
    """Translate an error of the connection; `was_sent` says whether Segment may have received the call."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return s.ConnectionLost(operation, was_sent=False)
        case httpx.ProxyError() | httpx.UnsupportedProtocol():  # the proxy opened no tunnel; the URL is unusable
            return s.ConnectionLost(operation, was_sent=False)
        case TimeoutError() | httpx.TimeoutException():
            return s.TimedOut(operation)
        case httpx.DecodingError() | httpx.InvalidURL():  # wrong compression; a cursor is too long for a URL
            return s.UnexpectedResponse(operation)
        case _:
            return s.ConnectionLost(operation)
