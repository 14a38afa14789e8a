"""Buttons and menus on messages: deciding a request, turning a list's page, running a command."""

from collections.abc import Awaitable, Callable, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain import commands as spoken
from bot.domain.actors import Actor, Kind
from bot.domain.commands import parse
from bot.domain.errors import BotError
from bot.domain.policy import may_look
from bot.domain.requests import Card, Stored
from bot.render.notices import error_message, notice
from bot.services.asking import Asking
from bot.services.driver import Driver
from bot.services.ports import Directory
from bot.slack.commands import Commands
from bot.slack.directory import SlackDirectory
from bot.slack.voice import Asked, Voice
from bot.slack.work import Work, within

#: Seconds of Slack's three that a press waits to be stored before it is acknowledged.
_STORE_WITHIN = 2.0

Decide = Callable[[str, Actor], Awaitable[Stored]]


class Decisions:
    """Approve, deny and cancel: stored before the ack, carried out after it."""

    def __init__(self, asking: Asking, driver: Driver, directory: Directory, voice: Voice, work: Work) -> None:
        self._driver = driver
        self._directory = directory
        self._voice = voice
        self._work = work
        self._moves: Mapping[str, Decide] = {
            "approve": asking.approve,
            "deny": asking.deny,
            "cancel": asking.cancel,
        }

    async def press(self, name: str, request_id: str, asked: Asked) -> None:
        """Take the press of the button `name`; returns once it is stored, or after two seconds."""
        task = self._work.spawn(self._decide(self._moves[name], request_id, asked), name)
        await within(task, _STORE_WITHIN)

    async def _decide(self, move: Decide, request_id: str, asked: Asked) -> None:
        try:
            actor = await self._directory.actor(asked.user, asked.team)
            stored = await move(request_id, actor)
        except BotError as error:
            await self._voice.answer(asked, error_message(error))
            return
        self._work.spawn(self._carry_on(stored.request.id, asked), "carry on")

    async def _carry_on(self, request_id: str, asked: Asked) -> None:
        try:
            await self._driver.drive(request_id)
        except BotError as error:
            await self._voice.answer(asked, error_message(error))


class Pages:
    """Turns the pages of a list, in place."""

    def __init__(self, commands: Commands, voice: Voice) -> None:
        self._commands = commands
        self._voice = voice

    async def turn(self, text: str, asked: Asked, seen: Card | None) -> None:
        """Show the page that `text` asks for: in the message `seen`, or in the ephemeral that was pressed."""
        command = parse(text)
        assert isinstance(command, spoken.List)
        try:
            message = await self._commands.turn(command)
            if seen:
                await self._voice.update(seen, message)
            else:
                await self._voice.answer(asked, message, replace=True)
        except BotError as error:
            await self._voice.answer(asked, error_message(error))


def register(
    app: AsyncApp,
    decisions: Decisions,
    pages: Pages,
    commands: Commands,
    directory: SlackDirectory,
    voice: Voice,
    work: Work,
) -> None:
    """Answer presses on messages."""

    def refuse(asked: Asked) -> bool:
        if not directory.outsider(asked.team):
            return False
        work.spawn(voice.answer(asked, notice(may_look(Kind.OUTSIDER).reason)), "refuse")
        return True

    @app.action(pattern("^(approve|deny|cancel)$"))
    async def on_decision(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        action = body["actions"][0]
        await decisions.press(action["action_id"], action["value"], asked_by(body))
        await ack()

    @app.action(pattern("^page:(previous|next|refresh)$"))
    async def on_page(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        asked = asked_by(body)
        if not refuse(asked):
            work.spawn(pages.turn(body["actions"][0]["value"], asked, message_of(body)), "page")
        await ack()

    @app.action(pattern("^run:"))
    async def on_run(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        asked = asked_by(body)
        if not refuse(asked):
            work.spawn(commands.read(body["actions"][0]["value"], asked), "run")
        await ack()

    @app.action("menu")
    async def on_menu(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        asked = asked_by(body)
        if not refuse(asked):
            work.spawn(commands.read(body["actions"][0]["selected_option"]["value"], asked), "menu")
        await ack()


def asked_by(body: Mapping[str, Any]) -> Asked:
    """Who pressed, and how to answer them."""
    return Asked(
        user=body["user"]["id"],
        team=body["user"].get("team_id"),
        channel=(body.get("channel") or {}).get("id") or body["user"]["id"],
        trigger=body["trigger_id"],
        hook=body.get("response_url"),
    )


def message_of(body: Mapping[str, Any]) -> Card | None:
    """The message whose button was pressed, unless it is an ephemeral, which only a response_url can replace."""
    container = body.get("container") or {}
    if container.get("type") != "message" or container.get("is_ephemeral"):
        return None
    return Card(channel=container["channel_id"], ts=container["message_ts"])
