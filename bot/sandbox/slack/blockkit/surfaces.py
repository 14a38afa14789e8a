"""Whole documents: the blocks of a message, and views."""

import json
from collections.abc import Iterator
from typing import cast

from bot.sandbox.slack.blockkit.blocks import Surface, get_blocks_spec
from bot.sandbox.slack.blockkit.specs import Boolean, JsonObject, Object, Problem, Spec, TaggedUnion, Text
from bot.sandbox.slack.blockkit.texts import plain_text
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements
from bot.sandbox.slack.blockkit.validator import find_problems

MAX_VIEW_BYTES = 250_000
MAX_MARKDOWN_CHARACTERS = 12_000

_COMMON: dict[str, Spec] = {
    "private_metadata": Text(3000),
    "callback_id": Text(255),
    "external_id": Text(255),
}
_MODAL = Object(
    {"type": Text(), "title": plain_text(24), "blocks": get_blocks_spec("modal")},
    _COMMON
    | {"submit": plain_text(24), "close": plain_text(24), "clear_on_close": Boolean(), "notify_on_close": Boolean()},
)
_HOME = Object({"type": Text(), "blocks": get_blocks_spec("home")}, _COMMON)
_VIEW = TaggedUnion({"modal": _MODAL, "home": _HOME})


def find_block_problems(blocks: object, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """All that Slack would refuse in `blocks`, which stand at `pointer`, in its words. An empty list: they are fine."""
    found = find_problems(blocks, get_blocks_spec(surface), pointer)
    return [str(problem) for problem in [*found, *_across(blocks, pointer)]]


def find_view_problems(view: object) -> list[str]:
    """All that Slack would refuse in a modal or Home view, in its words. An empty list: it is fine."""
    found = find_problems(view, _VIEW, "/view")
    if isinstance(view, dict):
        found += [*_across(view.get("blocks"), "/view/blocks"), *_of_whole_view(view)]
    return [str(problem) for problem in found]


def _of_whole_view(view: JsonObject) -> Iterator[Problem]:
    has_inputs = any(block.get("type") == "input" for _, block in enumerate_objects(view.get("blocks")))
    if view.get("type") == "modal" and has_inputs and "submit" not in view:
        yield Problem("missing required field: submit", "/view")
    if _size(view) > MAX_VIEW_BYTES:
        yield Problem(f"must be less than {MAX_VIEW_BYTES + 1} bytes", "/view")


def _size(view: JsonObject) -> int:
    try:
        written = json.dumps(view, ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=True)
    except (RecursionError, ValueError):  # nested without end, or in itself
        return MAX_VIEW_BYTES + 1
    return len(written.encode("utf-8", "surrogatepass"))


def _across(blocks: object, pointer: str) -> Iterator[Problem]:
    """What is wrong between blocks that may each be fine."""
    yield from _repeated_block_ids(blocks, pointer)
    for at, block in enumerate_objects(blocks):
        yield from _repeated_action_ids(block, f"{pointer}/{at}")
    yield from _second_focus(blocks, pointer)
    yield from _more_tables(blocks, pointer)
    yield from _too_much_markdown(blocks, pointer)


def _repeated_block_ids(blocks: object, pointer: str) -> Iterator[Problem]:
    ids = [(f"{pointer}/{at}/block_id", block.get("block_id")) for at, block in enumerate_objects(blocks)]
    return _repeats(ids, "block_id")


def _repeated_action_ids(block: JsonObject, pointer: str) -> Iterator[Problem]:
    ids = [
        (f"{pointer}{inside}/action_id", element.get("action_id"))
        for inside, element in iter_interactive_elements(block)
    ]
    return _repeats(ids, "action_id")


def _repeats(ids: list[tuple[str, object]], name: str) -> Iterator[Problem]:
    """A problem at each place but the first that has the same text."""
    seen: set[str] = set()
    for pointer, value in ids:
        if not isinstance(value, str):
            continue
        if value in seen:
            yield Problem(f"`{name}` already exists: {value}", pointer)
        seen.add(value)


def _second_focus(blocks: object, pointer: str) -> Iterator[Problem]:
    focused = [
        f"{pointer}/{at}{inside}/focus_on_load"
        for at, block in enumerate_objects(blocks)
        for inside, element in iter_interactive_elements(block)
        if element.get("focus_on_load") is True
    ]
    yield from (Problem("only one element may be focused on load", where) for where in focused[1:])


def _more_tables(blocks: object, pointer: str) -> Iterator[Problem]:
    tables = [f"{pointer}/{at}" for at, block in enumerate_objects(blocks) if block.get("type") == "table"]
    yield from (Problem("only_one_table_allowed", where) for where in tables[1:])


def _too_much_markdown(blocks: object, pointer: str) -> Iterator[Problem]:
    texts = [
        cast("object", block.get("text")) for _, block in enumerate_objects(blocks) if block.get("type") == "markdown"
    ]
    total = sum(len(text) for text in texts if isinstance(text, str))
    if len(texts) > 1 and total > MAX_MARKDOWN_CHARACTERS:
        yield Problem(f"markdown must be less than {MAX_MARKDOWN_CHARACTERS + 1} characters in all", pointer)
