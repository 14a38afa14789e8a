"""Requests as messages: the adapter of the `Cards` port."""

from bot.domain.requests import Card, Request
from bot.domain.warehouses import Warehouse
from bot.render.cards import card as draw
from bot.render.cards import outcome
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

    async def outcome(self, request: Request, card: Card, warehouse: Warehouse | None) -> None:
        """Post the outcome under the card, and where it was asked if that is elsewhere."""
        told = outcome(request, warehouse)
        await self._voice.post(card.channel, told, thread=card.ts)
        if request.asked_in != card.channel:
            await self._voice.post(request.asked_in, told)
