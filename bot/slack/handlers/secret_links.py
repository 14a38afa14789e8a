"""Handing a secret over from an open form: the link to its one-time page, and that its value has come."""

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BotError, InvalidSecretValue, SlackFailed
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import read_answers
from bot.render.forms import View, add_note, read_form_context, replace_blocks
from bot.render.mrkdwn import format_error, format_plain_name
from bot.render.secret_fields import (
    SECRET_LINK_ACTION_PREFIX,
    add_secret_link,
    field_label,
    mark_received,
    remove_secret_links,
)
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import OneTimeSecretStore
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.forms import FormHandler, build_field_key, parse_setting_key
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import get_view_hash, parse_block_action

log = structlog.get_logger(__name__)


class SecretLinkHandler:
    """Draws links into forms, and what came by them. `kept` remembers how, since the page may be another process's."""

    def __init__(
        self, forms: FormHandler, handovers: OneTimeSecrets, kept: OneTimeSecretStore, voice: Messenger
    ) -> None:
        self._forms = forms
        self._handovers = handovers
        self._kept = kept
        self._voice = voice

    async def show_secret_link(self, asked: Interaction, view: View, key: str) -> None:
        """Show in the form the address of a page for the setting `key`. Raises SlackFailed."""
        view_id, seen = str(view["id"]), get_view_hash(view)
        try:
            drawn = await self._linked(asked, view, key)
        except BotError as error:
            await self._voice.update_modal(view_id, add_note(view, f"⚠️ {format_error(error)}", on_top=True), seen)
            return
        await self._draw(view_id, drawn, seen)

    async def _linked(self, asked: Interaction, view: View, key: str) -> View:
        actor, kind = await self._forms.authorize_actor(asked, "one-time page"), self._forms.get_warehouse_type(view)
        setting = kind.find_setting(key) if kind else None
        if setting is None or not self._handovers.has_secret_page:
            raise InvalidSecretValue(
                "This button is of an earlier form. Choose the type again, or open the form again."
            )
        label, field = field_label(setting), build_field_key(kind, key)
        handover, url = await self._handovers.create_link(actor, str(view["id"]), field, label, _about(view, kind))
        return replace_blocks(view, add_secret_link(view, key, label, url, handover.until))

    async def show_secret_received(self, secret: OneTimeSecret) -> None:
        """Show in the form that a value has come. Never raises: submitting finds it without that, too."""
        try:
            if kept := await self._kept.get_form_view(secret.form):
                last = json.loads(kept)
                blocks = mark_received(last["view"], {parse_setting_key(secret.key): secret.label})
                await self._draw(secret.form, replace_blocks(last["view"], blocks), last["hash"])
        except BotError as error:  # the person has closed the form, or something else was drawn into it since
            log.info("form not redrawn", error=type(error).__name__)

    async def _draw(self, form: str, drawn: View, seen: str | None) -> None:
        now = await self._voice.update_modal(form, drawn, seen)
        kept = replace_blocks(drawn, remove_secret_links(drawn))  # so that the database holds no link that works
        await self._kept.save_form_view(form, json.dumps({"view": self._voice.scrub_view(kept), "hash": now}))


def _about(view: View, kind: WarehouseType | None) -> str:
    """What the form is for, in plain words."""
    target = read_form_context(view).target
    name = target.name if target else read_answers(view).values.get("name", "").strip()
    what = f"{kind.name} warehouse" if kind else "warehouse"
    return f"the {what} “{format_plain_name(name)}”" if name else f"a new {what}"


def register_listeners(app: AsyncApp, handing: SecretLinkHandler, work: BackgroundTasks) -> None:
    """Answer the buttons for one-time pages."""

    @app.action(re.compile(re.escape(SECRET_LINK_ACTION_PREFIX) + ".+"))
    async def on_page(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        work.spawn(_quietly(handing, press.interaction, press.view, press.value), "one-time page")
        await ack()

    @app.action("form:page")
    async def on_opened(ack: AsyncAck) -> None:
        await ack()  # the browser has opened it; Slack only tells


async def _quietly(handing: SecretLinkHandler, asked: Interaction, view: View, key: str) -> None:
    try:
        await handing.show_secret_link(asked, view, key)
    except SlackFailed as error:  # the person closed the form, or it was drawn anew meanwhile
        log.info("form not redrawn", code=error.code)
