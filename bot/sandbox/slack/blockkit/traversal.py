"""Walking over blocks: whose every block and element may be anything at all."""

from collections.abc import Iterator

from bot.sandbox.slack.blockkit.elements import INTERACTIVE_TYPES
from bot.sandbox.slack.blockkit.specs import JsonObject

#: Where blocks keep their elements. Context blocks hold no interactive ones.
_SINGLE = {"section": "accessory", "input": "element"}


def enumerate_objects(values: object) -> Iterator[tuple[int, JsonObject]]:
    """The objects in `values`, with their places."""
    if isinstance(values, list):
        yield from ((at, value) for at, value in enumerate(values) if isinstance(value, dict))


def iter_interactive_elements(block: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """The interactive elements of `block`, with their JSON pointers inside it."""
    kind = block.get("type")
    if kind == "actions":
        held = [(f"/elements/{at}", element) for at, element in enumerate_objects(block.get("elements"))]
    else:
        key = _SINGLE.get(kind, "") if isinstance(kind, str) else ""
        held = [(f"/{key}", element) for _, element in enumerate_objects([block.get(key)])]
    yield from ((pointer, element) for pointer, element in held if is_interactive(element))


def is_interactive(element: JsonObject) -> bool:
    """Whether people can click, choose or type in it."""
    kind = element.get("type")
    return isinstance(kind, str) and kind in INTERACTIVE_TYPES
