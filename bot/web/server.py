"""Listening for HTTP: Slack's payloads, and browsers."""

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

#: Connections that asyncio accepts at once. Three rounds of them may be open before the first is closed for the next.
_BACKLOG = 32

#: Open files that the bot needs beside them: its database, and connections to Slack, Segment and what holds secrets.
_OTHER_FILES = 64

#: The least number of connections with which it makes sense to listen.
_FEWEST = 16

_Body = bytes | web.HTTPException
_BODY = web.RequestKey[_Body]("body")


@asynccontextmanager
async def run_server(
    app: web.Application,
    host: str,
    port: int,
    limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - a frozen value
) -> AsyncIterator[int]:
    """Serve `app` on `host` and `port` (0: any that is free), until the block ends. Yields the port.

    A handler gets its request when it is complete or can't become complete any more; `body_of` has its body. Nothing is
    logged of what is asked for: addresses hold tokens, and what is no HTTP is nobody's fault here.

    Raises:
        OSError: the port is taken.
    """
    connections = OpenConnections(limits._replace(connections=_affordable(limits.connections)))
    app.middlewares.append(_reading(connections))
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_quiet_logger(),
        shutdown_timeout=3,
        auto_decompress=False,  # neither Slack nor a browser sends what is compressed: a bomb would be
        lingering_time=1,  # seconds to read the answer for a client that sends more than is taken
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
    """The whole body.

    Raises:
        HTTPRequestTimeout: it did not come in time.
        HTTPRequestEntityTooLarge: it is longer than any that is taken.
        HTTPBadRequest: its chunks can't be read.
    """
    body = request[_BODY]
    if isinstance(body, web.HTTPException):
        body.force_close()  # the rest of the request may still come
        raise body
    return body


def _reading(connections: OpenConnections) -> Middleware:
    @web.middleware
    async def read_first(request: web.Request, handler: Handler) -> web.StreamResponse:
        guard = connections.get_guard(request.protocol)
        body = await _read(request, guard.request_deadline, connections.limits.body_bytes)
        request[_BODY] = body
        guard.begin_request()
        try:
            return await handler(request)
        finally:
            guard.end_request()

    return read_first


async def _read(request: web.Request, ends: float, most: int) -> _Body:
    """The body of `request`, or why there is none."""
    size = request.content_length or 0
    body = bytearray()
    try:
        async with asyncio.timeout_at(ends):
            while size <= most and (chunk := await request.content.readany()):
                body += chunk
                size = max(size, len(body))
    except TimeoutError:
        return web.HTTPRequestTimeout()
    except web.RequestPayloadError:
        return web.HTTPBadRequest()
    return bytes(body) if size <= most else web.HTTPRequestEntityTooLarge(most, size)


class _OwnFaults(logging.Filter):
    """Lets the bot's own faults through. What is no HTTP is its sender's, who is told with a 400."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_OWN_FAULTS = _OwnFaults()


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("bot.web.http")
    logger.addFilter(_OWN_FAULTS)
    return logger


def _affordable(wanted: int) -> int:
    """As many connections as the limit of open files allows, up to `wanted`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    fitting = max(_FEWEST, min(wanted, soft - _OTHER_FILES - 3 * _BACKLOG))
    if fitting < wanted:
        says = "the limit of open files is low, so fewer HTTP connections are taken: raise it (ulimit -n, LimitNOFILE)"
        log.warning(says, open_files=soft, connections=fitting, wanted=wanted)
    return fitting
