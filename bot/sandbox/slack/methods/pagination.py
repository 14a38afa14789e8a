"""Cursor pagination, shared by the methods that list something."""

from collections.abc import Sequence
from typing import Any, TypeVar

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError

Item = TypeVar("Item")

_CURSOR_PREFIX = "next:"


def paginate(arguments: Arguments, items: Sequence[Item]) -> tuple[list[Item], dict[str, Any]]:
    """Return the page of `items` that `cursor` and `limit` select, and the `response_metadata` with the next cursor."""
    cursor, limit = arguments.text("cursor"), arguments.number("limit", 1000)
    offset = cursor.removeprefix(_CURSOR_PREFIX)
    if cursor and not offset.isdigit():
        raise SlackError("invalid_cursor")
    start = int(offset or 0)
    next_cursor = f"{_CURSOR_PREFIX}{start + limit}" if start + limit < len(items) else ""
    return list(items[start : start + limit]), {"next_cursor": next_cursor}
