"""The button *Ask again* on the card of a request that ended without effect."""

import structlog

from bot.domain.changes.change import Create, Delete, Update, rebase_change
from bot.domain.errors import ChannelInaccessible, SlackFailed
from bot.domain.requests.request import OPEN_STATES, Request, StoredRequest
from bot.render.cards import describe_successor, render_card
from bot.render.notices import render_notice
from bot.services.inventory import Inventory
from bot.services.ports import RequestStore
from bot.slack.handlers.change_requests import ChangeRequester
from bot.slack.messenger import Interaction, Messenger

log = structlog.get_logger(__name__)

#: How many requests about a warehouse are searched for the one that repeats an ended request.
_SEARCH_LIMIT = 50


class RepeatHandler:
    """Requests the change of an ended request again, once."""

    def __init__(
        self, inventory: Inventory, requests: RequestStore, change_requester: ChangeRequester, messenger: Messenger
    ) -> None:
        self._inventory = inventory
        self._requests = requests
        self._change_requester = change_requester
        self._messenger = messenger

    async def request_again(self, request_id: str, interaction: Interaction) -> None:
        """Request the same change of the warehouse as it is now; a later click is pointed to that request.

        Raises:
            BotError: the change can't be requested.
        """
        ended = await self._change_requester.get_request(interaction, request_id, "ask again", Update, Delete)
        change = ended.request.change
        assert not isinstance(change, Create), "get_request returns updates and deletions only"
        if successor := await self._find_successor(ended.request, change.target.id):
            notice = render_notice(await self._describe_successor(successor))
            await self._messenger.reply_privately(interaction, notice)
            return
        warehouse = await self._inventory.find_warehouse(change.target.id)
        successor = await self._change_requester.request(
            interaction, rebase_change(change, warehouse), ended.request.reason, again_of=ended.request
        )
        await self._link_successor(ended, successor)

    async def _find_successor(self, request: Request, warehouse_id: str) -> StoredRequest | None:
        """Find the request that repeats `request`; one that ended before its card was posted does not count."""
        later = await self._requests.list_by_warehouse(warehouse_id, _SEARCH_LIMIT)
        visible = (each for each in later if each.card or each.request.state in OPEN_STATES)
        return next((each for each in visible if each.request.again_of == request.id), None)

    async def _describe_successor(self, successor: StoredRequest) -> str:
        permalink = await self._messenger.get_permalink(successor.card) if successor.card else None
        return describe_successor(successor.request, permalink)

    async def _link_successor(self, ended: StoredRequest, successor: StoredRequest) -> None:
        if ended.card is None:
            return
        card = render_card(ended.request, await self._describe_successor(successor))
        try:
            await self._messenger.update_message(ended.card, card)
        except (SlackFailed, ChannelInaccessible) as error:  # a click on its button finds the new request, too
            log.info("card not linked to new request", request=ended.request.id, error=type(error).__name__)
