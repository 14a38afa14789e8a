"""The button *Test connection* in the forms: have Segment try the typed settings, and show the result in the form."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BotError
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import place_segment_errors, read_answers, read_chosen_space, read_connection_settings
from bot.render.form_errors import FormErrors
from bot.render.forms import UPDATE_FORM, View, add_note, read_form_context
from bot.render.mrkdwn import escape
from bot.render.phrases import format_error
from bot.services.access_control import AccessControl
from bot.services.connection_tests import ConnectionTest, ConnectionTester
from bot.services.inventory import Inventory
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.form_fields import find_form_type
from bot.slack.handlers.form_secrets import FormSecrets
from bot.slack.handlers.modals import ignore_closed_form
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import get_view_hash, parse_block_action


class ConnectionTestHandler:
    """Tests the connection that a form describes."""

    def __init__(
        self,
        inventory: Inventory,
        connection_tester: ConnectionTester,
        form_secrets: FormSecrets,
        access: AccessControl,
        messenger: Messenger,
    ) -> None:
        self._inventory = inventory
        self._connection_tester = connection_tester
        self._form_secrets = form_secrets
        self._access = access
        self._messenger = messenger

    async def test_connection(self, interaction: Interaction, view: View) -> None:
        """Test the connection with the typed settings, and show the result in the form. Raises SlackFailed."""
        view_id = str(view["id"])
        waiting = add_note(view, "⏳ Segment is trying to connect…")
        view_hash = await self._messenger.update_modal(view_id, waiting, get_view_hash(view))
        try:
            updated = add_note(view, await self._describe_result(interaction, view))
        except FormErrors as errors:
            general = f"⚠️ {errors.general}" if errors.general else ""
            marked = await self._form_secrets.mark_erased(interaction, view)
            updated = add_note(marked, general, errors.by_input)
        await self._messenger.update_modal(view_id, updated, view_hash)

    async def _describe_result(self, interaction: Interaction, view: View) -> str:
        warehouse_type = find_form_type(self._inventory, view)
        if warehouse_type is None:
            raise FormErrors({}, "Choose a type first.")
        try:
            return await self._run_test(interaction, view, warehouse_type)
        except SegmentError as error:
            if error.errors:
                raise place_segment_errors(error.errors, read_answers(view), warehouse_type) from error
            raise FormErrors({}, format_error(error)) from error
        except BotError as error:
            raise FormErrors({}, format_error(error)) from error

    async def _run_test(self, interaction: Interaction, view: View, warehouse_type: WarehouseType) -> str:
        actor = await self._access.get_actor(interaction.user_id, interaction.team_id)
        answers = read_answers(view)
        test = ConnectionTest(
            type=warehouse_type,
            name=answers.values.get("name", ""),
            space=read_chosen_space(view),
            target=read_form_context(view).target,
        )
        await self._connection_tester.require_permission(actor, test)
        one_time_secrets = await self._form_secrets.collect(actor, view, warehouse_type)
        secret_names = await self._form_secrets.list_usable_names(actor)
        connection = read_connection_settings(answers, warehouse_type, secret_names, one_time_secrets)
        if missing := _list_missing_secrets(view, warehouse_type, connection.secrets):
            return (
                f"Segment never gives back the {escape(missing)}, so a test needs it: choose it below. "
                "Left unchosen, it stays as it is when you save."
            )
        values = {"settings": connection.settings, "secrets": connection.secrets}
        status = await self._connection_tester.test_connection(actor, test.model_copy(update=values))
        return {
            "CONNECTED": "✅ Segment can connect with these settings. Nothing is saved yet.",
            "FAILED": "⛔ Segment can't connect with these settings. Nothing is saved.",
        }.get(status, f"Segment answered {escape(status)} to the test. Nothing is saved.")


def _list_missing_secrets(view: View, warehouse_type: WarehouseType, secrets: Mapping[str, object]) -> str:
    # The create form has required fields for secrets; in the update form, an empty field keeps the secret as it is.
    if view.get("callback_id") != f"form:{UPDATE_FORM}" or secrets:
        return ""
    return ", ".join(
        setting.label or setting.name
        for setting in warehouse_type.settings
        if setting.is_secret and setting.is_writable
    )


def register_listeners(
    app: AsyncApp, connection_tests: ConnectionTestHandler, background_tasks: BackgroundTasks
) -> None:
    """Listen for the button."""

    @app.action("form:test")
    async def on_test(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        job = connection_tests.test_connection(press.interaction, press.view)
        background_tasks.spawn(ignore_closed_form(job), "test connection")
        await ack()
