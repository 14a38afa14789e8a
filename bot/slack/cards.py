"""Post and update the cards of requests: the adapter of the `Cards` port."""

from bot.domain.errors import ChannelInaccessible
from bot.domain.requests.request import OPEN_STATES, Card, Request
from bot.domain.requests.transitions import Transition
from bot.domain.warehouses import Warehouse
from bot.render.cards import render_card, render_duplicate_card
from bot.render.threads import render_thread_reply
from bot.slack.messenger import Messenger


class SlackCards:
    """Shows requests as messages in Slack.

    Every method raises ChannelInaccessible if the bot can't post to the channel, and SlackFailed if Slack refuses for
    another reason or does not answer.
    """

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`."""
        return await self._messenger.post_message(channel, render_card(request))

    async def update(self, request: Request, card: Card) -> None:
        """Show the current state of `request` on its card. Raises CardGone if the message can't be changed."""
        await self._messenger.update_message(card, render_card(request))

    async def retire_duplicate(self, duplicate: Card, request: Request, card: Card) -> None:
        """Replace `duplicate`, a second card of `request`, by a link to `card`."""
        permalink = await self._messenger.get_permalink(card)
        await self._messenger.update_message(duplicate, render_duplicate_card(request, permalink))

    async def notify_requester(self, request: Request) -> None:
        """Send the result of `request` to its requester in a direct message."""
        if request.last_transition and (reply := render_thread_reply(request, request.last_transition, None)):
            await self._messenger.post_message(request.asked_by, reply)

    async def announce_transition(
        self, request: Request, transition: Transition, card: Card, warehouse: Warehouse | None
    ) -> None:
        """Post one transition in the card's thread; post the last one also to the channel of the request.

        If the bot can't post there any more, it sends the last transition to the requester, and drops the others.
        Raises SlackFailed.
        """
        reply = render_thread_reply(request, transition, warehouse)
        if reply is None:
            return
        is_last = request.state not in OPEN_STATES and transition is request.last_transition
        try:
            await self._messenger.post_message(card.channel, reply, thread_ts=card.ts)
            if is_last and request.asked_in != card.channel:
                await self._messenger.post_message(request.asked_in, reply)
        except ChannelInaccessible:
            if is_last:
                await self._messenger.post_message(request.asked_by, reply)
