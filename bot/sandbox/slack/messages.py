"""Post and change messages, and convert them to JSON."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.fixtures import APP_ID, BOT_ID, BOT_USER_ID, SLACKBOT_USER_ID, TEAM_ID, Channel
from bot.sandbox.slack.message_content import MessageContent
from bot.sandbox.slack.views import carry_over_values
from bot.sandbox.slack.workspace import Message


def post_message(
    slack: LocalSlack,
    channel: Channel,
    content: MessageContent,
    *,
    thread_ts: str | None = None,
    visible_to: str | None = None,
) -> Message:
    """Post a message as the bot. With `visible_to`, only that user sees it."""
    message = Message(channel.id, slack.workspace.new_ts(), BOT_USER_ID, "", bot_id=BOT_ID, visible_to=visible_to)
    message.thread_ts = find_thread_root_ts(slack, channel, thread_ts) if thread_ts else None
    return slack.workspace.add_message(set_content(message, content))


def set_content(message: Message, content: MessageContent) -> Message:
    """Replace the content of `message`. Values of elements whose block and action ids remain are kept."""
    message.text, message.blocks, message.attachments = content.text, content.blocks, content.attachments
    message.metadata = content.metadata or message.metadata
    message.values = carry_over_values(message.values, message.blocks)
    return message


def post_slackbot_notice(slack: LocalSlack, channel: Channel, user: str, text: str) -> None:
    """Post a message from Slackbot that only `user` sees."""
    message = Message(channel.id, slack.workspace.new_ts(), SLACKBOT_USER_ID, text, visible_to=user)
    slack.workspace.add_message(message)


def find_thread_root_ts(slack: LocalSlack, channel: Channel, ts: str) -> str:
    """Return the root of the thread to reply in: a reply to a reply belongs to the same thread."""
    parent = slack.workspace.find_message(channel.id, ts)
    return (parent.thread_ts or parent.ts) if parent else ts


def message_to_json(message: Message) -> dict[str, Any]:
    """Return a message as Web API responses and payloads contain it."""
    message_json: dict[str, Any] = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    message_json["team"] = TEAM_ID
    if message.bot_id:
        message_json |= {"bot_id": message.bot_id, "app_id": APP_ID}
    if message.blocks:
        message_json["blocks"] = message.blocks
    if message.attachments:
        message_json["attachments"] = message.attachments
    if message.thread_ts:
        message_json["thread_ts"] = message.thread_ts
    if message.metadata:
        message_json["metadata"] = message.metadata
    if message.edited_ts:
        message_json["edited"] = {"user": message.user, "ts": message.edited_ts}
    return message_json


def message_to_control_json(message: Message) -> dict[str, Any]:
    """Return a message as the control API and the page receive it."""
    message_json = message_to_json(message) | {"blocks": message.blocks, "ephemeral": message.is_ephemeral}
    return message_json | {"channel": message.channel, "state": {"values": message.values}}
