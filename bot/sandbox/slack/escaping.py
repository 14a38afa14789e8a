"""A command's text as `should_escape: true` sends it: &, <, > as entities, mentions and links as Slack's markup."""

import re

from bot.sandbox.slack.workspace import Workspace

_WORD = re.compile(r"(?P<link>https?://(?:[^\s<>&]|&amp;)+)|(?<![\w@#<])(?P<sign>[@#])(?P<name>[\w.-]*\w)")
_EVERYONE = {"here", "channel", "everyone"}
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def escape_command_text(text: str, workspace: Workspace) -> str:
    """`text` as the bot gets it; what names nobody stays as it was typed."""
    for char, entity in _ENTITIES:
        text = text.replace(char, entity)

    def replaced(found: re.Match[str]) -> str:
        if found["link"]:
            return f"<{found['link']}>"
        mention = _person(found["name"], workspace) if found["sign"] == "@" else _channel(found["name"], workspace)
        return mention or found[0]

    return _WORD.sub(replaced, text)


def _person(name: str, workspace: Workspace) -> str | None:
    if name in _EVERYONE:
        return f"<!{name}>"
    for person in workspace.people.values():
        if person.name == name:
            return f"<@{person.id}|{name}>"
    group = next((group for group in workspace.groups.values() if group.handle == name), None)
    return f"<!subteam^{group.id}|@{name}>" if group else None


def _channel(name: str, workspace: Workspace) -> str | None:
    named = (channel for channel in workspace.channels.values() if channel.name == name and channel.dm_user_id is None)
    channel = next(named, None)
    return f"<#{channel.id}|{name}>" if channel else None
