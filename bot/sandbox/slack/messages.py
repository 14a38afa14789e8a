"""What a message may say, and how one is posted or changed: for the Web API, response URLs and acks alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blockkit import add_missing_ids, find_block_problems
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import APP_ID, BOT_ID, BOT_USER_ID, SLACKBOT_USER_ID, TEAM_ID, Channel
from bot.sandbox.slack.views import carry_over_values
from bot.sandbox.slack.workspace import Message

MAX_POST_LENGTH = 40_000
MAX_UPDATE_LENGTH = 4_000
MAX_ATTACHMENTS = 100


@dataclass(frozen=True)
class MessageContent:
    """A message's text and blocks, checked; the blocks have ids."""

    text: str
    blocks: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    metadata: Mapping[str, Any] | None = None


def parse_content(arguments: Arguments, max_length: int = MAX_POST_LENGTH) -> MessageContent:
    """What the arguments make of a message; raises SlackError as Slack refuses it."""
    blocks = arguments.object_list("blocks", "invalid_blocks_format")
    attachments = arguments.object_list("attachments", "invalid_attachments")
    text = arguments.text("text")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > max_length:
        raise SlackError("msg_too_long")
    if problems := find_block_problems(blocks, "message"):
        raise SlackError("invalid_blocks", problems)
    _check(attachments)
    metadata = arguments.mapping("metadata") if arguments.has("metadata") else None
    return MessageContent(text, add_missing_ids(blocks), attachments, metadata)


def _check(attachments: list[dict[str, Any]]) -> None:
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for at, attachment in enumerate(attachments):
        blocks = attachment.get("blocks", [])
        if problems := find_block_problems(blocks, "message", f"/attachments/{at}/blocks"):
            raise SlackError("invalid_attachments", problems)


def post_message(
    slack: LocalSlack,
    channel: Channel,
    content: MessageContent,
    *,
    thread_ts: str | None = None,
    visible_to: str | None = None,
) -> Message:
    """Post as the bot, to everyone or to one person alone."""
    message = Message(channel.id, slack.workspace.new_ts(), BOT_USER_ID, "", bot_id=BOT_ID, visible_to=visible_to)
    message.thread_ts = find_thread_root_ts(slack, channel, thread_ts) if thread_ts else None
    return slack.workspace.add_message(set_content(message, content))


def set_content(message: Message, content: MessageContent) -> Message:
    """Give a message other content; what was chosen in it stays where the ids do."""
    message.text, message.blocks, message.attachments = content.text, content.blocks, content.attachments
    message.metadata = content.metadata or message.metadata
    message.values = carry_over_values(message.values, message.blocks)
    return message


def post_slackbot_notice(slack: LocalSlack, channel: Channel, user: str, text: str) -> None:
    """Let Slackbot say something to one person alone."""
    message = Message(channel.id, slack.workspace.new_ts(), SLACKBOT_USER_ID, text, visible_to=user)
    slack.workspace.add_message(message)


def find_thread_root_ts(slack: LocalSlack, channel: Channel, ts: str) -> str:
    """The root of the thread that `ts` is in: a reply to a reply joins its thread."""
    parent = slack.workspace.find_message(channel.id, ts)
    return (parent.thread_ts or parent.ts) if parent else ts


def message_to_json(message: Message) -> dict[str, Any]:
    """A message as answers and payloads carry it."""
    shown: dict[str, Any] = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    shown["team"] = TEAM_ID
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": APP_ID}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.edited_ts:
        shown["edited"] = {"user": message.user, "ts": message.edited_ts}
    return shown


def message_to_control_json(message: Message) -> dict[str, Any]:
    """A message as the control API and the page show it."""
    shown = message_to_json(message) | {"blocks": message.blocks, "ephemeral": message.is_ephemeral}
    return shown | {"channel": message.channel, "state": {"values": message.values}}
