"""Send messages and modals to Slack, without known secrets. Slack's errors become BotErrors."""

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.domain.errors import BotError, CardGone, ChannelInaccessible, SlackFailed
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.request import Card, StoredRequest
from bot.render.blocks import Message
from bot.render.forms import View
from bot.render.notices import render_error
from bot.slack.client_errors import CLIENT_ERRORS

log = structlog.get_logger(__name__)

#: Slack's codes for a channel that the bot can't post to.
_INACCESSIBLE_CHANNEL_CODES = frozenset({"not_in_channel", "channel_not_found", "is_archived", "is_inactive"})

#: Slack's codes for a message that can't be changed (any more).
_UNCHANGEABLE_MESSAGE_CODES = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

#: The form of Slack's codes. Anything else is neither shown nor logged.
_CODE_PATTERN = re.compile(r"\w{1,80}", re.ASCII)

#: Seconds that a response_url may take to answer.
_RESPONSE_TIMEOUT = 10

#: The most cards of a list of requests whose permalinks are fetched; each takes one call.
_MAX_PERMALINKS = 40


class Interaction(NamedTuple):
    """A command, click or submission: the person who made it, and how to answer them.

    `view_id` is the id of the modal that was submitted, if it was one.
    """

    user_id: str
    team_id: str | None
    channel_id: str
    trigger_id: str
    response_url: str | None = None
    view_id: str = ""

    @property
    def idempotency_key(self) -> str:
        """A key that is the same for each delivery of one payload, and different for any other payload."""
        return self.trigger_id


class Messenger:
    """Sends messages and modals through `client`, with everything that `scrubber` knows removed."""

    def __init__(self, client: AsyncWebClient, scrubber: Scrubber) -> None:
        self._client = client
        self._scrubber = scrubber

    async def post_message(self, channel: str, message: Message, thread_ts: str | None = None) -> Card:
        """Post to a channel, or in the thread of the message `thread_ts`.

        Raises:
            ChannelInaccessible: the bot can't post to the channel.
            SlackFailed: Slack refuses for another reason, or does not answer.
        """
        message = self._scrub(message)
        answer = await _call(
            "chat.postMessage",
            self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.payload,
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            ),
            channel,
        )
        return Card(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def update_message(self, card: Card, message: Message) -> None:
        """Replace a message that the bot posted.

        Raises:
            ChannelInaccessible: the bot can't post to the channel.
            CardGone: the message can't be changed any more.
            SlackFailed: Slack refuses for another reason, or does not answer.
        """
        message = self._scrub(message)
        call = self._client.chat_update(channel=card.channel, ts=card.ts, text=message.text, blocks=message.payload)
        await _call("chat.update", call, card.channel)

    async def reply_privately(
        self, interaction: Interaction, message: Message, *, replace_original: bool = False
    ) -> None:
        """Send a message that only the person sees; with `replace_original`, in place of the clicked ephemeral message.

        The payload's response_url works in channels that the bot is not in. Without one, the message is ephemeral, and
        if that fails, direct. Never raises: if all three fail, the failure is logged.
        """
        message = self._scrub(message)
        if interaction.response_url and await self._respond(
            interaction.response_url, message, replace_original=replace_original
        ):
            return
        try:
            await self._post_ephemeral(interaction, message)
        except BotError:
            try:
                await self.post_message(interaction.user_id, message)
            except BotError as error:
                log.warning("person not reached", user=interaction.user_id, error=type(error).__name__)

    async def send_error(self, interaction: Interaction, error: BotError) -> None:
        """Send an error that only the person sees. Never raises."""
        await self.reply_privately(interaction, render_error(error))

    async def open_modal(self, interaction: Interaction, view: View) -> str:
        """Open a modal, and return its id. Slack accepts the trigger id for 3 s. Raises SlackFailed."""
        answer = await _call(
            "views.open", self._client.views_open(trigger_id=interaction.trigger_id, view=self.scrub_view(view))
        )
        return str(answer["view"]["id"])

    async def update_modal(self, view_id: str, view: View, expected_hash: str | None = None) -> str:
        """Replace an open modal, and return its new hash.

        Raises:
            SlackFailed: Slack refuses or does not answer; also if the person has closed the modal, or if it does not
                have `expected_hash` any more.
        """
        call = self._client.views_update(view_id=view_id, view=self.scrub_view(view), hash=expected_hash)
        answer = await _call("views.update", call)
        return str(answer["view"]["hash"])

    async def publish_home(self, user_id: str, view: View) -> None:
        """Publish `view` as the person's App Home. Raises SlackFailed."""
        await _call("views.publish", self._client.views_publish(user_id=user_id, view=self.scrub_view(view)))

    async def get_permalink(self, card: Card) -> str | None:
        """Return the permalink of a message; None if Slack returns none."""
        try:
            call = self._client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
            return str((await _call("chat.getPermalink", call))["permalink"])
        except SlackFailed:
            return None

    async def get_permalinks(self, requests: Sequence[StoredRequest]) -> Mapping[str, str]:
        """Return the permalinks of the cards of the first `_MAX_PERMALINKS` requests, by the requests' ids."""
        cards = {each.request.id: each.card for each in requests[:_MAX_PERMALINKS] if each.card}
        permalinks = await asyncio.gather(*map(self.get_permalink, cards.values()))
        return {request_id: link for request_id, link in zip(cards, permalinks, strict=True) if link}

    def scrub_view(self, view: View) -> dict[str, object]:
        """Return `view` without known secrets."""
        return dict(self._scrubber.scrub_blocks(view))

    def scrub_response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a submitted modal, without known secrets."""
        errors = {block: self._scrubber.scrub(text) for block, text in response.get("errors", {}).items()}
        return {**self._scrubber.scrub_blocks(response), **({"errors": errors} if errors else {})}

    def _scrub(self, message: Message) -> Message:
        return Message(self._scrubber.scrub(message.text), self._scrubber.scrub_blocks(message.blocks))

    async def _respond(self, response_url: str, message: Message, *, replace_original: bool) -> bool:
        client = AsyncWebhookClient(response_url, timeout=_RESPONSE_TIMEOUT)
        try:
            answer = await client.send(
                text=message.text,
                blocks=message.payload,
                response_type="ephemeral",
                replace_original=replace_original,
            )
        except CLIENT_ERRORS as error:
            log.warning("response_url failed", error=type(error).__name__)
            return False
        return answer.status_code == 200

    async def _post_ephemeral(self, interaction: Interaction, message: Message) -> None:
        call = self._client.chat_postEphemeral(
            channel=interaction.channel_id, user=interaction.user_id, text=message.text, blocks=message.payload
        )
        await _call("chat.postEphemeral", call, interaction.channel_id)


async def _call(method: str, call: Awaitable[AsyncSlackResponse], channel: str = "") -> AsyncSlackResponse:
    try:
        return await call
    except SlackApiError as error:
        code = _get_code(error)
        if channel and code in _INACCESSIBLE_CHANNEL_CODES:
            raise ChannelInaccessible(channel) from error
        if code in _UNCHANGEABLE_MESSAGE_CODES:
            raise CardGone(method, code) from error
        raise SlackFailed(method, code) from error
    except CLIENT_ERRORS as error:
        raise SlackFailed(method, "no answer") from error


def _get_code(error: SlackApiError) -> str:
    answer = error.response
    code = answer.get("error") if hasattr(answer, "get") else None
    return code if isinstance(code, str) and _CODE_PATTERN.fullmatch(code) else "unknown"
