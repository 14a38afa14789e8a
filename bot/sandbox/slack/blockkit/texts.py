"""Block Kit's small objects: texts, options, the confirm dialog."""

from bot.sandbox.slack.blockkit.specs import Array, Flag, OneOf, Shape, Spec, Text

ID = Text(255, low=1)
URL = Text(3000, low=1)
STYLE = Text(choices=("primary", "danger"))
FLAG = Flag()


def plain(high: int) -> OneOf:
    """A plain_text of at most `high` characters."""
    return OneOf({"plain_text": _plain(high)})


def formatted(high: int) -> OneOf:
    """A plain_text or a mrkdwn of at most `high` characters."""
    return OneOf(formatted_kinds(high))


def formatted_kinds(high: int) -> dict[str, Shape]:
    """Both kinds of text object, where others may stand beside them."""
    mrkdwn = Shape({"type": Text(), "text": Text(high, low=1)}, {"verbatim": FLAG})
    return {"plain_text": _plain(high), "mrkdwn": mrkdwn}


def _plain(high: int) -> Shape:
    return Shape({"type": Text(), "text": Text(high, low=1)}, {"emoji": FLAG})


def _option(text: Spec, **more: Spec) -> Shape:
    return Shape({"text": text, "value": Text(150, low=1)}, more)


#: Only the overflow menu's options may lead somewhere; only boxes and radio buttons format their labels.
MENU_OPTION = _option(plain(75), description=plain(75))
BOX_OPTION = _option(formatted(75), description=formatted(75))
OVERFLOW_OPTION = _option(plain(75), description=plain(75), url=URL)

GROUP = Shape({"label": plain(75), "options": Array(MENU_OPTION, 100, low=1)})

CONFIRM = Shape(
    {"title": plain(100), "text": formatted(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
