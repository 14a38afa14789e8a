"""Opening the modals, and what their controls do while they are open."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import WarehouseSnapshot
from bot.domain.errors import BotError, InvalidSecretValue, SlackFailed
from bot.domain.lookup_errors import NotFound
from bot.domain.policy import Action, check_membership
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.render.blocks import Message
from bot.render.form_answers import read_chosen_type, read_typed_secrets
from bot.render.forms import (
    FormContext,
    View,
    add_note,
    add_type_fields,
    read_form_context,
    render_create_form,
    render_error_modal,
    render_loading_modal,
    render_update_form,
    replace_blocks,
)
from bot.render.mrkdwn import format_error
from bot.render.notices import render_notice
from bot.render.secret_fields import SecretInputOptions, field_label, mark_erased, mark_received, read_received_keys
from bot.render.settings_editor import FormErrors
from bot.services.admission import AccessControl
from bot.services.approvals import Approvals
from bot.services.connection_tests import ConnectionTester
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.slack.background import BackgroundTasks
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_block_action

log = structlog.get_logger(__name__)

#: What a change in the form of a warehouse can come to.
_UPDATES = (Action.UPDATE, Action.RENAME, Action.ENABLE, Action.DISABLE)

_NEW, _CHANGE = "New warehouse", "Update warehouse"

_TOO_LATE = "Slack gives a form three seconds to open, and they were over. Ask again."


class FormHandler:
    """Opens the forms, and answers what happens inside them."""

    def __init__(
        self,
        checks: Inventory,
        connections: ConnectionTester,
        asking: Approvals,
        handovers: OneTimeSecrets,
        admission: AccessControl,
        voice: Messenger,
    ) -> None:
        self._handovers = handovers
        self._admission = admission
        self._checks = checks
        self._asking = asking
        self._connections = connections
        self._voice = voice

    async def open_create_form(self, asked: Interaction, space: str | None) -> None:
        """Open the form for a new warehouse; a trigger lives 3 s, so it opens empty and is filled then."""

        async def fill() -> View:
            spaces, types = await self._checks.list_spaces(), await self._checks.list_types()
            if not spaces or not types:
                raise NotFound("warehouse type" if spaces else "space", space or "any")
            chosen = await self._checks.find_space(space) if space else None
            return render_create_form(
                spaces, types, FormContext(channel=asked.channel_id, hook=asked.response_url), chosen
            )

        await self.open_and_fill_modal(asked, _NEW, fill)

    async def open_recreate_form(self, asked: Interaction, target: WarehouseSnapshot, follows: str) -> None:
        """Open the form for a new warehouse, filled with what was known of `target`, which `follows` deleted."""

        async def fill() -> View:
            spaces, types = await self._checks.list_spaces(), await self._checks.list_types()
            kind = self._checks.get_type(target.metadata_id, target.type_name)
            origin = FormContext(channel=asked.channel_id, hook=asked.response_url, follows=follows)
            view = render_create_form(spaces, types, origin, target.space, kind)
            return add_type_fields(
                view, kind, await self._ways(asked), template=target, has_reason_field=self._why(Action.CREATE)
            )

        await self.open_and_fill_modal(asked, _NEW, fill)

    async def open_update_form(self, asked: Interaction, wanted: str) -> None:
        """Open the form of the warehouse `wanted`."""

        async def fill() -> View:
            warehouse = await self._checks.find_warehouse(wanted)
            origin = FormContext(channel=asked.channel_id, hook=asked.response_url)
            return render_update_form(warehouse, origin, await self._ways(asked), has_reason_field=self._why(*_UPDATES))

        await self.open_and_fill_modal(asked, _CHANGE, fill)

    async def show_type_settings(self, asked: Interaction, view: View) -> None:
        """Show the settings of the type that was just chosen. Raises SlackFailed."""
        if chosen := read_chosen_type(view):
            try:
                ways, why = await self._ways(asked), self._why(Action.CREATE)
                kind = self._checks.get_type(*chosen)
                drawn = add_type_fields(view, kind, ways, has_reason_field=why)
                there = await self._waiting(await self._actor(asked), str(view["id"]), kind)
                drawn = replace_blocks(drawn, mark_received(drawn, {key: _label(kind, key) for key in there}))
            except BotError as error:
                drawn = add_note(view, f"⚠️ {format_error(error)}")
            await self._voice.update_modal(str(view["id"]), drawn)

    def get_warehouse_type(self, view: View) -> WarehouseType | None:
        """The type that the form `view` is about, if one is chosen."""
        if target := read_form_context(view).target:
            return self._checks.get_type(target.metadata_id, target.type_name)
        chosen = read_chosen_type(view)
        return self._checks.get_type(*chosen) if chosen else None

    async def list_allowed_secrets(self, actor: Actor) -> tuple[str, ...]:
        """The names of the secrets that `actor` may use."""
        return await self._connections.list_usable_secrets(actor)

    async def collect_one_time_secrets(self, actor: Actor, view: View, kind: WarehouseType) -> Mapping[str, SecretRef]:
        """What `actor` handed over for the form `view`, by key: on a one-time page, or typed in, which is kept now.

        Raises:
            Problems: what is typed can't be a secret, or what the form says it goes with is erased.
        """
        form = str(view["id"])
        typed = read_typed_secrets(view, kind) if self._handovers.can_type_secrets else {}
        for key, value in typed.items():
            try:
                await self._handovers.save_typed_value(
                    actor, form, build_field_key(kind, key), _label(kind, key), value
                )
            except InvalidSecretValue as error:
                raise FormErrors({f"typed:{kind.metadata_id}:{key}": error.user_message}) from error
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


def build_field_key(kind: WarehouseType | None, key: str) -> str:
    """The field for the setting `key` of a form about `kind`: another type's `password` is another field."""
    return f"{kind.metadata_id if kind else ''}:{key}"


def parse_setting_key(field: str) -> str:
    """The setting that `field` is for."""
    return field.partition(":")[2]


def _label(kind: WarehouseType, key: str) -> str:
    setting = kind.find_setting(key)
    return field_label(setting) if setting else key


def _late(error: SlackFailed) -> Message:
    return render_notice(_TOO_LATE if "trigger" in error.code else format_error(error))


def register_listeners(app: AsyncApp, forms: FormHandler, work: BackgroundTasks) -> None:
    """Answer the controls inside the forms."""

    @app.action("type")
    async def on_type(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        work.spawn(ignore_closed_form(forms.show_type_settings(press.interaction, press.view)), "choose type")
        await ack()


async def ignore_closed_form(job: Awaitable[None]) -> None:
    """Redraw a form, or leave it where Slack does not take it any more."""
    try:
        await job
    except SlackFailed as error:  # the person closed the form, or typed on: there is nothing to show it in
        log.info("form not redrawn", code=error.code)
