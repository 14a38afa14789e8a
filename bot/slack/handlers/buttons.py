"""Buttons and menus on messages: turning a list's page, running a command, going on from what has ended."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.commands import commands as spoken
from bot.domain.commands.parser import parse
from bot.domain.policy import may_enter, may_look
from bot.domain.requests.request import Card
from bot.services.admission import Admission, May
from bot.slack.background import Work
from bot.slack.handlers.commands import Commands
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import Press, press_of


class Pages:
    """Turns the pages of a list, in place."""

    def __init__(self, commands: Commands, voice: Voice) -> None:
        self._commands = commands
        self._voice = voice

    async def turn(self, text: str, asked: Asked, seen: Card | None) -> None:
        """Show the page that `text` asks for: in the message `seen`, or in the ephemeral that was pressed."""
        command = parse(text)
        assert isinstance(command, spoken.List)
        message = await self._commands.turn(command)
        if seen:
            await self._voice.update(seen, message)
        else:
            await self._voice.answer(asked, message, replace=True)


Act = Callable[[Press, Asked], Coroutine[object, object, None]]


def register(app: AsyncApp, pages: Pages, commands: Commands, admission: Admission, voice: Voice, work: Work) -> None:
    """Answer presses on messages. A shared channel shows them to people of other companies, too, who are refused."""

    def pressed(act: Act, may: May | None) -> Callable[..., Awaitable[None]]:
        """Do `act` for those whom `may` lets; None where `act` sees to that by itself."""

        async def run(press: Press, asked: Asked) -> None:
            if may is not None:
                await admission.demand(may, asked.user, asked.team, press.action_id, _request_id(press))
            await act(press, asked)

        async def on_press(ack: AsyncAck, body: Mapping[str, Any]) -> None:
            press = press_of(body)
            asked = press.asked
            work.spawn(voice.telling(asked, run(press, asked)), press.action_id)
            await ack()

        return on_press

    app.action(pattern("^page:(previous|next|refresh)$"))(
        pressed(lambda press, asked: pages.turn(press.value, asked, press.message), may_look)
    )
    app.action(pattern("^run:"))(pressed(lambda press, asked: commands.read(press.value, asked), None))
    app.action("menu")(pressed(lambda press, asked: commands.read(press.value, asked), None))
    app.action("again")(pressed(lambda press, asked: commands.ask_again(press.value, asked), may_enter))
    app.action("recreate")(pressed(lambda press, asked: commands.recreate(press.value, asked), may_enter))
    app.action("settle")(pressed(lambda press, asked: commands.settle(press.value, asked), may_enter))
    app.action("undo")(pressed(lambda press, asked: commands.undo(press.value, asked), may_enter))


def _request_id(press: Press) -> str:
    return "" if press.action_id.startswith("page:") else press.value
