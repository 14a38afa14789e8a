"""The button *Test connection*: try what is typed into a form, and say in the form what came of it."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BotError
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import place_segment_errors, read_answers, read_chosen_space, read_connection_settings
from bot.render.forms import UPDATE_FORM, View, add_note, read_form_context
from bot.render.mrkdwn import escape, format_error
from bot.render.settings_editor import FormErrors
from bot.services.connection_tests import ConnectionTest, ConnectionTester
from bot.services.ports import Directory
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.forms import FormHandler, ignore_closed_form
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import get_view_hash, parse_block_action


class ConnectionTestHandler:
    """Answers the button inside the forms."""

    def __init__(
        self, forms: FormHandler, connections: ConnectionTester, directory: Directory, voice: Messenger
    ) -> None:
        self._forms = forms
        self._connections = connections
        self._directory = directory
        self._voice = voice

    async def test_connection(self, asked: Interaction, view: View) -> None:
        """Try the connection as typed, and show the outcome in the form. Raises SlackFailed."""
        view_id, seen = str(view["id"]), get_view_hash(view)
        seen = await self._voice.update_modal(view_id, add_note(view, "⏳ Segment is trying to connect…"), seen)
        try:
            drawn = add_note(view, await self._outcome(asked, view))
        except FormErrors as problems:
            general = f"⚠️ {problems.general}" if problems.general else ""
            drawn = add_note(await self._forms.mark_erased_secrets(asked, view), general, problems.by_input)
        await self._voice.update_modal(view_id, drawn, seen)

    async def _outcome(self, asked: Interaction, view: View) -> str:
        kind = self._forms.get_warehouse_type(view)
        if kind is None:
            raise FormErrors({}, "Choose a type first.")
        try:
            return await self._tested(asked, view, kind)
        except SegmentError as error:
            raise (
                place_segment_errors(error.errors, read_answers(view), kind)
                if error.errors
                else FormErrors({}, format_error(error))
            ) from error
        except BotError as error:
            raise FormErrors({}, format_error(error)) from error

    async def _tested(self, asked: Interaction, view: View, kind: WarehouseType) -> str:
        actor, form = await self._directory.get_actor(asked.user_id, asked.team_id), read_answers(view)
        name, space, target = form.values.get("name", ""), read_chosen_space(view), read_form_context(view).target
        test = ConnectionTest(type=kind, name=name, space=space, target=target)
        await self._connections.require_permission(actor, test)
        handed = await self._forms.collect_one_time_secrets(actor, view, kind)
        found = read_connection_settings(form, kind, await self._connections.list_usable_secrets(actor), handed)
        if missing := _not_chosen(view, kind, found.secrets):
            return (
                f"Segment never gives back the {escape(missing)}, so a test needs it: choose it below. "
                "Left unchosen, it stays as it is when you save."
            )
        what = {"settings": found.settings, "secrets": found.secrets}
        status = await self._connections.test_connection(actor, test.model_copy(update=what))
        return {
            "CONNECTED": "✅ Segment can connect with these settings. Nothing is saved yet.",
            "FAILED": "⛔ Segment can't connect with these settings. Nothing is saved.",
        }.get(status, f"Segment answered {escape(status)} to the test. Nothing is saved.")


def _not_chosen(view: View, kind: WarehouseType, chosen: Mapping[str, object]) -> str:
    # A new warehouse's form demands what is needed; only an update leaves secrets as they are.
    if view.get("callback_id") != f"form:{UPDATE_FORM}" or chosen:
        return ""
    return ", ".join(
        setting.label or setting.name for setting in kind.settings if setting.is_secret and setting.is_writable
    )


def register_listeners(app: AsyncApp, tests: ConnectionTestHandler, work: BackgroundTasks) -> None:
    """Answer the button."""

    @app.action("form:test")
    async def on_test(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        work.spawn(ignore_closed_form(tests.test_connection(press.interaction, press.view)), "test connection")
        await ack()
