"""Links to one-time pages in open forms, and the marks at settings whose secrets were received there."""

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BotError, InvalidSecretValue
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.policy import check_membership
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import read_answers
from bot.render.forms import View, add_note, read_form_context, replace_blocks
from bot.render.mrkdwn import format_plain_name
from bot.render.phrases import format_error
from bot.render.secret_fields import (
    SECRET_LINK_ACTION_PREFIX,
    add_secret_link,
    field_label,
    mark_received,
    remove_secret_links,
)
from bot.services.access_control import AccessControl
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import OneTimeSecretStore
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.form_fields import build_field_key, find_form_type, parse_setting_key
from bot.slack.handlers.modals import ignore_closed_form
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import get_view_hash, parse_block_action

log = structlog.get_logger(__name__)


class SecretLinkHandler:
    """Shows links in forms, and which secrets the forms have received.

    The store holds each form as last shown, because another process may serve the one-time page.
    """

    def __init__(
        self,
        inventory: Inventory,
        one_time_secrets: OneTimeSecrets,
        store: OneTimeSecretStore,
        access: AccessControl,
        messenger: Messenger,
    ) -> None:
        self._inventory = inventory
        self._one_time_secrets = one_time_secrets
        self._store = store
        self._access = access
        self._messenger = messenger

    async def show_secret_link(self, interaction: Interaction, view: View, key: str) -> None:
        """Show in the form a link to the one-time page for the setting `key`. Raises SlackFailed."""
        view_id, view_hash = str(view["id"]), get_view_hash(view)
        try:
            updated = await self._add_link(interaction, view, key)
        except BotError as error:
            noted = add_note(view, f"⚠️ {format_error(error)}", on_top=True)
            await self._messenger.update_modal(view_id, noted, view_hash)
            return
        await self._update_form(view_id, updated, view_hash)

    async def show_secret_received(self, secret: OneTimeSecret) -> None:
        """Show in the form that `secret` was received. Never raises: submitting the form finds the secret anyway."""
        try:
            if stored := await self._store.get_form_view(secret.form):
                last = json.loads(stored)
                blocks = mark_received(last["view"], {parse_setting_key(secret.key): secret.label})
                await self._update_form(secret.form, replace_blocks(last["view"], blocks), last["hash"])
        except BotError as error:  # the person has closed the form, or it has changed since
            log.info("form not updated", error=type(error).__name__)

    async def _add_link(self, interaction: Interaction, view: View, key: str) -> View:
        actor = await self._access.require_permission(
            check_membership, interaction.user_id, interaction.team_id, "one-time page"
        )
        warehouse_type = find_form_type(self._inventory, view)
        setting = warehouse_type.find_setting(key) if warehouse_type else None
        if setting is None or not self._one_time_secrets.has_secret_page:
            raise InvalidSecretValue(
                "This button is of an earlier form. Choose the type again, or open the form again."
            )
        label, field_key = field_label(setting), build_field_key(warehouse_type, key)
        secret, url = await self._one_time_secrets.create_link(
            actor, str(view["id"]), field_key, label, _describe_form(view, warehouse_type)
        )
        return replace_blocks(view, add_secret_link(view, key, label, url, secret.until))

    async def _update_form(self, view_id: str, view: View, view_hash: str | None) -> None:
        new_hash = await self._messenger.update_modal(view_id, view, view_hash)
        without_links = replace_blocks(view, remove_secret_links(view))  # the database must not hold a working link
        document = {"view": self._messenger.scrub_view(without_links), "hash": new_hash}
        await self._store.save_form_view(view_id, json.dumps(document))


def _describe_form(view: View, warehouse_type: WarehouseType | None) -> str:
    """Return what the form is for, in words for the one-time page."""
    target = read_form_context(view).target
    name = target.name if target else read_answers(view).values.get("name", "").strip()
    noun = f"{warehouse_type.name} warehouse" if warehouse_type else "warehouse"
    return f"the {noun} “{format_plain_name(name)}”" if name else f"a new {noun}"


def register_listeners(app: AsyncApp, secret_links: SecretLinkHandler, background_tasks: BackgroundTasks) -> None:
    """Listen for the buttons that ask for a link, and for the link itself."""

    @app.action(re.compile(re.escape(SECRET_LINK_ACTION_PREFIX) + ".+"))
    async def on_request_link(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        job = secret_links.show_secret_link(press.interaction, press.view, press.value)
        background_tasks.spawn(ignore_closed_form(job), "one-time page")
        await ack()

    @app.action("form:page")
    async def on_open_link(ack: AsyncAck) -> None:
        await ack()  # the browser opens the link; Slack only reports the click
