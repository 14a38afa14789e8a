"""Sending to Slack: posts, updates, words to one person alone, and modals. Slack's errors become ours."""

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.domain.errors import BotError, CardGone, ChannelInaccessible, SlackFailed
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.request import Card, StoredRequest
from bot.render.blocks import Message
from bot.render.forms import View
from bot.render.notices import render_error

log = structlog.get_logger(__name__)

#: Slack's codes for a channel that the bot can't post to.
_NOBODY_SEES = frozenset({"not_in_channel", "channel_not_found", "is_archived", "is_inactive"})

#: Slack's codes for a message that can't be changed (any more).
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

#: How Slack writes its codes. What is none is in no message and no log line.
_CODE = re.compile(r"\w{1,80}", re.ASCII)

#: What can go wrong below the Slack client: `ValueError` is an answer that is not JSON, and slack-sdk 3.47 makes an
#: `AttributeError` of one that is plain text, as proxies send.
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, OSError, ValueError, AttributeError)

_TIMEOUT = 10

#: Cards of a list of requests whose addresses are asked for: a call each.
_LINKS = 40


class Interaction(NamedTuple):
    """Who asked for something, and how to answer. `hook` is the payload's response_url; `once` names the payload.

    `form` is the id of the modal that was submitted, if it was one.
    """

    user_id: str
    team_id: str | None
    channel_id: str
    trigger_id: str
    response_url: str | None = None
    view_id: str = ""

    @property
    def idempotency_key(self) -> str:
        """The same for each delivery of one payload, and for no other."""
        return self.trigger_id


class Messenger:
    """Says things in Slack through `client`, without what `censor` knows."""

    def __init__(self, client: AsyncWebClient, censor: Scrubber) -> None:
        self._client = client
        self._censor = censor

    async def post_message(self, channel: str, message: Message, thread_ts: str | None = None) -> Card:
        """Post to a channel, or under the message `thread`.

        Raises:
            NobodySees: the bot is not in the channel.
            SlackFailed: Slack refused otherwise, or did not answer.
        """
        message = self._struck(message)
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
        """Replace a message that the bot posted. Raises as `post` does, and CardGone where it can't be replaced."""
        message = self._struck(message)
        call = self._client.chat_update(channel=card.channel, ts=card.ts, text=message.text, blocks=message.payload)
        await _call("chat.update", call, card.channel)

    async def reply_privately(self, asked: Interaction, message: Message, *, replace_original: bool = False) -> None:
        """Tell the one who asked, alone; with `replace`, in place of the ephemeral whose button they pressed.

        Through the payload's own address, which works where the bot is no member; else as an ephemeral; else as a
        direct message. Never raises: where all three fail there is nobody left to tell, and it is logged.
        """
        message = self._struck(message)
        if asked.response_url and await self._respond(asked.response_url, message, replace=replace_original):
            return
        try:
            await self._ephemeral(asked, message)
        except BotError:
            try:
                await self.post_message(asked.user_id, message)
            except BotError as error:
                log.warning("person not told", user=asked.user_id, error=type(error).__name__)

    async def send_error(self, asked: Interaction, error: BotError) -> None:
        """Tell the one who asked, alone, what went wrong. Never raises."""
        await self.reply_privately(asked, render_error(error))

    async def open_modal(self, asked: Interaction, view: View) -> str:
        """Open a modal within the 3 s of the payload, and return its id. Raises SlackFailed."""
        answer = await _call(
            "views.open", self._client.views_open(trigger_id=asked.trigger_id, view=self.scrub_view(view))
        )
        return str(answer["view"]["id"])

    async def update_modal(self, view_id: str, view: View, expected_hash: str | None = None) -> str:
        """Replace an open modal and return its new hash; with `seen`, only while it has that hash.

        Raises SlackFailed, also when the person has closed it.
        """
        call = self._client.views_update(view_id=view_id, view=self.scrub_view(view), hash=expected_hash)
        answer = await _call("views.update", call)
        return str(answer["view"]["hash"])

    async def publish_home(self, user: str, view: View) -> None:
        """Show `view` as the person's App Home. Raises SlackFailed."""
        await _call("views.publish", self._client.views_publish(user_id=user, view=self.scrub_view(view)))

    async def get_permalink(self, card: Card) -> str | None:
        """The address of a message, where Slack has one."""
        try:
            call = self._client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
            return str((await _call("chat.getPermalink", call))["permalink"])
        except SlackFailed:
            return None

    async def get_permalinks(self, requests: Sequence[StoredRequest]) -> Mapping[str, str]:
        """The addresses of the cards of the first `requests`, by the requests' ids, where Slack has them."""
        cards = {each.request.id: each.card for each in requests[:_LINKS] if each.card}
        found = await asyncio.gather(*map(self.get_permalink, cards.values()))
        return {name: link for name, link in zip(cards, found, strict=True) if link}

    def scrub_view(self, view: View) -> dict[str, object]:
        """`view` as it may be shown and kept."""
        return dict(self._censor.scrub_blocks(view))

    def scrub_response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """What Slack is to do with a submitted form, as it may leave."""
        errors = {block: self._censor.scrub(text) for block, text in response.get("errors", {}).items()}
        return {**self._censor.scrub_blocks(response), **({"errors": errors} if errors else {})}

    def _struck(self, message: Message) -> Message:
        return Message(self._censor.scrub(message.text), self._censor.scrub_blocks(message.blocks))

    async def _respond(self, hook: str, message: Message, *, replace: bool) -> bool:
        client = AsyncWebhookClient(hook, timeout=_TIMEOUT)
        try:
            answer = await client.send(
                text=message.text,
                blocks=message.payload,
                response_type="ephemeral",
                replace_original=replace,
            )
        except _BROKEN as error:
            log.warning("response_url failed", error=type(error).__name__)
            return False
        return answer.status_code == 200

    async def _ephemeral(self, asked: Interaction, message: Message) -> None:
        call = self._client.chat_postEphemeral(
            channel=asked.channel_id, user=asked.user_id, text=message.text, blocks=message.payload
        )
        await _call("chat.postEphemeral", call, asked.channel_id)


async def _call(method: str, call: Awaitable[AsyncSlackResponse], channel: str = "") -> AsyncSlackResponse:
    try:
        return await call
    except SlackApiError as error:
        code = _code(error)
        if channel and code in _NOBODY_SEES:
            raise ChannelInaccessible(channel) from error
        if code in _GONE:
            raise CardGone(method, code) from error
        raise SlackFailed(method, code) from error
    except _BROKEN as error:
        raise SlackFailed(method, "no answer") from error


def _code(error: SlackApiError) -> str:
    answer = error.response
    code = answer.get("error") if hasattr(answer, "get") else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unknown"
