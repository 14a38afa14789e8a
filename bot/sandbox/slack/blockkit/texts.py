"""Specs of Block Kit's composition objects: texts, options, the confirm dialog."""

from bot.sandbox.slack.blockkit.specs import Array, Boolean, Object, Spec, TaggedUnion, Text

ID = Text(255, min_length=1)
URL = Text(3000, min_length=1)
STYLE = Text(choices=("primary", "danger"))
FLAG = Boolean()


def plain_text(max_length: int) -> TaggedUnion:
    """Return the spec of a plain_text of up to `max_length` characters."""
    return TaggedUnion({"plain_text": _plain_text_spec(max_length)})


def text_object(max_length: int) -> TaggedUnion:
    """Return the spec of a plain_text or mrkdwn of up to `max_length` characters."""
    return TaggedUnion(text_object_variants(max_length))


def text_object_variants(max_length: int) -> dict[str, Object]:
    """Return the variants of `text_object`, to combine with other types in a union."""
    mrkdwn = Object({"type": Text(), "text": Text(max_length, min_length=1)}, {"verbatim": FLAG})
    return {"plain_text": _plain_text_spec(max_length), "mrkdwn": mrkdwn}


def _plain_text_spec(max_length: int) -> Object:
    return Object({"type": Text(), "text": Text(max_length, min_length=1)}, {"emoji": FLAG})


def _option(text: Spec, **optional: Spec) -> Object:
    return Object({"text": text, "value": Text(150, min_length=1)}, optional)


#: Only options of overflow menus have a `url`; only options of checkboxes and radio buttons have mrkdwn labels.
SELECT_OPTION = _option(plain_text(75), description=plain_text(75))
CHECKBOX_OPTION = _option(text_object(75), description=text_object(75))
OVERFLOW_OPTION = _option(plain_text(75), description=plain_text(75), url=URL)

OPTION_GROUP = Object({"label": plain_text(75), "options": Array(SELECT_OPTION, 100, min_items=1)})

CONFIRM_DIALOG = Object(
    {"title": plain_text(100), "text": text_object(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": STYLE},
)
