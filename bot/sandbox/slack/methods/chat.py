"""chat.*: what the bot posts, changes and deletes."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT, BOT_USER, Channel
from bot.sandbox.slack.messages import LONGEST_UPDATE, as_slack, content_of, fill, post
from bot.sandbox.slack.workspace import Message


def _post_message(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _writable(slack, arguments)
    message = post(slack, channel, content_of(arguments), thread_ts=arguments.text("thread_ts"))
    return {"channel": channel.id, "ts": message.ts, "message": as_slack(message)}


def _post_ephemeral(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _writable(slack, arguments)
    user = arguments.needed("user")
    if user not in slack.workspace.people or user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(arguments)
    message = post(slack, channel, content, thread_ts=arguments.text("thread_ts"), seen_by=user)
    return {"message_ts": message.ts}


def _update(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    if channel.is_archived:
        raise SlackError("is_inactive")  # posting there is "is_archived"
    message = _message(slack, channel, arguments.needed("ts"))
    if message.bot_id != BOT:
        raise SlackError("cant_update_message")
    # Text without blocks leaves no blocks: so does Slack.
    fill(message, content_of(arguments, LONGEST_UPDATE))
    slack.workspace.changed(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": as_slack(message)}


def _delete(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    message = _message(slack, channel, arguments.needed("ts"))
    if message.bot_id != BOT:
        raise SlackError("cant_delete_message")
    slack.workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    message = _message(slack, channel, arguments.needed("message_ts"))
    link = f"{slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


def _by_id(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Where a message already is: told by the channel's id alone."""
    return _there(slack.workspace.channels.get(arguments.needed("channel")))


def _there(channel: Channel | None) -> Channel:
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _writable(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Where the bot may post, by id or name: a person's id opens the direct message with them."""
    known_as = arguments.needed("channel")
    person = slack.workspace.people.get(known_as)
    if person is not None and (person.is_bot or person.deleted):
        raise SlackError("cannot_dm_bot" if person.is_bot else "user_disabled")
    channel = slack.workspace.dm(person) if person else _there(slack.workspace.channel(known_as))
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _message(slack: LocalSlack, channel: Channel, ts: str) -> Message:
    message = slack.workspace.message(channel.id, ts)
    # For the Web API an ephemeral isn't there: a response_url alone can change it.
    if message is None or message.ephemeral:
        raise SlackError("message_not_found")
    return message


METHODS = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
}
