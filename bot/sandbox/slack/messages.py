"""What a message may say, and how one is posted or changed: for the Web API, response URLs and acks alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blockkit import problems_of_blocks, with_ids
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import APP, BOT, BOT_USER, SLACKBOT, TEAM, Channel
from bot.sandbox.slack.views import kept
from bot.sandbox.slack.workspace import Message

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
MOST_ATTACHMENTS = 100


@dataclass(frozen=True)
class Content:
    """A message's text and blocks, checked; the blocks have ids."""

    text: str
    blocks: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    metadata: Mapping[str, Any] | None = None


def content_of(arguments: Arguments, longest: int = LONGEST_POST) -> Content:
    """What the arguments make of a message; raises SlackError as Slack refuses it."""
    blocks = arguments.objects("blocks", "invalid_blocks_format")
    attachments = arguments.objects("attachments", "invalid_attachments")
    text = arguments.text("text")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    if problems := problems_of_blocks(blocks, "message"):
        raise SlackError("invalid_blocks", problems)
    _check(attachments)
    metadata = arguments.mapping("metadata") if arguments.has("metadata") else None
    return Content(text, with_ids(blocks), attachments, metadata)


def _check(attachments: list[dict[str, Any]]) -> None:
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for at, attachment in enumerate(attachments):
        blocks = attachment.get("blocks", [])
        if problems := problems_of_blocks(blocks, "message", f"/attachments/{at}/blocks"):
            raise SlackError("invalid_attachments", problems)


def post(
    slack: LocalSlack, channel: Channel, content: Content, *, thread_ts: str | None = None, seen_by: str | None = None
) -> Message:
    """Post as the bot, to everyone or to one person alone."""
    message = Message(channel.id, slack.workspace.new_ts(), BOT_USER, "", bot_id=BOT, seen_by=seen_by)
    message.thread_ts = root_of(slack, channel, thread_ts) if thread_ts else None
    return slack.workspace.add(fill(message, content))


def fill(message: Message, content: Content) -> Message:
    """Give a message other content; what was chosen in it stays where the ids do."""
    message.text, message.blocks, message.attachments = content.text, content.blocks, content.attachments
    message.metadata = content.metadata or message.metadata
    message.values = kept(message.values, message.blocks)
    return message


def tell(slack: LocalSlack, channel: Channel, user: str, text: str) -> None:
    """Let Slackbot say something to one person alone."""
    message = Message(channel.id, slack.workspace.new_ts(), SLACKBOT, text, seen_by=user)
    slack.workspace.add(message)


def root_of(slack: LocalSlack, channel: Channel, ts: str) -> str:
    """The root of the thread that `ts` is in: a reply to a reply joins its thread."""
    parent = slack.workspace.message(channel.id, ts)
    return (parent.thread_ts or parent.ts) if parent else ts


def as_slack(message: Message) -> dict[str, Any]:
    """A message as answers and payloads carry it."""
    shown: dict[str, Any] = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    shown["team"] = TEAM
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": APP}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    return shown


def as_seen(message: Message) -> dict[str, Any]:
    """A message as the control API and the page show it."""
    shown = as_slack(message) | {"blocks": message.blocks, "ephemeral": message.ephemeral}
    return shown | {"channel": message.channel, "state": {"values": message.values}}
