"""The forms for creating and updating a warehouse: open them, and react to a chosen type."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Delete
from bot.domain.errors import BotError
from bot.domain.lookup_errors import NotFound
from bot.domain.policy import Action, check_membership
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.render.block_ids import typed_secret_block_id
from bot.render.blocks import Message
from bot.render.form_answers import read_chosen_type, read_typed_secrets
from bot.render.form_errors import FormErrors
from bot.render.forms import (
    FormContext,
    View,
    add_note,
    add_type_fields,
    render_create_form,
    render_update_form,
)
from bot.render.notices import render_notice
from bot.render.phrases import format_error
from bot.render.secret_fields import SecretInputOptions, field_label, mark_erased, mark_received, read_received_keys
from bot.services.admission import AccessControl
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
                await self._handovers.save_typed_value(
                    actor, form, build_field_key(kind, key), _label(kind, key), value
                )
            except InvalidSecretValue as error:
                raise FormErrors({typed_secret_block_id(kind, key): error.user_message}) from error
        waiting = await self._waiting(actor, form, kind, typed)
        if read_received_keys(view) - waiting.keys():  # else the form would go without what it says it goes with
            raise FormErrors({}, "What was entered on the one-time page is erased.")
        return waiting

    async def _waiting(
        self, actor: Actor, form: str, kind: WarehouseType, typed: Collection[str] = ()
    ) -> Mapping[str, SecretRef]:
        """What goes with the form. What was typed once and is not among `typed` any more was taken back."""
        found = await self._handovers.find_received_refs(actor, form)
        own = {
            parse_setting_key(field): ref
            for field, ref in found.items()
            if field == build_field_key(kind, parse_setting_key(field))
        }
        return {key: ref for key, ref in own.items() if ref.one_time_source == "page" or key in typed}

    async def mark_erased_secrets(self, asked: Interaction, view: View) -> View:
        """The form as it is, or where it tells of a value that is erased by now, one that says so."""
        keys, kind = read_received_keys(view), self.get_warehouse_type(view)
        if not keys or kind is None:
            return view
        try:
            waiting = await self._waiting(await self._actor(asked), str(view["id"]), kind)
        except BotError:
            return view
        gone = keys - waiting.keys()
        return {**view, "blocks": mark_erased(view, sorted(gone))} if gone else view

    async def _ways(self, asked: Interaction) -> SecretInputOptions:
        names = await self.list_allowed_secrets(await self.authorize_actor(asked, "choose secrets"))
        return SecretInputOptions(names, self._handovers.has_secret_page, self._handovers.can_type_secrets)

    async def authorize_actor(self, asked: Interaction, action: str) -> Actor:
        """Who asked, if they may use forms. Raises NotAllowed; the attempt at `action` is then in the audit trail."""
        return await self._admission.require_permission(check_membership, asked.user_id, asked.team_id, action)

    async def _actor(self, asked: Interaction) -> Actor:
        return await self._admission.get_actor(asked.user_id, asked.team_id)

    def _why(self, *actions: Action) -> bool:
        return self._asking.needs_approval(*actions)

    async def open_and_fill_modal(self, asked: Interaction, title: str, fill: Callable[[], Awaitable[View]]) -> None:
        """Open a modal at once, and fill it when `fill` has what it needs; its errors are shown in it."""
        try:
            view_id = await self._voice.open_modal(asked, render_loading_modal(title))
        except SlackFailed as error:
            log.warning("form not opened", user=asked.user_id, code=error.code)
            await self._voice.reply_privately(asked, _late(error))
            return
        try:
            await self.authorize_actor(asked, f"open {title.casefold()}")
            view = await fill()
        except BotError as error:
            view = render_error_modal(title, error)
        try:
            await self._voice.update_modal(view_id, view)
        except SlackFailed as error:
            if error.code != "not_found":  # which Slack says of a form that was closed while it was being filled
                raise
            log.info("form closed", user=asked.user_id)


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
