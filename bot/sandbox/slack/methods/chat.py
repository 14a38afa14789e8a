"""The chat.* methods: the bot posts, changes and deletes messages."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_ID, BOT_USER_ID, Channel
from bot.sandbox.slack.message_content import MAX_UPDATE_LENGTH, parse_content
from bot.sandbox.slack.messages import message_to_json, post_message, set_content
from bot.sandbox.slack.workspace import Message


def _post_message(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _get_writable_channel(slack, arguments)
    message = post_message(slack, channel, parse_content(arguments), thread_ts=arguments.text("thread_ts"))
    return {"channel": channel.id, "ts": message.ts, "message": message_to_json(message)}


def _post_ephemeral(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _get_writable_channel(slack, arguments)
    user = arguments.required_text("user")
    if user not in slack.workspace.people or user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = parse_content(arguments)
    message = post_message(slack, channel, content, thread_ts=arguments.text("thread_ts"), visible_to=user)
    return {"message_ts": message.ts}


def _update(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _get_channel(slack, arguments)
    if channel.is_archived:
        raise SlackError("is_inactive")  # posting to an archived channel gives "is_archived"
    message = _get_message(slack, channel, arguments.required_text("ts"))
    if message.bot_id != BOT_ID:
        raise SlackError("cant_update_message")
    # As with Slack, an update with text but no blocks removes the blocks.
    set_content(message, parse_content(arguments, MAX_UPDATE_LENGTH))
    slack.workspace.mark_edited(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message_to_json(message)}


def _delete(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _get_channel(slack, arguments)
    message = _get_message(slack, channel, arguments.required_text("ts"))
    if message.bot_id != BOT_ID:
        raise SlackError("cant_delete_message")
    slack.workspace.remove_message(message)
    return {"channel": channel.id, "ts": message.ts}


def _get_permalink(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    channel = _get_channel(slack, arguments)
    message = _get_message(slack, channel, arguments.required_text("message_ts"))
    link = f"{slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


def _get_channel(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Return the channel of an existing message; names are not accepted."""
    return _require_channel(slack.workspace.channels.get(arguments.required_text("channel")))


def _require_channel(channel: Channel | None) -> Channel:
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _get_writable_channel(slack: LocalSlack, arguments: Arguments) -> Channel:
    """Return a channel in which the bot may post, by id or name; a person's id opens their direct message."""
    reference = arguments.required_text("channel")
    person = slack.workspace.people.get(reference)
    if person is not None and (person.is_bot or person.deleted):
        raise SlackError("cannot_dm_bot" if person.is_bot else "user_disabled")
    channel = (
        slack.workspace.open_direct_message(person)
        if person
        else _require_channel(slack.workspace.find_channel(reference))
    )
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _get_message(slack: LocalSlack, channel: Channel, ts: str) -> Message:
    message = slack.workspace.find_message(channel.id, ts)
    # The Web API can't access an ephemeral message; only a response_url can change it.
    if message is None or message.is_ephemeral:
        raise SlackError("message_not_found")
    return message


METHODS = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _get_permalink,
}
