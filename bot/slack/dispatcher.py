"""Check the payloads of every receiver, and dispatch them to Bolt's listeners."""

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.domain.errors import BotError, PayloadIncomplete, UnknownInteraction
from bot.domain.text import truncate
from bot.render.forms import render_error_modal
from bot.slack.background import BackgroundTasks
from bot.slack.messenger import Messenger
from bot.slack.payloads import KnownPayload, Payload, UnreadablePayload, decode_payload, find_sender, parse_payload

log = structlog.get_logger(__name__)


class PayloadDispatcher:
    """Dispatches complete payloads to the listeners of `app`, and reports the others to the people who sent them.

    Bolt receives only the fields that the bot reads, because Bolt fails on unexpected ones.
    """

    def __init__(self, app: AsyncApp, messenger: Messenger, background_tasks: BackgroundTasks) -> None:
        self._app = app
        self._messenger = messenger
        self._background_tasks = background_tasks

    async def receive(self, document: bytes | str) -> BoltResponse:
        """Return the response to the JSON `document`, which the receiver knows to come from Slack.

        The status is 400 for a document that Slack does not send.
        """
        try:
            return await self._dispatch(decode_payload(document))
        except UnreadablePayload as error:
            log.warning("payload refused", reason=str(error))
            return BoltResponse(status=400, body="")

    async def _dispatch(self, payload: Payload) -> BoltResponse:
        try:
            known = parse_payload(payload)
        except PayloadIncomplete as error:
            log.warning("payload incomplete", kind=_get_type(payload), field=truncate(error.field, 200))
            return self._refuse(payload, error)
        return BoltResponse(status=200, body="") if known is None else await self._dispatch_known(payload, known)

    async def _dispatch_known(self, payload: Payload, known: KnownPayload) -> BoltResponse:
        # Bolt's mode "socket_mode" means that the payload is already parsed and verified.
        request = AsyncBoltRequest(mode="socket_mode", body=known.model_dump(exclude_unset=True))
        response = await self._app.async_dispatch(request)
        if response.status != 404:
            return response
        log.warning("payload without a listener", kind=_get_type(payload))
        return self._refuse(payload, UnknownInteraction())

    def _refuse(self, payload: Payload, error: BotError) -> BoltResponse:
        if payload.get("type") == "view_submission":
            response = {"response_action": "update", "view": render_error_modal("Not done", error)}
            return BoltResponse(status=200, body=self._messenger.scrub_response(response))
        if sender := find_sender(payload):
            self._background_tasks.spawn(self._messenger.send_error(sender, error), "refusal")
        return BoltResponse(status=200, body="")


def _get_type(payload: Payload) -> str:
    payload_type = payload.get("type")
    return payload_type if isinstance(payload_type, str) else "command" if "command" in payload else "unknown"
