"""What the bot says to one person alone: help, usage, and what went wrong."""

from collections.abc import Sequence

from bot.domain.commands import commands
from bot.domain.commands.commands import Command
from bot.domain.commands.parser import SPECS, write
from bot.domain.errors import BotError, NobodySees, UsageError
from bot.domain.lookup_errors import NotFound
from bot.render.blocks import Block, Message, actions, button, context, message, section
from bot.render.mrkdwn import escape, said

EXAMPLES = (
    "list prod --type snowflake",
    "show prod-snowflake",
    "list --find crm --private",
)


def help_message(topic: str | None = None) -> Message:
    """Every command with what it does, or the usage of one."""
    if topic:
        return message([section(usage(topic))])
    lines = [f"`/warehouse {escape(spec.usage)}` — {spec.summary}" for spec in SPECS.values()]
    examples = " · ".join(f"`/warehouse {escape(example)}`" for example in EXAMPLES)
    return message(
        [
            section("*Profiles Sync warehouses, from Slack*"),
            section("\n".join(lines)),
            context(f"WAREHOUSE is an id or a name, in any case. Try {examples}"),
        ]
    )


def usage(topic: str) -> str:
    """How one command is written."""
    spec = SPECS[topic]
    return f"`/warehouse {escape(spec.usage)}` — {spec.summary}"


def error_message(error: BotError, command: Command | None = None) -> Message:
    """What went wrong and what to do; with a button that runs `command` on the nearest match, where there is one."""
    blocks = [section(said(error))]
    match error:
        case UsageError(topic=str() as topic):
            blocks.append(context(usage(topic)))
        case UsageError(suggestion=None):
            blocks.append(context("`/warehouse help` shows every command."))
        case UsageError(suggestion=str() as word) if word in SPECS:
            blocks.append(context(usage(word)))
        case NobodySees() if isinstance(command, commands.List | commands.Show):
            blocks.append(context("With `--private` it is shown to you alone, wherever you are."))
        case NotFound(what="warehouse") if error.nearest and command:
            blocks += _instead(error, command)
    return message(blocks)


def _instead(error: NotFound, command: Command) -> Sequence[Block]:
    name = error.nearest[0]
    if not hasattr(command, "warehouse"):
        return []
    instead = command.model_copy(update={"warehouse": name})
    label = {commands.Show: "Show it", commands.Update: "Update it…"}.get(type(command))
    # A near miss must not become a deletion by one click: what changes something is typed again.
    return [actions(button(label, "run:nearest", write(instead)))] if label else []


def notice(text: str) -> Message:
    """One sentence that the bot made itself."""
    return message([section(text)])
