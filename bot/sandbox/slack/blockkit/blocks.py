"""The blocks of Block Kit, and the surface that takes each."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from bot.sandbox.slack.blockkit.elements import IMAGE_KEYS, IN_ACTIONS, IN_CONTEXT, IN_INPUT, IN_SECTION
from bot.sandbox.slack.blockkit.rules import either, one_of
from bot.sandbox.slack.blockkit.specs import Array, Flag, Nullable, OneOf, Rule, Shape, Spec, Text
from bot.sandbox.slack.blockkit.texts import ID, formatted, plain

Surface: TypeAlias = Literal["message", "modal", "home"]

#: How many blocks each surface holds.
MOST_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}


def _block(*rules: Rule, required: dict[str, Spec] | None = None, **optional: Spec) -> Shape:
    return Shape({"type": Text(), **(required or {})}, {"block_id": ID, **optional}, rules)


_RICH_PART = Shape(
    {
        "type": Text(choices=("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")),
        "elements": Array(Shape({}, open_ended=True), 3000),
    },
    open_ended=True,
)
RICH_TEXT = _block(required={"elements": Array(_RICH_PART, 3000)})

_CELL = OneOf({"raw_text": Shape({"type": Text(), "text": Text(low=1)}), "rich_text": RICH_TEXT})
_COLUMN = Shape({}, {"align": Text(choices=("left", "center", "right")), "is_wrapped": Flag()})

#: What every surface takes.
EVERYWHERE: dict[str, Shape] = {
    "section": _block(
        either("text", "fields"),
        text=formatted(3000),
        fields=Array(formatted(2000), 10, low=1),
        accessory=IN_SECTION,
        expand=Flag(),
    ),
    "header": _block(required={"text": plain(150)}),
    "context": _block(required={"elements": Array(IN_CONTEXT, 10, low=1)}),
    "divider": _block(),
    "actions": _block(required={"elements": Array(IN_ACTIONS, 25, low=1)}),
    "image": _block(
        one_of("image_url", "slack_file"),
        required={"alt_text": Text(2000, low=1)},
        title=plain(2000),
        **IMAGE_KEYS,
    ),
    "input": _block(
        required={"label": plain(2000), "element": IN_INPUT},
        hint=plain(2000),
        optional=Flag(),
        dispatch_action=Flag(),
    ),
    "rich_text": RICH_TEXT,
}

#: What messages alone take.
IN_MESSAGES: dict[str, Shape] = {
    "table": _block(
        required={"rows": Array(Array(_CELL, 20, low=1), 100, low=1)}, column_settings=Array(Nullable(_COLUMN), 20)
    ),
    "markdown": _block(required={"text": Text(12000, low=1)}),
}

_KINDS: Mapping[Surface, OneOf] = {
    "message": OneOf(EVERYWHERE | IN_MESSAGES),
    "modal": OneOf(EVERYWHERE),
    "home": OneOf(EVERYWHERE),
}


def blocks_on(surface: Surface) -> Array:
    """What the list of blocks of `surface` may be."""
    return Array(_KINDS[surface], MOST_BLOCKS[surface])
