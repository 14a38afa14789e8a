"""The HTTP server for Slack's payloads and browsers."""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from bot.web.connection_limits import ConnectionLimits, OpenConnections

log = structlog.get_logger(__name__)

#: Connections that asyncio accepts at once. Up to three such batches may be open before the first is closed.
_BACKLOG = 32

#: Open files that the bot needs for its database and its connections to Slack, Segment and secret providers.
_OTHER_FILES = 64

#: The minimum number of connections.
_MIN_CONNECTIONS = 16

_Body = bytes | web.HTTPException
_BODY = web.RequestKey[_Body]("body")


@asynccontextmanager
async def run_server(
    app: web.Application,
    host: str,
    port: int,
    limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - a frozen value
) -> AsyncIterator[int]:
    """Serve `app` on `host` and `port` (0: any free one) until the block ends. Yields the port.

    A handler runs when its request is complete, or has failed; `get_body` returns the body. Requests are not logged:
    addresses contain tokens, and malformed HTTP is the client's mistake.

    Raises:
        OSError: the port is taken.
    """
    connections = OpenConnections(limits._replace(connections=_fit_open_files(limits.connections)))
    app.middlewares.append(_read_body_first(connections))
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_quiet_logger(),
        shutdown_timeout=3,
        auto_decompress=False,  # Slack and browsers don't compress; a decompression bomb would be
        lingering_time=1,  # seconds for a client that sends too much to read the response
    )
    await runner.setup()
    serve = runner.server
    assert serve, "the runner is set up"
    watch = asyncio.create_task(connections.close_late_periodically(), name="slow connections")
    try:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: connections.accept(serve()), host, port, backlog=_BACKLOG)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


def get_body(request: web.Request) -> bytes:
    """Return the whole body.

    Raises:
        HTTPRequestTimeout: it did not arrive in time.
        HTTPRequestEntityTooLarge: it exceeds the limit.
        HTTPBadRequest: its chunks are malformed.
    """
    body = request[_BODY]
    if isinstance(body, web.HTTPException):
        body.force_close()  # the rest of the request may still arrive
        raise body
    return body


def _read_body_first(connections: OpenConnections) -> Middleware:
    @web.middleware
    async def read_then_handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        guard = connections.get_guard(request.protocol)
        body = await _read_body(request, guard.request_deadline, connections.limits.body_bytes)
        request[_BODY] = body
        guard.begin_request()
        try:
            return await handler(request)
        finally:
            guard.end_request()

    return read_then_handle


async def _read_body(request: web.Request, deadline: float, max_bytes: int) -> _Body:
    """Return the body of `request`, or the error that prevents it."""
    size = request.content_length or 0
    body = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            while size <= max_bytes and (chunk := await request.content.readany()):
                body += chunk
                size = max(size, len(body))
    except TimeoutError:
        return web.HTTPRequestTimeout()
    except web.RequestPayloadError:
        return web.HTTPBadRequest()
    return bytes(body) if size <= max_bytes else web.HTTPRequestEntityTooLarge(max_bytes, size)


class _MalformedHttpFilter(logging.Filter):
    """Drops log records about malformed HTTP, which the server answers with a 400."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_MALFORMED_HTTP_FILTER = _MalformedHttpFilter()


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("bot.web.http")
    logger.addFilter(_MALFORMED_HTTP_FILTER)
    return logger


def _fit_open_files(wanted: int) -> int:
    """Return how many connections the limit of open files allows, up to `wanted`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    allowed = max(_MIN_CONNECTIONS, min(wanted, soft - _OTHER_FILES - 3 * _BACKLOG))
    if allowed < wanted:
        event = (
            "the limit of open files is low, so fewer HTTP connections are allowed: raise it (ulimit -n, LimitNOFILE)"
        )
        log.warning(event, open_files=soft, connections=allowed, wanted=wanted)
    return allowed
