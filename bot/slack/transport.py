"""How payloads come in: Socket Mode, signed HTTP, or both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

#: Where Slack posts to over HTTP; the request URLs of manifest.yml end in it.
PATH = "/slack/events"

#: Seconds that the first connection may take.
_CONNECT = 30


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Receive over a WebSocket that this process opens, until the block ends.

    Raises:
        SlackApiError: Slack refuses the token.
        TimeoutError: no connection came about.
    """
    await app.client.apps_connections_open(app_token=app_token)  # the handler would try a refused token for ever
    handler = AsyncSocketModeHandler(app, app_token)
    try:
        async with asyncio.timeout(_CONNECT):
            await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt leaves it untyped
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same


def receiver(app: AsyncApp) -> web.Application:
    """What receives signed HTTP for `app`, at PATH, wherever it is served."""
    return app.server(path=PATH).web_app
