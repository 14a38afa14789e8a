"""The ids that Slack gives to blocks and elements which came without."""

from copy import deepcopy
from secrets import token_urlsafe
from typing import Any

from bot.sandbox.slack.blockkit.specs import Json
from bot.sandbox.slack.blockkit.traversal import elements_of, objects


def with_ids(blocks: list[Any]) -> list[Any]:
    """A copy in which every block has a `block_id`, and every interactive element an `action_id`."""
    copied = deepcopy(blocks)
    for _, block in objects(copied):
        _give(block, "block_id")
        for _, element in elements_of(block):
            _give(element, "action_id")
    return copied


def _give(value: Json, key: str) -> None:
    if not value.get(key):
        value[key] = token_urlsafe(6)
