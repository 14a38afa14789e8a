"""How payloads come in: Socket Mode, signed HTTP, or both."""

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

#: Where Slack posts to over HTTP; the request URLs of manifest.yml end in it.
EVENTS_PATH = "/slack/events"

#: Seconds that the first connection may take.
_CONNECT = 30

#: Fields of a form; a slash command has some fifteen.
_MOST_FIELDS = 100


class _Handler(AsyncSocketModeHandler):
    """Hands what comes over the WebSocket to the intake, in place of Bolt itself."""

    def __init__(self, app: AsyncApp, app_token: str, intake: PayloadDispatcher) -> None:
        super().__init__(app, app_token)
        self._intake = intake

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's
        began = time.time()
        response = await self._intake.receive(json.dumps(req.payload))
        await send_async_response(client, req, response, began)


@asynccontextmanager
async def connect_socket_mode(app: AsyncApp, intake: PayloadDispatcher, app_token: str) -> AsyncIterator[None]:
    """Receive over a WebSocket that this process opens, until the block ends.

    Raises:
        SlackApiError: Slack refuses the token.
        TimeoutError: no connection came about.
    """
    await app.client.apps_connections_open(app_token=app_token)  # the handler would try a refused token for ever
    handler = _Handler(app, app_token, intake)
    try:
        async with asyncio.timeout(_CONNECT):
            await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt leaves it untyped
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same


def create_http_receiver(
    intake: PayloadDispatcher, signing_secret: SecretStr, read_body: Callable[[web.Request], bytes]
) -> web.Application:
    """What receives signed HTTP for `intake`, at PATH, wherever it is served; `read_body` has a request's whole body.

    What is not signed by Slack is answered with 401 before anything is read of it, what Slack does not send with 400.
    """
    verifier = SignatureVerifier(signing_secret.get_secret_value())

    async def receive(request: web.Request) -> web.Response:
        body = read_body(request)
        if not _is_signed(verifier, request, body):
            log.warning("request not signed by Slack: SLACK_SIGNING_SECRET or the clock may be wrong")
            raise web.HTTPUnauthorized
        return await to_aiohttp_response(await intake.receive(_document(body, request.content_type)))

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
    except ValueError:  # no number; or no UTF-8, which Slack does not send
        return False


def _document(body: bytes, content_type: str) -> bytes | str:
    """The payload's JSON: the body of an event, a form's field `payload`, or a slash command's fields."""
    if content_type == "application/json":
        return body
    if content_type != "application/x-www-form-urlencoded":
        raise web.HTTPBadRequest
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise web.HTTPBadRequest from None
    if len(dict(fields)) != len(fields):
        raise web.HTTPBadRequest
    form = dict(fields)
    return form["payload"] if "payload" in form else json.dumps(form)
