"""The button *Test connection*: try what is typed into a form, and say in the form what came of it."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BotError
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import answers, chosen_space, connection, located
from bot.render.forms import UPDATE, View, origin_of, with_note
from bot.render.mrkdwn import escape, said
from bot.render.settings_editor import Problems
from bot.services.connection_tests import Connections, ConnectionTest
from bot.services.ports import Directory
from bot.slack.background import Work
from bot.slack.handlers.forms import Forms, quietly
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import hash_of, press_of


class ConnectionTests:
    """Answers the button inside the forms."""

    def __init__(self, forms: Forms, connections: Connections, directory: Directory, voice: Voice) -> None:
        self._forms = forms
        self._connections = connections
        self._directory = directory
        self._voice = voice

    async def test(self, asked: Asked, view: View) -> None:
        """Try the connection as typed, and show the outcome in the form. Raises SlackFailed."""
        view_id, seen = str(view["id"]), hash_of(view)
        seen = await self._voice.redraw(view_id, with_note(view, "⏳ Segment is trying to connect…"), seen)
        try:
            drawn = with_note(view, await self._outcome(asked, view))
        except Problems as problems:
            general = f"⚠️ {problems.general}" if problems.general else ""
            drawn = with_note(await self._forms.refreshed(asked, view), general, problems.by_input)
        await self._voice.redraw(view_id, drawn, seen)

    async def _outcome(self, asked: Asked, view: View) -> str:
        kind = self._forms.kind_of(view)
        if kind is None:
            raise Problems({}, "Choose a type first.")
        try:
            return await self._tested(asked, view, kind)
        except SegmentError as error:
            raise located(error.errors, answers(view), kind) if error.errors else Problems({}, said(error)) from error
        except BotError as error:
            raise Problems({}, said(error)) from error

    async def _tested(self, asked: Asked, view: View, kind: WarehouseType) -> str:
        actor, form = await self._directory.actor(asked.user, asked.team), answers(view)
        name, space, target = form.typed.get("name", ""), chosen_space(view), origin_of(view).target
        test = ConnectionTest(type=kind, name=name, space=space, target=target)
        await self._connections.admit(actor, test)
        handed = await self._forms.handed(actor, view, kind)
        found = connection(form, kind, await self._connections.offered(actor), handed)
        if missing := _not_chosen(view, kind, found.secrets):
            return (
                f"Segment never gives back the {escape(missing)}, so a test needs it: choose it below. "
                "Left unchosen, it stays as it is when you save."
            )
        what = {"settings": found.settings, "secrets": found.secrets}
        status = await self._connections.test(actor, test.model_copy(update=what))
        return {
            "CONNECTED": "✅ Segment can connect with these settings. Nothing is saved yet.",
            "FAILED": "⛔ Segment can't connect with these settings. Nothing is saved.",
        }.get(status, f"Segment answered {escape(status)} to the test. Nothing is saved.")


def _not_chosen(view: View, kind: WarehouseType, chosen: Mapping[str, object]) -> str:
    # A new warehouse's form demands what is needed; only an update leaves secrets as they are.
    if view.get("callback_id") != f"form:{UPDATE}" or chosen:
        return ""
    return ", ".join(setting.label or setting.name for setting in kind.settings if setting.secret and setting.written)


def register(app: AsyncApp, tests: ConnectionTests, work: Work) -> None:
    """Answer the button."""

    @app.action("form:test")
    async def on_test(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = press_of(body)
        work.spawn(quietly(tests.test(press.asked, press.view)), "test connection")
        await ack()
