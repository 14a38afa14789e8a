"""Buttons and menus on messages: turn the page of a list, run a command, or continue from an ended request."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from re import compile as pattern
from typing import Any, NamedTuple

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.commands.commands import List
from bot.domain.commands.parser import parse_command
from bot.domain.policy import check_membership, may_view_warehouses
from bot.domain.requests.request import Card
from bot.services.access_control import AccessControl, PermissionCheck
from bot.slack.handlers.commands import CommandHandler
from bot.slack.handlers.forms import FormHandler
from bot.slack.handlers.read_commands import ReadCommandHandler
from bot.slack.handlers.reason_dialogs import ReasonDialogHandler
from bot.slack.handlers.repeats import RepeatHandler
from bot.slack.handlers.settle_dialogs import SettleDialogHandler
from bot.slack.interaction_tasks import InteractionTasks
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import BlockAction, parse_block_action

ButtonHandler = Callable[[BlockAction, Interaction], Coroutine[object, object, None]]


class ListPageHandler:
    """Replaces a page of a list with another page."""

    def __init__(self, read_commands: ReadCommandHandler, messenger: Messenger) -> None:
        self._read_commands = read_commands
        self._messenger = messenger

    async def show_page(self, text: str, interaction: Interaction, clicked_message: Card | None) -> None:
        """Show the page that the command `text` names, in place of the clicked message.

        `clicked_message` is None for an ephemeral message, which only its response_url can replace. Raises BotError.
        """
        command = parse_command(text)
        assert isinstance(command, List)
        message = await self._read_commands.build_list_message(command)
        if clicked_message:
            await self._messenger.update_message(clicked_message, message)
        else:
            await self._messenger.reply_privately(interaction, message, replace_original=True)


class ButtonHandlers(NamedTuple):
    """The handlers that buttons on messages lead to."""

    list_pages: ListPageHandler
    commands: CommandHandler
    repeats: RepeatHandler
    forms: FormHandler
    reason_dialogs: ReasonDialogHandler
    settle_dialogs: SettleDialogHandler


class ButtonListeners:
    """Builds listeners that check the person's permission and then run a handler in a background task."""

    def __init__(self, access: AccessControl, interaction_tasks: InteractionTasks) -> None:
        self._access = access
        self._interaction_tasks = interaction_tasks

    def build(self, handle: ButtonHandler, check: PermissionCheck | None) -> Callable[..., Awaitable[None]]:
        """Return a listener for people who pass `check`; None if `handle` checks the permission itself."""

        async def run(press: BlockAction, interaction: Interaction) -> None:
            if check is not None:
                await self._access.require_permission(
                    check, interaction.user_id, interaction.team_id, press.action_id, _find_request_id(press)
                )
            await handle(press, interaction)

        async def on_press(ack: AsyncAck, body: Mapping[str, Any]) -> None:
            press = parse_block_action(body)
            self._interaction_tasks.start(press.interaction, run(press, press.interaction), press.action_id)
            await ack()

        return on_press


def register_listeners(app: AsyncApp, handlers: ButtonHandlers, listeners: ButtonListeners) -> None:
    """Listen for buttons on messages. In a shared channel, people of other companies see them too, and are refused."""

    def listen(action_id: Any, handle: ButtonHandler, check: PermissionCheck | None) -> None:
        app.action(action_id)(listeners.build(handle, check))

    def run_text(press: BlockAction, interaction: Interaction) -> Coroutine[object, object, None]:
        return handlers.commands.run_text(press.value, interaction)

    def show_page(press: BlockAction, interaction: Interaction) -> Coroutine[object, object, None]:
        return handlers.list_pages.show_page(press.value, interaction, press.message)

    listen(pattern("^page:(previous|next|refresh)$"), show_page, may_view_warehouses)
    listen(pattern("^run:"), run_text, None)
    listen("menu", run_text, None)
    for action_id, handle in {
        "again": handlers.repeats.request_again,
        "recreate": handlers.forms.open_recreate_form,
        "settle": handlers.settle_dialogs.open,
        "undo": handlers.reason_dialogs.open_undo_dialog,
    }.items():
        listen(action_id, _pass_request_id(handle), check_membership)


def _pass_request_id(handle: Callable[[str, Interaction], Coroutine[object, object, None]]) -> ButtonHandler:
    return lambda press, interaction: handle(press.value, interaction)


def _find_request_id(press: BlockAction) -> str:
    return "" if press.action_id.startswith("page:") else press.value
