"""Opening the modals, and what their controls do while they are open."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes import Target
from bot.domain.errors import BotError, NotFound, SlackFailed
from bot.domain.policy import Action
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import WarehouseType
from bot.render.answers import Problems, answers, chosen_type, connection, located
from bot.render.blocks import Message
from bot.render.forms import (
    UPDATE,
    Origin,
    View,
    create_view,
    error_view,
    loading_view,
    origin_of,
    update_view,
    with_note,
    with_type,
)
from bot.render.mrkdwn import escape, said
from bot.render.notices import notice
from bot.services.asking import Asking
from bot.services.checks import Checks
from bot.services.connections import Connections
from bot.services.ports import Directory
from bot.slack.payloads import asked_by
from bot.slack.voice import Asked, Voice
from bot.slack.work import Work

log = structlog.get_logger(__name__)

#: What a change in the form of a warehouse can come to.
_UPDATES = (Action.UPDATE, Action.RENAME, Action.ENABLE, Action.DISABLE)

_NEW, _CHANGE = "New warehouse", "Update warehouse"

_TOO_LATE = "Slack gives a form three seconds to open, and they were over. Ask again."


class Forms:
    """Opens the forms, and answers what happens inside them."""

    def __init__(
        self, checks: Checks, connections: Connections, asking: Asking, directory: Directory, voice: Voice
    ) -> None:
        self._directory = directory
        self._checks = checks
        self._asking = asking
        self._connections = connections
        self._voice = voice

    async def open_create(self, asked: Asked, space: str | None) -> None:
        """Open the form for a new warehouse; a trigger lives 3 s, so it opens empty and is filled then."""

        async def fill() -> View:
            spaces, types = await self._checks.spaces(), await self._checks.types()
            if not spaces or not types:
                raise NotFound("warehouse type" if spaces else "space", space or "any")
            chosen = await self._checks.space(space) if space else None
            return create_view(spaces, types, Origin(channel=asked.channel, hook=asked.hook), chosen)

        await self.open(asked, _NEW, fill)

    async def open_like(self, asked: Asked, target: Target) -> None:
        """Open the form for a new warehouse, filled with what was known of `target`."""

        async def fill() -> View:
            spaces, types = await self._checks.spaces(), await self._checks.types()
            kind = self._checks.type_of(target.metadata_id, target.type_name)
            origin = Origin(channel=asked.channel, hook=asked.hook)
            view = create_view(spaces, types, origin, target.space, kind)
            return with_type(view, kind, await self.offered(asked), like=target, why=self._why(Action.CREATE))

        await self.open(asked, _NEW, fill)

    async def open_update(self, asked: Asked, wanted: str) -> None:
        """Open the form of the warehouse `wanted`."""

        async def fill() -> View:
            warehouse = await self._checks.find(wanted)
            origin = Origin(channel=asked.channel, hook=asked.hook)
            return update_view(warehouse, origin, await self.offered(asked), why=self._why(*_UPDATES))

        await self.open(asked, _CHANGE, fill)

    async def choose_type(self, asked: Asked, view: View) -> None:
        """Show the settings of the type that was just chosen. Raises SlackFailed."""
        if chosen := chosen_type(view):
            try:
                names, why = await self.offered(asked), self._why(Action.CREATE)
                drawn = with_type(view, self._checks.type_of(*chosen), names, why=why)
            except BotError as error:
                drawn = with_note(view, f"⚠️ {said(error)}")
            await self._voice.redraw(str(view["id"]), drawn)

    async def test(self, asked: Asked, view: View) -> None:
        """Try the connection as typed, and say in the form what came of it. Raises SlackFailed."""
        view_id, seen = str(view["id"]), str(view["hash"])
        seen = await self._voice.redraw(view_id, with_note(view, "⏳ Segment is trying to connect…"), seen)
        try:
            drawn = with_note(view, await self._tested(asked, view))
        except Problems as problems:
            drawn = with_note(view, f"⚠️ {problems.general}" if problems.general else "", problems.by_input)
        await self._voice.redraw(view_id, drawn, seen)

    async def _tested(self, asked: Asked, view: View) -> str:
        try:
            actor = await self._admit(asked)  # a secret leaves for wherever the form says
        except BotError as error:
            raise Problems({}, said(error)) from error
        form, kind = answers(view), self.kind_of(view)
        if kind is None:
            raise Problems({}, "Choose a type first.")
        found = connection(form, kind, await self._connections.offered(actor))
        if missing := _not_chosen(view, kind, found.secrets):
            return (
                f"Segment never gives back the {escape(missing)}, so a test needs it: choose it below. "
                "Left unchosen, it stays as it is when you save."
            )
        try:
            status = await self._connections.test(actor, kind, found.settings, found.secrets)
        except SegmentError as error:
            raise located(error.errors, form, kind) if error.errors else Problems({}, said(error)) from error
        except BotError as error:
            raise Problems({}, said(error)) from error
        return {
            "CONNECTED": "✅ Segment can connect with these settings. Nothing is saved yet.",
            "FAILED": "⛔ Segment can't connect with these settings. Nothing is saved.",
        }.get(status, f"Segment answered {escape(status)} to the test. Nothing is saved.")

    def kind_of(self, view: View) -> WarehouseType | None:
        """The type that the form `view` is about, if one is chosen."""
        if target := origin_of(view).target:
            return self._checks.type_of(target.metadata_id, target.type_name)
        chosen = chosen_type(view)
        return self._checks.type_of(*chosen) if chosen else None

    async def offered(self, asked: Asked) -> tuple[str, ...]:
        """The names of the secrets that the one who asked may use. Raises NotAllowed."""
        return await self._connections.offered(await self._admit(asked))

    async def _admit(self, asked: Asked) -> Actor:
        actor = await self._directory.actor(asked.user, asked.team)
        self._asking.admit(actor)
        return actor

    def _why(self, *actions: Action) -> bool:
        return any(map(self._asking.waits, actions))

    async def open(self, asked: Asked, title: str, fill: Callable[[], Awaitable[View]]) -> None:
        """Open a modal at once, and fill it when `fill` has what it needs; its errors are shown in it."""
        try:
            view_id = await self._voice.open(asked, loading_view(title))
        except SlackFailed as error:
            log.warning("form not opened", user=asked.user, code=error.code)
            await self._voice.answer(asked, _late(error))
            return
        try:
            await self._admit(asked)
            view = await fill()
        except BotError as error:
            view = error_view(title, error)
        await self._voice.redraw(view_id, view)


def _late(error: SlackFailed) -> Message:
    return notice(_TOO_LATE if "trigger" in error.code else said(error))


def _not_chosen(view: View, kind: WarehouseType, chosen: Mapping[str, object]) -> str:
    # A new warehouse's form demands what is needed; only an update leaves secrets as they are.
    if view.get("callback_id") != f"form:{UPDATE}" or chosen:
        return ""
    return ", ".join(setting.label or setting.name for setting in kind.settings if setting.secret and setting.written)


def register(app: AsyncApp, forms: Forms, work: Work) -> None:
    """Answer the controls inside the forms."""

    @app.action("type")
    async def on_type(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        work.spawn(_quietly(forms.choose_type(asked_by(body), body["view"])), "choose type")
        await ack()

    @app.action("form:test")
    async def on_test(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        work.spawn(_quietly(forms.test(asked_by(body), body["view"])), "test connection")
        await ack()


async def _quietly(job: Awaitable[None]) -> None:
    try:
        await job
    except SlackFailed as error:  # the person closed the form, or typed on: there is nothing to show it in
        log.info("form not redrawn", code=error.code)
