"""The dialogs that ask for a reason: before a warehouse is deleted, disabled or enabled, or an update is undone."""

from collections.abc import Mapping

from bot.domain.changes.change import Change, Delete, Update, WarehouseSnapshot, build_toggle, invert_change
from bot.domain.errors import RequestClosed
from bot.domain.policy import actions_of
from bot.domain.requests.request import Request, StoredRequest
from bot.domain.warehouses import Warehouse
from bot.render.dialogs import DialogContext, render_reason_dialog
from bot.render.forms import View, render_notice_modal
from bot.render.mrkdwn import code
from bot.services.approvals import Approvals
from bot.services.inventory import Inventory
from bot.slack.handlers.change_requests import ChangeRequester
from bot.slack.handlers.modals import ModalOpener
from bot.slack.messenger import Interaction

_TITLES = {
    "delete": "Ask to delete",
    "disable": "Ask to disable",
    "enable": "Ask to enable",
    "undo": "Undo",
}

#: The acts of these dialogs, as in their callback ids.
REASON_ACTS = tuple(_TITLES)


class ReasonDialogHandler:
    """Opens the dialogs, and stores the requests that they make."""

    def __init__(
        self, approvals: Approvals, inventory: Inventory, change_requester: ChangeRequester, modals: ModalOpener
    ) -> None:
        self._approvals = approvals
        self._inventory = inventory
        self._change_requester = change_requester
        self._modals = modals

    async def open_reason_dialog(self, act: str, id_or_name: str, interaction: Interaction) -> None:
        """Ask why the warehouse with this id or name should be deleted, disabled or enabled."""

        async def render() -> View:
            warehouse = await self._inventory.find_warehouse(id_or_name)
            if act != "delete" and build_toggle(warehouse, enabled=act == "enable").is_empty:
                state = "on" if warehouse.enabled else "off"
                return render_notice_modal(
                    _TITLES[act], f"{code(warehouse.name)} is already {state}; nothing was sent."
                )
            return _render_dialog(act, interaction, warehouse)

        await self._modals.open_and_fill(interaction, _TITLES[act], render)

    async def open_undo_dialog(self, request_id: str, interaction: Interaction) -> None:
        """Ask why the update that the request made should be undone."""

        async def render() -> View:
            stored = await self._change_requester.get_request(interaction, request_id, "undo", Update)
            change = stored.request.change
            assert isinstance(change, Update), "get_request returns updates only"
            warehouse = await self._inventory.find_warehouse(change.target.id)
            actions = actions_of(invert_change(change, WarehouseSnapshot.of(warehouse)))
            needs_approval = self._approvals.needs_approval(*actions)
            return _render_dialog("undo", interaction, warehouse, request_id, needs_approval=needs_approval)

        await self._modals.open_and_fill(interaction, _TITLES["undo"], render)

    async def store(self, context: DialogContext, values: Mapping[str, str], interaction: Interaction) -> StoredRequest:
        """Store the request that the dialog makes. Raises BotError; the attempt is then in the audit log."""
        undone = None
        if context.act == "undo":
            undone = (await self._change_requester.get_request(interaction, context.request_id, "undo", Update)).request

        async def build() -> Change:
            return _build_change(context, undone)

        change = await self._approvals.run_audited(interaction.user_id, context.act, build, context.request_id)
        return await self._change_requester.store(interaction, change, values.get("reason", ""), follows=undone)


def _build_change(context: DialogContext, undone: Request | None) -> Change:
    """Return the change that the dialog requests; `undone` is the request of the update to undo, if any.

    Raises:
        RequestClosed: the dialog names no warehouse, or there is nothing to undo.
    """
    target = context.target
    if target is None:
        raise RequestClosed
    if undone is not None:
        update = undone.change
        if not isinstance(update, Update) or update.target.id != target.id:
            raise RequestClosed
        change = invert_change(update, target)
        if change.is_empty:
            raise RequestClosed("It replaced credentials only, and the old ones can't be read back; nothing was sent.")
        return change
    if context.act == "delete":
        return Delete(target=target)
    return Update(target=target, enabled=context.act == "enable")


def _render_dialog(
    act: str, interaction: Interaction, warehouse: Warehouse, request_id: str = "", *, needs_approval: bool = True
) -> View:
    context = DialogContext.model_validate(
        {
            "act": act,
            "channel": interaction.channel_id,
            "hook": interaction.response_url,
            "request_id": request_id,
            "target": WarehouseSnapshot.of(warehouse),
        }
    )
    verb = f"take back what `{request_id}` changed of" if act == "undo" else act
    subject = f"{code(warehouse.name)} in {code(warehouse.space.slug)} (id {code(warehouse.id)})"
    default_reason = f"undo {request_id}" if act == "undo" else ""
    return render_reason_dialog(
        context, f"You ask to {verb} {subject}.", _TITLES[act], default_reason, needs_approval=needs_approval
    )
