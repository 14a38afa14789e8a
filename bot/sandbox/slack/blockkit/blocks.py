"""Specs of the blocks of Block Kit, and the surfaces that accept each."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from bot.sandbox.slack.blockkit.elements import (
    ACTIONS_ELEMENTS,
    CONTEXT_ELEMENTS,
    IMAGE_SOURCE_KEYS,
    INPUT_ELEMENTS,
    SECTION_ACCESSORIES,
)
from bot.sandbox.slack.blockkit.rules import require_any, require_exactly_one
from bot.sandbox.slack.blockkit.specs import Array, Boolean, CrossFieldRule, Nullable, Object, Spec, TaggedUnion, Text
from bot.sandbox.slack.blockkit.texts import ID, plain_text, text_object

Surface: TypeAlias = Literal["message", "modal", "home"]

#: The largest number of blocks on each surface.
MAX_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}


def _block(*rules: CrossFieldRule, required: dict[str, Spec] | None = None, **optional: Spec) -> Object:
    return Object({"type": Text(), **(required or {})}, {"block_id": ID, **optional}, rules)


_RICH_TEXT_ELEMENT = Object(
    {
        "type": Text(choices=("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")),
        "elements": Array(Object({}, allows_extra=True), 3000),
    },
    allows_extra=True,
)
RICH_TEXT = _block(required={"elements": Array(_RICH_TEXT_ELEMENT, 3000)})

_TABLE_CELL = TaggedUnion({"raw_text": Object({"type": Text(), "text": Text(min_length=1)}), "rich_text": RICH_TEXT})
_COLUMN_SETTINGS = Object({}, {"align": Text(choices=("left", "center", "right")), "is_wrapped": Boolean()})

#: The blocks that every surface accepts.
COMMON_BLOCKS: dict[str, Object] = {
    "section": _block(
        require_any("text", "fields"),
        text=text_object(3000),
        fields=Array(text_object(2000), 10, min_items=1),
        accessory=SECTION_ACCESSORIES,
        expand=Boolean(),
    ),
    "header": _block(required={"text": plain_text(150)}),
    "context": _block(required={"elements": Array(CONTEXT_ELEMENTS, 10, min_items=1)}),
    "divider": _block(),
    "actions": _block(required={"elements": Array(ACTIONS_ELEMENTS, 25, min_items=1)}),
    "image": _block(
        require_exactly_one("image_url", "slack_file"),
        required={"alt_text": Text(2000, min_length=1)},
        title=plain_text(2000),
        **IMAGE_SOURCE_KEYS,
    ),
    "input": _block(
        required={"label": plain_text(2000), "element": INPUT_ELEMENTS},
        hint=plain_text(2000),
        optional=Boolean(),
        dispatch_action=Boolean(),
    ),
    "rich_text": RICH_TEXT,
}

#: The blocks that only messages accept.
MESSAGE_ONLY_BLOCKS: dict[str, Object] = {
    "table": _block(
        required={"rows": Array(Array(_TABLE_CELL, 20, min_items=1), 100, min_items=1)},
        column_settings=Array(Nullable(_COLUMN_SETTINGS), 20),
    ),
    "markdown": _block(required={"text": Text(12000, min_length=1)}),
}

_BLOCKS_BY_SURFACE: Mapping[Surface, TaggedUnion] = {
    "message": TaggedUnion(COMMON_BLOCKS | MESSAGE_ONLY_BLOCKS),
    "modal": TaggedUnion(COMMON_BLOCKS),
    "home": TaggedUnion(COMMON_BLOCKS),
}


def get_blocks_spec(surface: Surface) -> Array:
    """Return the spec of the list of blocks on `surface`."""
    return Array(_BLOCKS_BY_SURFACE[surface], MAX_BLOCKS[surface])
