"""Listening for HTTP: Slack's payloads, and browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` on `host` and `port` (0: any that is free), until the block ends. Yields the port.

    Nothing is logged of what is asked for: addresses hold tokens.

    Raises:
        OSError: the port is taken.
    """
    # Neither Slack nor a browser sends what is compressed: a bomb would be.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
