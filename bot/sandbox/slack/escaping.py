"""Escape a command's text as `should_escape: true` does: &, <, > as entities, mentions and links as Slack's markup."""

import re

from bot.sandbox.slack.workspace import Workspace

_LINK_OR_MENTION = re.compile(r"(?P<link>https?://(?:[^\s<>&]|&amp;)+)|(?<![\w@#<])(?P<sign>[@#])(?P<name>[\w.-]*\w)")
_BROADCASTS = {"here", "channel", "everyone"}
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def escape_command_text(text: str, workspace: Workspace) -> str:
    """Return `text` as the bot receives it. A mention of an unknown name stays unchanged."""
    for char, entity in _ENTITIES:
        text = text.replace(char, entity)

    def replace(match: re.Match[str]) -> str:
        if match["link"]:
            return f"<{match['link']}>"
        mention = (
            _format_person(match["name"], workspace)
            if match["sign"] == "@"
            else _format_channel(match["name"], workspace)
        )
        return mention or match[0]

    return _LINK_OR_MENTION.sub(replace, text)


def _format_person(name: str, workspace: Workspace) -> str | None:
    if name in _BROADCASTS:
        return f"<!{name}>"
    for person in workspace.people.values():
        if person.name == name:
            return f"<@{person.id}|{name}>"
    group = next((group for group in workspace.groups.values() if group.handle == name), None)
    return f"<!subteam^{group.id}|@{name}>" if group else None


def _format_channel(name: str, workspace: Workspace) -> str | None:
    named = (channel for channel in workspace.channels.values() if channel.name == name and channel.dm_user_id is None)
    channel = next(named, None)
    return f"<#{channel.id}|{name}>" if channel else None
