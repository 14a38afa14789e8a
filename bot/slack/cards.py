"""Requests as messages: the adapter of the `Cards` port."""

from bot.domain.errors import ChannelInaccessible
from bot.domain.requests.request import OPEN_STATES, Card, Request
from bot.domain.requests.transitions import Transition
from bot.domain.warehouses import Warehouse
from bot.render.cards import render_card as draw
from bot.render.cards import render_duplicate_card
from bot.render.threads import render_thread_reply
from bot.slack.messenger import Messenger


class SlackCards:
    """Posts and repaints cards through `voice`."""

    def __init__(self, voice: Messenger) -> None:
        self._voice = voice

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`. Raises NobodySees or SlackFailed."""
        return await self._voice.post_message(channel, draw(request))

    async def update(self, request: Request, card: Card) -> None:
        """Make the card show `request` as it is now. Raises NobodySees or SlackFailed, CardGone among them."""
        await self._voice.update_message(card, draw(request))

    async def retire_duplicate(self, duplicate: Card, request: Request, card: Card) -> None:
        """Make `stray`, a second card of `request`, point to `card`. Raises NobodySees or SlackFailed."""
        await self._voice.update_message(
            duplicate, render_duplicate_card(request, await self._voice.get_permalink(card))
        )

    async def notify_requester(self, request: Request) -> None:
        """Tell the requester alone how `request` ended. Raises NobodySees or SlackFailed."""
        if request.last_transition and (told := render_thread_reply(request, request.last_transition, None)):
            await self._voice.post_message(request.asked_by, told)

    async def announce_transition(
        self, request: Request, transition: Transition, card: Card, warehouse: Warehouse | None
    ) -> None:
        """Tell one move under the card; the end also where it was asked, if that is elsewhere.

        Where the bot can't post any more, the end is told to the requester directly, and the rest to nobody. Raises
        SlackFailed.
        """
        told = render_thread_reply(request, transition, warehouse)
        if told is None:
            return
        ends = request.state not in OPEN_STATES and transition is request.last_transition
        try:
            await self._voice.post_message(card.channel, told, thread_ts=card.ts)
            if ends and request.asked_in != card.channel:
                await self._voice.post_message(request.asked_in, told)
        except ChannelInaccessible:
            if ends:
                await self._voice.post_message(request.asked_by, told)
