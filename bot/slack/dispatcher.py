"""The one way in for payloads, by whatever road they come: read and checked before Bolt looks at them."""

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
    """Hands payloads that can be taken to the listeners of `app`; of the others, whoever sent them is told.

    What Bolt gets holds the fields that the bot reads, and no others: Bolt itself fails at odd ones.
    """

    def __init__(self, app: AsyncApp, voice: Messenger, work: BackgroundTasks) -> None:
        self._app = app
        self._voice = voice
        self._work = work

    async def receive(self, document: bytes | str) -> BoltResponse:
        """The answer to the payload in `document`, JSON that is known to come from Slack.

        Status 400 says that it is nothing that Slack sends.
        """
        try:
            return await self._take(decode_payload(document))
        except UnreadablePayload as error:
            log.warning("payload refused", reason=str(error))
            return BoltResponse(status=400, body="")

    async def _take(self, payload: Payload) -> BoltResponse:
        try:
            known = parse_payload(payload)
        except PayloadIncomplete as error:
            log.warning("payload incomplete", kind=_kind(payload), field=truncate(error.field, 200))
            return self._refuse(payload, error)
        return BoltResponse(status=200, body="") if known is None else await self._dispatch(payload, known)

    async def _dispatch(self, payload: Payload, known: KnownPayload) -> BoltResponse:
        # "socket_mode" is Bolt's word for a payload that is read and verified already.
        request = AsyncBoltRequest(mode="socket_mode", body=known.model_dump(exclude_unset=True))
        response = await self._app.async_dispatch(request)
        if response.status != 404:
            return response
        log.warning("payload without a listener", kind=_kind(payload))
        return self._refuse(payload, UnknownInteraction())

    def _refuse(self, payload: Payload, error: BotError) -> BoltResponse:
        if payload.get("type") == "view_submission":
            view = render_error_modal("Not done", error)
            return BoltResponse(
                status=200, body=self._voice.scrub_response({"response_action": "update", "view": view})
            )
        if sender := find_sender(payload):
            self._work.spawn(self._voice.send_error(sender, error), "refusal")
        return BoltResponse(status=200, body="")


def _kind(payload: Payload) -> str:
    kind = payload.get("type")
    return kind if isinstance(kind, str) else "command" if "command" in payload else "unknown"
