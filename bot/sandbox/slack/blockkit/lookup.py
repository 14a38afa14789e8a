"""Find the element that a person acts on, and the option that they choose."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements


def find_element(blocks: object, block_id: str | None, action_id: str) -> JsonObject | None:
    """Return the interactive element with this `action_id` in the block `block_id`, or in any block if that is None."""
    candidates = (
        element
        for _, block in enumerate_objects(blocks)
        if block_id is None or block.get("block_id") == block_id
        for _, element in iter_interactive_elements(block)
    )
    return next((element for element in candidates if element.get("action_id") == action_id), None)


def find_option(element: Mapping[str, Any], value: object) -> JsonObject | None:
    """Return the option of `element` that has this value, whether it is in a group or not."""
    groups = [group.get("options") for _, group in enumerate_objects(element.get("option_groups"))]
    option_lists = [element.get("options"), *groups]
    options = (option for option_list in option_lists for _, option in enumerate_objects(option_list))
    return next((option for option in options if option.get("value") == value), None)
