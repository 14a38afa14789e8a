"""The slash command: parse it, run it in the background, and report its errors."""

from collections.abc import Mapping

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.commands import commands
from bot.domain.commands.commands import Command
from bot.domain.commands.parser import parse_command
from bot.domain.errors import BotError, NotAllowed, UsageError
from bot.domain.lookup_errors import AmbiguousWarehouse
from bot.domain.policy import may_view_warehouses
from bot.domain.segment_errors import RateLimited
from bot.render.inventory import render_warehouse_choice
from bot.render.notices import render_error, render_help, render_notice
from bot.services.access_control import AccessControl
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.change_commands import ChangeCommandHandler
from bot.slack.handlers.read_commands import ReadCommandHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_slash_command

log = structlog.get_logger(__name__)

COMMAND_NAME = "/warehouse"

#: The longest Retry-After of Segment that a command waits for, in seconds. A response_url is valid for 30 minutes.
_MAX_WAIT = 300


class CommandHandler:
    """Parses commands, runs them, and reports every error privately to the person."""

    def __init__(
        self,
        access: AccessControl,
        read_commands: ReadCommandHandler,
        change_commands: ChangeCommandHandler,
        messenger: Messenger,
        background_tasks: BackgroundTasks,
    ) -> None:
        self._access = access
        self._read_commands = read_commands
        self._change_commands = change_commands
        self._messenger = messenger
        self._background_tasks = background_tasks

    async def run_text(self, text: str, interaction: Interaction) -> None:
        """Parse and run the text behind /warehouse, if the person may see warehouses."""
        try:
            await self._access.require_permission(
                may_view_warehouses, interaction.user_id, interaction.team_id, "command"
            )
            command = parse_command(text)
        except (UsageError, NotAllowed) as error:
            await self._messenger.reply_privately(interaction, render_error(error))
            return
        await self.run_command(command, interaction)

    async def run_command(self, command: Command, interaction: Interaction) -> None:
        """Run `command`."""
        name = type(command).__name__.lower()
        log.info("command", command=name, user=interaction.user_id, channel=interaction.channel_id)
        try:
            await self._run_with_retry(command, interaction)
        except AmbiguousWarehouse as error:
            choice = render_warehouse_choice(error.identifier, error.matches, name)
            await self._messenger.reply_privately(interaction, choice)
        except BotError as error:
            await self._messenger.reply_privately(interaction, render_error(error, command))
        except Exception:
            await self._messenger.reply_privately(
                interaction, render_notice("Something went wrong inside the bot; its log says what.")
            )
            raise

    async def _run_with_retry(self, command: Command, interaction: Interaction) -> None:
        """Run `command`; repeat a list or a warehouse once if Segment asks for a wait that is short enough."""
        try:
            await self._run(command, interaction)
        except RateLimited as error:
            seconds = error.retry_after
            if not isinstance(command, commands.List | commands.Show) or seconds is None or seconds > _MAX_WAIT:
                raise
            text = f"Segment asks us to wait {seconds:.0f} s. I'll post it here then."
            await self._messenger.reply_privately(interaction, render_notice(text))
            if not await self._background_tasks.sleep(seconds):
                text = "The bot is being restarted, so it won't come: ask again."
                await self._messenger.reply_privately(interaction, render_notice(text))
                return
            await self._run(command, interaction)

    async def _run(self, command: Command, interaction: Interaction) -> None:
        match command:
            case commands.Help(topic=topic):
                await self._messenger.reply_privately(interaction, render_help(topic))
            case commands.List() | commands.Show() | commands.Pending() | commands.History():
                await self._read_commands.run(command, interaction)
            case _:
                await self._change_commands.run(command, interaction)


def register_listeners(app: AsyncApp, handler: CommandHandler, background_tasks: BackgroundTasks) -> None:
    """Listen for /warehouse: acknowledge it at once, and run it in a background task."""

    @app.command(COMMAND_NAME)
    async def on_command(ack: AsyncAck, body: Mapping[str, object]) -> None:
        command = parse_slash_command(body)
        background_tasks.spawn(handler.run_text(command.text, command.interaction), "command")
        await ack()
