"""chat.*: what the bot posts, changes and deletes."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_ID, BOT_USER_ID, Channel
from bot.sandbox.slack.messages import MAX_UPDATE_LENGTH, message_to_json, parse_content, post_message, set_content
from bot.sandbox.slack.workspace import Message


def _post_message(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _writable(slack, arguments)
    message = post_message(slack, channel, parse_content(arguments), thread_ts=arguments.text("thread_ts"))
    return {"channel": channel.id, "ts": message.ts, "message": message_to_json(message)}


def _post_ephemeral(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _writable(slack, arguments)
    user = arguments.required_text("user")
    if user not in slack.workspace.people or user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = parse_content(arguments)
    message = post_message(slack, channel, content, thread_ts=arguments.text("thread_ts"), visible_to=user)
    return {"message_ts": message.ts}


def _update(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    if channel.is_archived:
        raise SlackError("is_inactive")  # posting there is "is_archived"
    message = _message(slack, channel, arguments.required_text("ts"))
    if message.bot_id != BOT_ID:
        raise SlackError("cant_update_message")
    # Text without blocks leaves no blocks: so does Slack.
    set_content(message, parse_content(arguments, MAX_UPDATE_LENGTH))
    slack.workspace.mark_edited(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message_to_json(message)}


def _delete(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    message = _message(slack, channel, arguments.required_text("ts"))
    if message.bot_id != BOT_ID:
        raise SlackError("cant_delete_message")
    slack.workspace.remove_message(message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _by_id(slack, arguments)
    message = _message(slack, channel, arguments.required_text("message_ts"))
    link = f"{slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


def _by_id(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Where a message already is: told by the channel's id alone."""
    return _there(slack.workspace.channels.get(arguments.required_text("channel")))


def _there(channel: Channel | None) -> Channel:
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _writable(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Where the bot may post, by id or name: a person's id opens the direct message with them."""
    known_as = arguments.required_text("channel")
    person = slack.workspace.people.get(known_as)
    if person is not None and (person.is_bot or person.deleted):
        raise SlackError("cannot_dm_bot" if person.is_bot else "user_disabled")
    channel = slack.workspace.open_direct_message(person) if person else _there(slack.workspace.find_channel(known_as))
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _message(slack: LocalSlack, channel: Channel, ts: str) -> Message:
    message = slack.workspace.find_message(channel.id, ts)
    # For the Web API an ephemeral isn't there: a response_url alone can change it.
    if message is None or message.is_ephemeral:
        raise SlackError("message_not_found")
    return message


METHODS = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
}
