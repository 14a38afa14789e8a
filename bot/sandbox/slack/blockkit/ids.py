"""Generate the ids that blocks and elements lack, as Slack does."""

from copy import deepcopy
from secrets import token_urlsafe
from typing import Any

from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements


def add_missing_ids(blocks: list[Any]) -> list[Any]:
    """Return a copy in which every block has a `block_id` and every interactive element an `action_id`."""
    copied = deepcopy(blocks)
    for _, block in enumerate_objects(copied):
        _set_missing_id(block, "block_id")
        for _, element in iter_interactive_elements(block):
            _set_missing_id(element, "action_id")
    return copied


def _set_missing_id(value: JsonObject, key: str) -> None:
    if not value.get(key):
        value[key] = token_urlsafe(6)
