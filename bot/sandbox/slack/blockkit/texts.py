"""Block Kit's small objects: texts, options, the confirm dialog."""

from bot.sandbox.slack.blockkit.specs import Array, Boolean, Object, Spec, TaggedUnion, Text

ID = Text(255, min_length=1)
URL = Text(3000, min_length=1)
STYLE = Text(choices=("primary", "danger"))
FLAG = Boolean()


def plain_text(high: int) -> TaggedUnion:
    """A plain_text of at most `high` characters."""
    return TaggedUnion({"plain_text": _plain(high)})


def text_object(high: int) -> TaggedUnion:
    """A plain_text or a mrkdwn of at most `high` characters."""
    return TaggedUnion(text_object_variants(high))


def text_object_variants(high: int) -> dict[str, Object]:
    """Both kinds of text object, where others may stand beside them."""
    mrkdwn = Object({"type": Text(), "text": Text(high, min_length=1)}, {"verbatim": FLAG})
    return {"plain_text": _plain(high), "mrkdwn": mrkdwn}


def _plain(high: int) -> Object:
    return Object({"type": Text(), "text": Text(high, min_length=1)}, {"emoji": FLAG})


def _option(text: Spec, **more: Spec) -> Object:
    return Object({"text": text, "value": Text(150, min_length=1)}, more)


#: Only the overflow menu's options may lead somewhere; only boxes and radio buttons format their labels.
SELECT_OPTION = _option(plain_text(75), description=plain_text(75))
CHECKBOX_OPTION = _option(text_object(75), description=text_object(75))
OVERFLOW_OPTION = _option(plain_text(75), description=plain_text(75), url=URL)

OPTION_GROUP = Object({"label": plain_text(75), "options": Array(SELECT_OPTION, 100, min_items=1)})

CONFIRM_DIALOG = Object(
    {"title": plain_text(100), "text": text_object(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": STYLE},
)
