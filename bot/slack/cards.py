"""Requests as messages: the adapter of the `Cards` port."""

from bot.domain.errors import NobodySees
from bot.domain.requests.request import OPEN, Card, Request
from bot.domain.requests.transitions import Move
from bot.domain.warehouses import Warehouse
from bot.render.cards import card as draw
from bot.render.cards import pointer
from bot.render.threads import tell
from bot.slack.messenger import Voice


class SlackCards:
    """Posts and repaints cards through `voice`."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`. Raises NobodySees or SlackFailed."""
        return await self._voice.post(channel, draw(request))

    async def paint(self, request: Request, card: Card) -> None:
        """Make the card show `request` as it is now. Raises NobodySees or SlackFailed, CardGone among them."""
        await self._voice.update(card, draw(request))

    async def retire(self, stray: Card, request: Request, card: Card) -> None:
        """Make `stray`, a second card of `request`, point to `card`. Raises NobodySees or SlackFailed."""
        await self._voice.update(stray, pointer(request, await self._voice.link(card)))

    async def tell_directly(self, request: Request) -> None:
        """Tell the requester alone how `request` ended. Raises NobodySees or SlackFailed."""
        if request.last and (told := tell(request, request.last, None)):
            await self._voice.post(request.asked_by, told)

    async def tell(self, request: Request, move: Move, card: Card, warehouse: Warehouse | None) -> None:
        """Tell one move under the card; the end also where it was asked, if that is elsewhere.

        Where the bot can't post any more, the end is told to the requester directly, and the rest to nobody. Raises
        SlackFailed.
        """
        told = tell(request, move, warehouse)
        if told is None:
            return
        ends = request.state not in OPEN and move is request.last
        try:
            await self._voice.post(card.channel, told, thread=card.ts)
            if ends and request.asked_in != card.channel:
                await self._voice.post(request.asked_in, told)
        except NobodySees:
            if ends:
                await self._voice.post(request.asked_by, told)
