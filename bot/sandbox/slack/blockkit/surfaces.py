"""Validate whole documents: the blocks of a message, and views."""

import json
from collections.abc import Iterator
from typing import cast

from bot.sandbox.slack.blockkit.blocks import Surface, get_blocks_spec
from bot.sandbox.slack.blockkit.specs import Boolean, JsonObject, Object, Problem, Spec, TaggedUnion, Text
from bot.sandbox.slack.blockkit.texts import plain_text
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements
from bot.sandbox.slack.blockkit.validator import find_problems

#: The largest view, as JSON.
MAX_VIEW_BYTES = 250_000
#: The most characters in all markdown blocks of one message together.
MAX_MARKDOWN_CHARACTERS = 12_000

_VIEW_KEYS: dict[str, Spec] = {
    "private_metadata": Text(3000),
    "callback_id": Text(255),
    "external_id": Text(255),
}
_MODAL = Object(
    {"type": Text(), "title": plain_text(24), "blocks": get_blocks_spec("modal")},
    _VIEW_KEYS
    | {"submit": plain_text(24), "close": plain_text(24), "clear_on_close": Boolean(), "notify_on_close": Boolean()},
)
_HOME = Object({"type": Text(), "blocks": get_blocks_spec("home")}, _VIEW_KEYS)
_VIEW = TaggedUnion({"modal": _MODAL, "home": _HOME})


def find_block_problems(blocks: object, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """Return Slack's messages about `blocks`, whose JSON pointer is `pointer`; an empty list if Slack accepts them."""
    problems = find_problems(blocks, get_blocks_spec(surface), pointer)
    return [str(problem) for problem in [*problems, *_check_across_blocks(blocks, pointer)]]


def find_view_problems(view: object) -> list[str]:
    """Return Slack's messages about a modal or Home view; an empty list if Slack accepts it."""
    problems = find_problems(view, _VIEW, "/view")
    if isinstance(view, dict):
        problems += [*_check_across_blocks(view.get("blocks"), "/view/blocks"), *_check_view(view)]
    return [str(problem) for problem in problems]


def _check_view(view: JsonObject) -> Iterator[Problem]:
    has_inputs = any(block.get("type") == "input" for _, block in enumerate_objects(view.get("blocks")))
    if view.get("type") == "modal" and has_inputs and "submit" not in view:
        yield Problem("missing required field: submit", "/view")
    if _get_size(view) > MAX_VIEW_BYTES:
        yield Problem(f"must be less than {MAX_VIEW_BYTES + 1} bytes", "/view")


def _get_size(view: JsonObject) -> int:
    try:
        text = json.dumps(view, ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=True)
    except (RecursionError, ValueError):  # nested too deeply, or containing itself
        return MAX_VIEW_BYTES + 1
    return len(text.encode("utf-8", "surrogatepass"))


def _check_across_blocks(blocks: object, pointer: str) -> Iterator[Problem]:
    """Yield the violations of rules that span several blocks."""
    yield from _find_repeated_block_ids(blocks, pointer)
    for index, block in enumerate_objects(blocks):
        yield from _find_repeated_action_ids(block, f"{pointer}/{index}")
    yield from _find_extra_focus(blocks, pointer)
    yield from _find_extra_tables(blocks, pointer)
    yield from _find_excess_markdown(blocks, pointer)


def _find_repeated_block_ids(blocks: object, pointer: str) -> Iterator[Problem]:
    ids = [(f"{pointer}/{index}/block_id", block.get("block_id")) for index, block in enumerate_objects(blocks)]
    return _find_repeats(ids, "block_id")


def _find_repeated_action_ids(block: JsonObject, pointer: str) -> Iterator[Problem]:
    ids = [
        (f"{pointer}{element_pointer}/action_id", element.get("action_id"))
        for element_pointer, element in iter_interactive_elements(block)
    ]
    return _find_repeats(ids, "action_id")


def _find_repeats(ids: list[tuple[str, object]], name: str) -> Iterator[Problem]:
    """Yield a problem for every occurrence of an id except its first."""
    earlier_ids: set[str] = set()
    for pointer, value in ids:
        if not isinstance(value, str):
            continue
        if value in earlier_ids:
            yield Problem(f"`{name}` already exists: {value}", pointer)
        earlier_ids.add(value)


def _find_extra_focus(blocks: object, pointer: str) -> Iterator[Problem]:
    focused = [
        f"{pointer}/{index}{element_pointer}/focus_on_load"
        for index, block in enumerate_objects(blocks)
        for element_pointer, element in iter_interactive_elements(block)
        if element.get("focus_on_load") is True
    ]
    yield from (Problem("only one element may be focused on load", place) for place in focused[1:])


def _find_extra_tables(blocks: object, pointer: str) -> Iterator[Problem]:
    tables = [f"{pointer}/{index}" for index, block in enumerate_objects(blocks) if block.get("type") == "table"]
    yield from (Problem("only_one_table_allowed", place) for place in tables[1:])


def _find_excess_markdown(blocks: object, pointer: str) -> Iterator[Problem]:
    texts = [
        cast("object", block.get("text")) for _, block in enumerate_objects(blocks) if block.get("type") == "markdown"
    ]
    total = sum(len(text) for text in texts if isinstance(text, str))
    if len(texts) > 1 and total > MAX_MARKDOWN_CHARACTERS:
        yield Problem(f"markdown must be less than {MAX_MARKDOWN_CHARACTERS + 1} characters in all", pointer)
