"""Requests as messages: the adapter of the `Cards` port."""

from bot.domain.moves import Move
from bot.domain.requests import OPEN, Card, Request
from bot.domain.warehouses import Warehouse
from bot.render.cards import card as draw
from bot.render.threads import tell
from bot.slack.voice import Voice


class SlackCards:
    """Posts and repaints cards through `voice`."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`. Raises NobodySees or SlackFailed."""
        return await self._voice.post(channel, draw(request))

    async def paint(self, request: Request, card: Card) -> None:
        """Make the card show `request` as it is now. Raises SlackFailed."""
        await self._voice.update(card, draw(request))

    async def tell(self, request: Request, move: Move, card: Card, warehouse: Warehouse | None) -> None:
        """Tell one move under the card; the end also where it was asked, if that is elsewhere."""
        told = tell(request, move, warehouse)
        if told is None:
            return
        await self._voice.post(card.channel, told, thread=card.ts)
        if request.state not in OPEN and move is request.last and request.asked_in != card.channel:
            await self._voice.post(request.asked_in, told)
