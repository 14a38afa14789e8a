"""Handing a secret over from an open form: the link to its one-time page, and that its value has come."""

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.errors import BadValue, BotError, SlackFailed
from bot.domain.one_time_secrets import Handover
from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import answers
from bot.render.forms import View, origin_of, with_blocks, with_note
from bot.render.mrkdwn import bare, said
from bot.render.secret_fields import ASK_FOR_PAGE, label_of, with_link, with_received, without_links
from bot.services.one_time_secrets import Handovers
from bot.services.ports import HandoverKeeping
from bot.slack.background import Work
from bot.slack.handlers.forms import Forms, field_of, key_of
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import hash_of, press_of

log = structlog.get_logger(__name__)


class Handing:
    """Draws links into forms, and what came by them. `kept` remembers how, since the page may be another process's."""

    def __init__(self, forms: Forms, handovers: Handovers, kept: HandoverKeeping, voice: Voice) -> None:
        self._forms = forms
        self._handovers = handovers
        self._kept = kept
        self._voice = voice

    async def link(self, asked: Asked, view: View, key: str) -> None:
        """Show in the form the address of a page for the setting `key`. Raises SlackFailed."""
        view_id, seen = str(view["id"]), hash_of(view)
        try:
            drawn = await self._linked(asked, view, key)
        except BotError as error:
            await self._voice.redraw(view_id, with_note(view, f"⚠️ {said(error)}", on_top=True), seen)
            return
        await self._draw(view_id, drawn, seen)

    async def _linked(self, asked: Asked, view: View, key: str) -> View:
        actor, kind = await self._forms.admit(asked, "one-time page"), self._forms.kind_of(view)
        setting = kind.setting(key) if kind else None
        if setting is None or not self._handovers.linking:
            raise BadValue("This button is of an earlier form. Choose the type again, or open the form again.")
        label, field = label_of(setting), field_of(kind, key)
        handover, url = await self._handovers.offer(actor, str(view["id"]), field, label, _about(view, kind))
        return with_blocks(view, with_link(view, key, label, url, handover.until))

    async def show_received(self, handover: Handover) -> None:
        """Show in the form that a value has come. Never raises: submitting finds it without that, too."""
        try:
            if kept := await self._kept.drawn(handover.form):
                last = json.loads(kept)
                blocks = with_received(last["view"], {key_of(handover.key): handover.label})
                await self._draw(handover.form, with_blocks(last["view"], blocks), last["hash"])
        except BotError as error:  # the person has closed the form, or something else was drawn into it since
            log.info("form not redrawn", error=type(error).__name__)

    async def _draw(self, form: str, drawn: View, seen: str | None) -> None:
        now = await self._voice.redraw(form, drawn, seen)
        kept = with_blocks(drawn, without_links(drawn))  # so that the database holds no link that works
        await self._kept.drew(form, json.dumps({"view": self._voice.shown(kept), "hash": now}))


def _about(view: View, kind: WarehouseType | None) -> str:
    """What the form is for, in plain words."""
    target = origin_of(view).target
    name = target.name if target else answers(view).typed.get("name", "").strip()
    what = f"{kind.name} warehouse" if kind else "warehouse"
    return f"the {what} “{bare(name)}”" if name else f"a new {what}"


def register(app: AsyncApp, handing: Handing, work: Work) -> None:
    """Answer the buttons for one-time pages."""

    @app.action(re.compile(re.escape(ASK_FOR_PAGE) + ".+"))
    async def on_page(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = press_of(body)
        work.spawn(_quietly(handing, press.asked, press.view, press.value), "one-time page")
        await ack()

    @app.action("form:page")
    async def on_opened(ack: AsyncAck) -> None:
        await ack()  # the browser has opened it; Slack only tells


async def _quietly(handing: Handing, asked: Asked, view: View, key: str) -> None:
    try:
        await handing.link(asked, view, key)
    except SlackFailed as error:  # the person closed the form, or it was drawn anew meanwhile
        log.info("form not redrawn", code=error.code)
