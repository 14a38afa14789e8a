"""Messages to one person: help, usage, and errors."""

from collections.abc import Sequence

from bot.domain.commands import commands
from bot.domain.commands.commands import Command
from bot.domain.commands.parser import COMMAND_SPECS, format_command
from bot.domain.errors import BotError, ChannelInaccessible, UsageError
from bot.domain.lookup_errors import NotFound
from bot.render.blocks import Block, Message, actions, button, context, render_message, section
from bot.render.mrkdwn import escape
from bot.render.phrases import format_error

EXAMPLES = (
    "list prod --type snowflake",
    "show prod-snowflake",
    "list --find crm --private",
)


def render_help(topic: str | None = None) -> Message:
    """Return every command with its summary, or the usage of one."""
    if topic:
        return render_message([section(format_usage(topic))])
    lines = [f"`/warehouse {escape(spec.usage)}` — {spec.summary}" for spec in COMMAND_SPECS.values()]
    examples = " · ".join(f"`/warehouse {escape(example)}`" for example in EXAMPLES)
    return render_message(
        [
            section("*Profiles Sync warehouses, from Slack*"),
            section("\n".join(lines)),
            context(f"WAREHOUSE is an id or a name, in any case. Try {examples}"),
        ]
    )


def format_usage(topic: str) -> str:
    """Return the usage of one command."""
    spec = COMMAND_SPECS[topic]
    return f"`/warehouse {escape(spec.usage)}` — {spec.summary}"


def render_error(error: BotError, command: Command | None = None) -> Message:
    """Explain an error, with a button that runs `command` on the nearest match, if there is one."""
    blocks = [section(format_error(error))]
    match error:
        case UsageError(topic=str() as topic):
            blocks.append(context(format_usage(topic)))
        case UsageError(suggestion=None):
            blocks.append(context("`/warehouse help` shows every command."))
        case UsageError(suggestion=str() as word) if word in COMMAND_SPECS:
            blocks.append(context(format_usage(word)))
        case ChannelInaccessible() if isinstance(command, commands.List | commands.Show):
            blocks.append(context("With `--private` it is shown to you alone, wherever you are."))
        case NotFound(resource="warehouse") if error.suggestions and command:
            blocks += _suggest_command(error, command)
    return render_message(blocks)


def _suggest_command(error: NotFound, command: Command) -> Sequence[Block]:
    name = error.suggestions[0]
    if not hasattr(command, "warehouse"):
        return []
    instead = command.model_copy(update={"warehouse": name})
    label = {commands.Show: "Show it", commands.Update: "Update it…"}.get(type(command))
    # No button for commands that change something at once: one click on a near match must not delete a warehouse.
    return [actions(button(label, "run:nearest", format_command(instead)))] if label else []


def render_notice(text: str) -> Message:
    """Return a message of one sentence, which must be trusted mrkdwn."""
    return render_message([section(text)])
