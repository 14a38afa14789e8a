"""The commands that read: list, show, pending and history."""

from bot.domain.commands import commands
from bot.domain.policy import may_view_requests
from bot.render.blocks import Message
from bot.render.history import render_history
from bot.render.inventory import render_warehouse, render_warehouse_list
from bot.render.open_requests import render_open_requests
from bot.services.access_control import AccessControl
from bot.services.history import HistoryReader
from bot.services.inventory import Inventory
from bot.services.ports import Now, RequestStore
from bot.slack.messenger import Interaction, Messenger

ReadCommand = commands.List | commands.Show | commands.Pending | commands.History


class ReadCommandHandler:
    """Shows warehouses and requests."""

    def __init__(
        self,
        inventory: Inventory,
        requests: RequestStore,
        history: HistoryReader,
        access: AccessControl,
        messenger: Messenger,
        now: Now,
    ) -> None:
        self._inventory = inventory
        self._requests = requests
        self._history = history
        self._access = access
        self._messenger = messenger
        self._now = now

    async def run(self, command: ReadCommand, interaction: Interaction) -> None:
        """Run `command`. Raises BotError."""
        match command:
            case commands.List():
                message = await self.build_list_message(command)
                await self._send(interaction, message, private=command.private)
            case commands.Show():
                message = await self._build_warehouse_message(command)
                await self._send(interaction, message, private=command.private)
            case commands.Pending():
                await self._require_request_access(interaction, "pending")
                await self._messenger.reply_privately(interaction, await self._build_open_requests_message())
            case commands.History(warehouse=id_or_name):
                await self._require_request_access(interaction, "history")
                message = render_history(await self._history.read(id_or_name), self._now())
                await self._messenger.reply_privately(interaction, message)

    async def build_list_message(self, command: commands.List) -> Message:
        """Return the page of the list that `command` names. Raises BotError."""
        return render_warehouse_list(await self._inventory.list_warehouses(command))

    async def _build_warehouse_message(self, command: commands.Show) -> Message:
        warehouse = await self._inventory.find_warehouse(command.warehouse)
        return render_warehouse(warehouse, self._now(), await self._requests.find_last_succeeded(warehouse.id))

    async def _build_open_requests_message(self) -> Message:
        requests = await self._requests.list_open()
        return render_open_requests(requests, await self._messenger.get_permalinks(requests), self._now())

    async def _require_request_access(self, interaction: Interaction, action: str) -> None:
        await self._access.require_permission(may_view_requests, interaction.user_id, interaction.team_id, action)

    async def _send(self, interaction: Interaction, message: Message, *, private: bool) -> None:
        if private:
            await self._messenger.reply_privately(interaction, message)
        else:
            await self._messenger.post_message(interaction.channel_id, message)
