"""Parse and validate the content of a message, as the Web API, response URLs and acks supply it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blockkit import add_missing_ids, find_block_problems
from bot.sandbox.slack.errors import SlackError

MAX_POST_LENGTH = 40_000
MAX_UPDATE_LENGTH = 4_000
MAX_ATTACHMENTS = 100


@dataclass(frozen=True)
class MessageContent:
    """The valid content of a message. Its blocks have ids."""

    text: str
    blocks: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    metadata: Mapping[str, Any] | None = None


def parse_content(arguments: Arguments, max_length: int = MAX_POST_LENGTH) -> MessageContent:
    """Return the content of a message from a call's arguments.

    Raises:
        SlackError: Slack refuses the content; the code is Slack's.
    """
    blocks = arguments.object_list("blocks", "invalid_blocks_format")
    attachments = arguments.object_list("attachments", "invalid_attachments")
    text = arguments.text("text")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > max_length:
        raise SlackError("msg_too_long")
    if problems := find_block_problems(blocks, "message"):
        raise SlackError("invalid_blocks", problems)
    _check_attachments(attachments)
    metadata = arguments.mapping("metadata") if arguments.has("metadata") else None
    return MessageContent(text, add_missing_ids(blocks), attachments, metadata)


def _check_attachments(attachments: list[dict[str, Any]]) -> None:
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for index, attachment in enumerate(attachments):
        blocks = attachment.get("blocks", [])
        if problems := find_block_problems(blocks, "message", f"/attachments/{index}/blocks"):
            raise SlackError("invalid_attachments", problems)
