"""Buttons and menus on messages: turning a list's page, running a command, going on from what has ended."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.commands import commands as spoken
from bot.domain.commands.parser import parse_command
from bot.domain.policy import check_membership, may_view_warehouses
from bot.domain.requests.request import Card
from bot.services.admission import AccessControl, PermissionCheck
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.commands import CommandHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import BlockAction, parse_block_action


class ListPageHandler:
    """Turns the pages of a list, in place."""

    def __init__(self, commands: CommandHandler, voice: Messenger) -> None:
        self._commands = commands
        self._voice = voice

    async def show_page(self, text: str, asked: Interaction, seen: Card | None) -> None:
        """Show the page that `text` asks for: in the message `seen`, or in the ephemeral that was pressed."""
        command = parse_command(text)
        assert isinstance(command, spoken.List)
        message = await self._commands.build_list_message(command)
        if seen:
            await self._voice.update_message(seen, message)
        else:
            await self._voice.reply_privately(asked, message, replace_original=True)


ButtonHandler = Callable[[BlockAction, Interaction], Coroutine[object, object, None]]


def register_listeners(
    app: AsyncApp,
    pages: ListPageHandler,
    commands: CommandHandler,
    admission: AccessControl,
    voice: Messenger,
    work: BackgroundTasks,
) -> None:
    """Answer presses on messages. A shared channel shows them to people of other companies, too, who are refused."""

    def pressed(act: ButtonHandler, may: PermissionCheck | None) -> Callable[..., Awaitable[None]]:
        """Do `act` for those whom `may` lets; None where `act` sees to that by itself."""

        async def run(press: BlockAction, asked: Interaction) -> None:
            if may is not None:
                await admission.require_permission(
                    may, asked.user_id, asked.team_id, press.action_id, _request_id(press)
                )
            await act(press, asked)

        async def on_press(ack: AsyncAck, body: Mapping[str, Any]) -> None:
            press = parse_block_action(body)
            asked = press.interaction
            work.spawn(voice.run_and_report_errors(asked, run(press, asked)), press.action_id)
            await ack()

        return on_press

    app.action(pattern("^page:(previous|next|refresh)$"))(
        pressed(lambda press, asked: pages.show_page(press.value, asked, press.message), may_view_warehouses)
    )
    app.action(pattern("^run:"))(pressed(lambda press, asked: commands.run_text(press.value, asked), None))
    app.action("menu")(pressed(lambda press, asked: commands.run_text(press.value, asked), None))
    app.action("again")(pressed(lambda press, asked: commands.request_again(press.value, asked), check_membership))
    app.action("recreate")(
        pressed(lambda press, asked: commands.open_recreate_form(press.value, asked), check_membership)
    )
    app.action("settle")(
        pressed(lambda press, asked: commands.open_settle_dialog(press.value, asked), check_membership)
    )
    app.action("undo")(pressed(lambda press, asked: commands.open_undo_dialog(press.value, asked), check_membership))


def _request_id(press: BlockAction) -> str:
    return "" if press.action_id.startswith("page:") else press.value
