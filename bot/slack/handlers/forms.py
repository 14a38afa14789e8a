"""The forms for creating and updating a warehouse: open them, and react to a chosen type."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Delete
from bot.domain.errors import BotError
from bot.domain.lookup_errors import NotFound
from bot.domain.policy import Action
from bot.render.form_answers import read_chosen_type
from bot.render.forms import (
    FormContext,
    View,
    add_note,
    add_type_fields,
    render_create_form,
    render_update_form,
)
from bot.render.phrases import format_error
from bot.services.approvals import Approvals
from bot.services.inventory import Inventory
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.form_secrets import FormSecrets
from bot.slack.handlers.modals import ModalOpener, ignore_closed_form
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_block_action

#: The actions that a change in the update form may contain.
_UPDATE_ACTIONS = (Action.UPDATE, Action.RENAME, Action.ENABLE, Action.DISABLE)

_CREATE_TITLE, _UPDATE_TITLE = "New warehouse", "Update warehouse"


class FormHandler:
    """Opens the forms, and shows the settings of the chosen type."""

    def __init__(
        self,
        inventory: Inventory,
        approvals: Approvals,
        form_secrets: FormSecrets,
        modals: ModalOpener,
        messenger: Messenger,
    ) -> None:
        self._inventory = inventory
        self._approvals = approvals
        self._form_secrets = form_secrets
        self._modals = modals
        self._messenger = messenger

    async def open_create_form(self, interaction: Interaction, space_name: str | None) -> None:
        """Open the form for a new warehouse, with the space `space_name` chosen if there is one."""

        async def render() -> View:
            spaces, types = await self._inventory.list_spaces(), await self._inventory.list_types()
            if not spaces or not types:
                raise NotFound("warehouse type" if spaces else "space", space_name or "any")
            chosen = await self._inventory.find_space(space_name) if space_name else None
            return render_create_form(spaces, types, _build_context(interaction), chosen)

        await self._modals.open_and_fill(interaction, _CREATE_TITLE, render)

    async def open_recreate_form(self, request_id: str, interaction: Interaction) -> None:
        """Open the form for a new warehouse, filled from the warehouse that the request deleted.

        Raises:
            RequestClosed: there is no such deletion; the attempt is in the audit log.
        """
        stored = await self._approvals.get_request(request_id, interaction.user_id, "recreate", Delete)
        change = stored.request.change
        assert isinstance(change, Delete), "get_request returns deletions only"
        target = change.target

        async def render() -> View:
            spaces, types = await self._inventory.list_spaces(), await self._inventory.list_types()
            warehouse_type = self._inventory.get_type(target.metadata_id, target.type_name)
            context = _build_context(interaction, request_id)
            return add_type_fields(
                render_create_form(spaces, types, context, target.space, warehouse_type),
                warehouse_type,
                await self._form_secrets.get_input_options(interaction),
                template=target,
                has_reason_field=self._approvals.needs_approval(Action.CREATE),
            )

        await self._modals.open_and_fill(interaction, _CREATE_TITLE, render)

    async def open_update_form(self, interaction: Interaction, id_or_name: str) -> None:
        """Open the form for the warehouse with this id or name."""

        async def render() -> View:
            warehouse = await self._inventory.find_warehouse(id_or_name)
            return render_update_form(
                warehouse,
                _build_context(interaction),
                await self._form_secrets.get_input_options(interaction),
                has_reason_field=self._approvals.needs_approval(*_UPDATE_ACTIONS),
            )

        await self._modals.open_and_fill(interaction, _UPDATE_TITLE, render)

    async def show_type_settings(self, interaction: Interaction, view: View) -> None:
        """Show the settings of the type that was just chosen. Raises SlackFailed."""
        if chosen := read_chosen_type(view):
            form_id = str(view["id"])
            try:
                options = await self._form_secrets.get_input_options(interaction)
                warehouse_type = self._inventory.get_type(*chosen)
                has_reason_field = self._approvals.needs_approval(Action.CREATE)
                filled = add_type_fields(view, warehouse_type, options, has_reason_field=has_reason_field)
                updated = await self._form_secrets.mark_received(interaction, form_id, filled, warehouse_type)
            except BotError as error:
                updated = add_note(view, f"⚠️ {format_error(error)}")
            await self._messenger.update_modal(form_id, updated)


def _build_context(interaction: Interaction, follows: str = "") -> FormContext:
    return FormContext(channel=interaction.channel_id, hook=interaction.response_url, follows=follows)


def register_listeners(app: AsyncApp, forms: FormHandler, background_tasks: BackgroundTasks) -> None:
    """Listen for the menu of types in the create form."""

    @app.action("type")
    async def on_type(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        job = forms.show_type_settings(press.interaction, press.view)
        background_tasks.spawn(ignore_closed_form(job), "choose type")
        await ack()
