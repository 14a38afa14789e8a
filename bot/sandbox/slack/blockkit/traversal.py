"""Iterate over blocks and elements. The input may be invalid: anything that is not an object is skipped."""

from collections.abc import Iterator

from bot.sandbox.slack.blockkit.elements import INTERACTIVE_TYPES
from bot.sandbox.slack.blockkit.specs import JsonObject

#: The key of the only element in each block type that has one. Context blocks contain no interactive elements.
_ELEMENT_KEYS = {"section": "accessory", "input": "element"}


def enumerate_objects(values: object) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects in the list `values`, with their indexes. Yield nothing if `values` is no list."""
    if isinstance(values, list):
        yield from ((index, value) for index, value in enumerate(values) if isinstance(value, dict))


def iter_interactive_elements(block: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield the interactive elements of `block`, with their JSON pointers relative to it."""
    block_type = block.get("type")
    if block_type == "actions":
        elements = [(f"/elements/{index}", element) for index, element in enumerate_objects(block.get("elements"))]
    else:
        key = _ELEMENT_KEYS.get(block_type, "") if isinstance(block_type, str) else ""
        elements = [(f"/{key}", element) for _, element in enumerate_objects([block.get(key)])]
    yield from ((pointer, element) for pointer, element in elements if is_interactive(element))


def is_interactive(element: JsonObject) -> bool:
    """Return whether people can click, choose or type in `element`."""
    element_type = element.get("type")
    return isinstance(element_type, str) and element_type in INTERACTIVE_TYPES
