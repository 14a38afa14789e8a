"""Receive payloads from Slack: through Socket Mode, signed HTTP, or both."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.dispatcher import PayloadDispatcher

log = structlog.get_logger(__name__)

#: The path that Slack posts to; the request URLs of manifest.yml end in it.
EVENTS_PATH = "/slack/events"

#: Seconds that the first Socket Mode connection may take.
_CONNECT_TIMEOUT = 30

#: The most fields that a posted form may have; a slash command has about fifteen.
_MAX_FIELDS = 100


class _SocketModeHandler(AsyncSocketModeHandler):
    """Passes payloads from the WebSocket to the dispatcher instead of directly to Bolt."""

    def __init__(self, app: AsyncApp, app_token: str, dispatcher: PayloadDispatcher) -> None:
        super().__init__(app, app_token)
        self._dispatcher = dispatcher

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's
        start = time.time()
        response = await self._dispatcher.receive(json.dumps(req.payload))
        await send_async_response(client, req, response, start)


@asynccontextmanager
async def connect_socket_mode(app: AsyncApp, dispatcher: PayloadDispatcher, app_token: str) -> AsyncIterator[None]:
    """Receive payloads through a WebSocket that this process opens, until the block ends.

    Raises:
        SlackApiError: Slack refuses the token.
        TimeoutError: no connection is open after `_CONNECT_TIMEOUT`.
    """
    await app.client.apps_connections_open(app_token=app_token)  # the handler would retry a refused token for ever
    handler = _SocketModeHandler(app, app_token, dispatcher)
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt leaves it untyped
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same


def create_http_receiver(
    dispatcher: PayloadDispatcher, signing_secret: SecretStr, read_body: Callable[[web.Request], bytes]
) -> web.Application:
    """Create a web application that receives signed payloads at `EVENTS_PATH`.

    `read_body` returns the whole body of a request. The response is 401 to a request without Slack's signature, whose
    body is not parsed, and 400 to one that Slack does not send.
    """
    verifier = SignatureVerifier(signing_secret.get_secret_value())

    async def receive(request: web.Request) -> web.Response:
        body = read_body(request)
        if not _is_signed(verifier, request, body):
            log.warning("request not signed by Slack: SLACK_SIGNING_SECRET or the clock may be wrong")
            raise web.HTTPUnauthorized
        document = _extract_document(body, request.content_type)
        return await to_aiohttp_response(await dispatcher.receive(document))

    app = web.Application()
    app.router.add_post(EVENTS_PATH, receive)
    return app


def _is_signed(verifier: SignatureVerifier, request: web.Request, body: bytes) -> bool:
    timestamps = request.headers.getall("X-Slack-Request-Timestamp", [])
    signatures = request.headers.getall("X-Slack-Signature", [])
    if len(timestamps) != 1 or len(signatures) != 1 or not signatures[0].isascii():
        return False
    try:
        return verifier.is_valid(body, timestamps[0], signatures[0])
    except ValueError:  # the timestamp is not a number, or the body is not UTF-8, which Slack does not send
        return False


def _extract_document(body: bytes, content_type: str) -> bytes | str:
    """Return the payload's JSON: an event's body, a form's field `payload`, or the fields of a slash command."""
    if content_type == "application/json":
        return body
    if content_type != "application/x-www-form-urlencoded":
        raise web.HTTPBadRequest
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise web.HTTPBadRequest from None
    form = dict(fields)
    if len(form) != len(fields):
        raise web.HTTPBadRequest
    return form["payload"] if "payload" in form else json.dumps(form)
