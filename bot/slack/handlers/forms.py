"""Opening the modals, and what their controls do while they are open."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import Target
from bot.domain.errors import BadValue, BotError, SlackFailed
from bot.domain.lookup_errors import NotFound
from bot.domain.policy import Action, may_enter
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.render.blocks import Message
from bot.render.form_answers import chosen_type, typed_secrets
from bot.render.forms import (
    Origin,
    View,
    create_view,
    error_view,
    loading_view,
    origin_of,
    update_view,
    with_blocks,
    with_note,
    with_type,
)
from bot.render.mrkdwn import said
from bot.render.notices import notice
from bot.render.secret_fields import Ways, label_of, received, with_erased, with_received
from bot.render.settings_editor import Problems
from bot.services.admission import Admission
from bot.services.approvals import Asking
from bot.services.connection_tests import Connections
from bot.services.inventory import Checks
from bot.services.one_time_secrets import Handovers
from bot.slack.background import Work
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import press_of

log = structlog.get_logger(__name__)

#: What a change in the form of a warehouse can come to.
_UPDATES = (Action.UPDATE, Action.RENAME, Action.ENABLE, Action.DISABLE)

_NEW, _CHANGE = "New warehouse", "Update warehouse"

_TOO_LATE = "Slack gives a form three seconds to open, and they were over. Ask again."


class Forms:
    """Opens the forms, and answers what happens inside them."""

    def __init__(
        self,
        checks: Checks,
        connections: Connections,
        asking: Asking,
        handovers: Handovers,
        admission: Admission,
        voice: Voice,
    ) -> None:
        self._handovers = handovers
        self._admission = admission
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

    async def open_like(self, asked: Asked, target: Target, follows: str) -> None:
        """Open the form for a new warehouse, filled with what was known of `target`, which `follows` deleted."""

        async def fill() -> View:
            spaces, types = await self._checks.spaces(), await self._checks.types()
            kind = self._checks.type_of(target.metadata_id, target.type_name)
            origin = Origin(channel=asked.channel, hook=asked.hook, follows=follows)
            view = create_view(spaces, types, origin, target.space, kind)
            return with_type(view, kind, await self._ways(asked), like=target, why=self._why(Action.CREATE))

        await self.open(asked, _NEW, fill)

    async def open_update(self, asked: Asked, wanted: str) -> None:
        """Open the form of the warehouse `wanted`."""

        async def fill() -> View:
            warehouse = await self._checks.find(wanted)
            origin = Origin(channel=asked.channel, hook=asked.hook)
            return update_view(warehouse, origin, await self._ways(asked), why=self._why(*_UPDATES))

        await self.open(asked, _CHANGE, fill)

    async def choose_type(self, asked: Asked, view: View) -> None:
        """Show the settings of the type that was just chosen. Raises SlackFailed."""
        if chosen := chosen_type(view):
            try:
                ways, why = await self._ways(asked), self._why(Action.CREATE)
                kind = self._checks.type_of(*chosen)
                drawn = with_type(view, kind, ways, why=why)
                there = await self._waiting(await self._actor(asked), str(view["id"]), kind)
                drawn = with_blocks(drawn, with_received(drawn, {key: _label(kind, key) for key in there}))
            except BotError as error:
                drawn = with_note(view, f"⚠️ {said(error)}")
            await self._voice.redraw(str(view["id"]), drawn)

    def kind_of(self, view: View) -> WarehouseType | None:
        """The type that the form `view` is about, if one is chosen."""
        if target := origin_of(view).target:
            return self._checks.type_of(target.metadata_id, target.type_name)
        chosen = chosen_type(view)
        return self._checks.type_of(*chosen) if chosen else None

    async def offered(self, actor: Actor) -> tuple[str, ...]:
        """The names of the secrets that `actor` may use."""
        return await self._connections.offered(actor)

    async def handed(self, actor: Actor, view: View, kind: WarehouseType) -> Mapping[str, SecretRef]:
        """What `actor` handed over for the form `view`, by key: on a one-time page, or typed in, which is kept now.

        Raises:
            Problems: what is typed can't be a secret, or what the form says it goes with is erased.
        """
        form = str(view["id"])
        typed = typed_secrets(view, kind) if self._handovers.typing else {}
        for key, value in typed.items():
            try:
                await self._handovers.typed(actor, form, field_of(kind, key), _label(kind, key), value)
            except BadValue as error:
                raise Problems({f"typed:{kind.metadata_id}:{key}": error.says}) from error
        waiting = await self._waiting(actor, form, kind, typed)
        if received(view) - waiting.keys():  # else the form would go without what it says it goes with
            raise Problems({}, "What was entered on the one-time page is erased.")
        return waiting

    async def _waiting(
        self, actor: Actor, form: str, kind: WarehouseType, typed: Collection[str] = ()
    ) -> Mapping[str, SecretRef]:
        """What goes with the form. What was typed once and is not among `typed` any more was taken back."""
        found = await self._handovers.waiting(actor, form)
        own = {key_of(field): ref for field, ref in found.items() if field == field_of(kind, key_of(field))}
        return {key: ref for key, ref in own.items() if ref.way == "page" or key in typed}

    async def refreshed(self, asked: Asked, view: View) -> View:
        """The form as it is, or where it tells of a value that is erased by now, one that says so."""
        keys, kind = received(view), self.kind_of(view)
        if not keys or kind is None:
            return view
        try:
            waiting = await self._waiting(await self._actor(asked), str(view["id"]), kind)
        except BotError:
            return view
        gone = keys - waiting.keys()
        return {**view, "blocks": with_erased(view, sorted(gone))} if gone else view

    async def _ways(self, asked: Asked) -> Ways:
        names = await self.offered(await self.admit(asked, "choose secrets"))
        return Ways(names, self._handovers.linking, self._handovers.typing)

    async def admit(self, asked: Asked, action: str) -> Actor:
        """Who asked, if they may use forms. Raises NotAllowed; the attempt at `action` is then in the audit trail."""
        return await self._admission.demand(may_enter, asked.user, asked.team, action)

    async def _actor(self, asked: Asked) -> Actor:
        return await self._admission.actor(asked.user, asked.team)

    def _why(self, *actions: Action) -> bool:
        return self._asking.waits(*actions)

    async def open(self, asked: Asked, title: str, fill: Callable[[], Awaitable[View]]) -> None:
        """Open a modal at once, and fill it when `fill` has what it needs; its errors are shown in it."""
        try:
            view_id = await self._voice.open(asked, loading_view(title))
        except SlackFailed as error:
            log.warning("form not opened", user=asked.user, code=error.code)
            await self._voice.answer(asked, _late(error))
            return
        try:
            await self.admit(asked, f"open {title.casefold()}")
            view = await fill()
        except BotError as error:
            view = error_view(title, error)
        try:
            await self._voice.redraw(view_id, view)
        except SlackFailed as error:
            if error.code != "not_found":  # which Slack says of a form that was closed while it was being filled
                raise
            log.info("form closed", user=asked.user)


def field_of(kind: WarehouseType | None, key: str) -> str:
    """The field for the setting `key` of a form about `kind`: another type's `password` is another field."""
    return f"{kind.metadata_id if kind else ''}:{key}"


def key_of(field: str) -> str:
    """The setting that `field` is for."""
    return field.partition(":")[2]


def _label(kind: WarehouseType, key: str) -> str:
    setting = kind.setting(key)
    return label_of(setting) if setting else key


def _late(error: SlackFailed) -> Message:
    return notice(_TOO_LATE if "trigger" in error.code else said(error))


def register(app: AsyncApp, forms: Forms, work: Work) -> None:
    """Answer the controls inside the forms."""

    @app.action("type")
    async def on_type(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = press_of(body)
        work.spawn(quietly(forms.choose_type(press.asked, press.view)), "choose type")
        await ack()


async def quietly(job: Awaitable[None]) -> None:
    """Redraw a form, or leave it where Slack does not take it any more."""
    try:
        await job
    except SlackFailed as error:  # the person closed the form, or typed on: there is nothing to show it in
        log.info("form not redrawn", code=error.code)
