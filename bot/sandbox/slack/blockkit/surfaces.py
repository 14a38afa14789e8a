"""Whole documents: the blocks of a message, and views."""

import json
from collections.abc import Iterator
from typing import cast

from bot.sandbox.slack.blockkit.blocks import Surface, blocks_on
from bot.sandbox.slack.blockkit.specs import Flag, Json, OneOf, Problem, Shape, Spec, Text
from bot.sandbox.slack.blockkit.texts import plain
from bot.sandbox.slack.blockkit.traversal import elements_of, objects
from bot.sandbox.slack.blockkit.validator import check

VIEW_BYTES = 250_000
MARKDOWN_CHARACTERS = 12_000

_COMMON: dict[str, Spec] = {
    "private_metadata": Text(3000),
    "callback_id": Text(255),
    "external_id": Text(255),
}
_MODAL = Shape(
    {"type": Text(), "title": plain(24), "blocks": blocks_on("modal")},
    _COMMON | {"submit": plain(24), "close": plain(24), "clear_on_close": Flag(), "notify_on_close": Flag()},
)
_HOME = Shape({"type": Text(), "blocks": blocks_on("home")}, _COMMON)
_VIEW = OneOf({"modal": _MODAL, "home": _HOME})


def problems_of_blocks(blocks: object, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """All that Slack would refuse in `blocks`, which stand at `pointer`, in its words. An empty list: they are fine."""
    found = check(blocks, blocks_on(surface), pointer)
    return [str(problem) for problem in [*found, *_across(blocks, pointer)]]


def problems_of_view(view: object) -> list[str]:
    """All that Slack would refuse in a modal or Home view, in its words. An empty list: it is fine."""
    found = check(view, _VIEW, "/view")
    if isinstance(view, dict):
        found += [*_across(view.get("blocks"), "/view/blocks"), *_of_whole_view(view)]
    return [str(problem) for problem in found]


def _of_whole_view(view: Json) -> Iterator[Problem]:
    has_inputs = any(block.get("type") == "input" for _, block in objects(view.get("blocks")))
    if view.get("type") == "modal" and has_inputs and "submit" not in view:
        yield Problem("missing required field: submit", "/view")
    if _size(view) > VIEW_BYTES:
        yield Problem(f"must be less than {VIEW_BYTES + 1} bytes", "/view")


def _size(view: Json) -> int:
    try:
        written = json.dumps(view, ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=True)
    except (RecursionError, ValueError):  # nested without end, or in itself
        return VIEW_BYTES + 1
    return len(written.encode("utf-8", "surrogatepass"))


def _across(blocks: object, pointer: str) -> Iterator[Problem]:
    """What is wrong between blocks that may each be fine."""
    yield from _repeated_block_ids(blocks, pointer)
    for at, block in objects(blocks):
        yield from _repeated_action_ids(block, f"{pointer}/{at}")
    yield from _second_focus(blocks, pointer)
    yield from _more_tables(blocks, pointer)
    yield from _too_much_markdown(blocks, pointer)


def _repeated_block_ids(blocks: object, pointer: str) -> Iterator[Problem]:
    ids = [(f"{pointer}/{at}/block_id", block.get("block_id")) for at, block in objects(blocks)]
    return _repeats(ids, "block_id")


def _repeated_action_ids(block: Json, pointer: str) -> Iterator[Problem]:
    ids = [(f"{pointer}{inside}/action_id", element.get("action_id")) for inside, element in elements_of(block)]
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
        for at, block in objects(blocks)
        for inside, element in elements_of(block)
        if element.get("focus_on_load") is True
    ]
    yield from (Problem("only one element may be focused on load", where) for where in focused[1:])


def _more_tables(blocks: object, pointer: str) -> Iterator[Problem]:
    tables = [f"{pointer}/{at}" for at, block in objects(blocks) if block.get("type") == "table"]
    yield from (Problem("only_one_table_allowed", where) for where in tables[1:])


def _too_much_markdown(blocks: object, pointer: str) -> Iterator[Problem]:
    texts = [cast("object", block.get("text")) for _, block in objects(blocks) if block.get("type") == "markdown"]
    total = sum(len(text) for text in texts if isinstance(text, str))
    if len(texts) > 1 and total > MARKDOWN_CHARACTERS:
        yield Problem(f"markdown must be less than {MARKDOWN_CHARACTERS + 1} characters in all", pointer)
