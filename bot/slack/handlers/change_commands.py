"""The commands that change warehouses: create, update, enable, disable and delete."""

from bot.domain.changes.change import Delete, WarehouseSnapshot, build_toggle
from bot.domain.commands import commands
from bot.domain.policy import Action
from bot.render.mrkdwn import code
from bot.render.notices import render_notice
from bot.services.approvals import Approvals
from bot.services.inventory import Inventory
from bot.slack.handlers.change_requests import ChangeRequester
from bot.slack.handlers.forms import FormHandler
from bot.slack.handlers.reason_dialogs import ReasonDialogHandler
from bot.slack.messenger import Interaction, Messenger

DirectCommand = commands.Enable | commands.Disable | commands.Delete
ChangeCommand = commands.Create | commands.Update | DirectCommand


class ChangeCommandHandler:
    """Opens the form that a command needs, or requests the change at once."""

    def __init__(
        self,
        inventory: Inventory,
        approvals: Approvals,
        change_requester: ChangeRequester,
        forms: FormHandler,
        reason_dialogs: ReasonDialogHandler,
        messenger: Messenger,
    ) -> None:
        self._inventory = inventory
        self._approvals = approvals
        self._change_requester = change_requester
        self._forms = forms
        self._reason_dialogs = reason_dialogs
        self._messenger = messenger

    async def run(self, command: ChangeCommand, interaction: Interaction) -> None:
        """Run `command`. Raises BotError."""
        match command:
            case commands.Create(space=space_name):
                await self._forms.open_create_form(interaction, space_name)
            case commands.Update(warehouse=id_or_name):
                await self._forms.open_update_form(interaction, id_or_name)
            case commands.Enable() | commands.Disable() | commands.Delete():
                await self._run_directly(command, interaction)

    async def _run_directly(self, command: DirectCommand, interaction: Interaction) -> None:
        act = type(command).__name__.lower()
        if self._approvals.needs_approval(Action(act)) and command.reason is None:
            await self._reason_dialogs.open_reason_dialog(act, command.warehouse, interaction)
            return
        warehouse = await self._inventory.find_warehouse(command.warehouse)
        reason = command.reason or ""
        if isinstance(command, commands.Delete):
            deletion = Delete(target=WarehouseSnapshot.of(warehouse))
            await self._change_requester.request(interaction, deletion, reason)
            return
        update = build_toggle(warehouse, enabled=act == "enable")
        if update.is_empty:
            state = "on" if warehouse.enabled else "off"
            notice = render_notice(f"{code(warehouse.name)} is already {state}; nothing was sent.")
            await self._messenger.reply_privately(interaction, notice)
            return
        await self._change_requester.request(interaction, update, reason)
