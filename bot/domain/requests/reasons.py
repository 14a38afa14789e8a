"""A reason: text in which somebody can see something."""

import unicodedata

from bot.domain.decision_errors import ReasonMissing
from bot.domain.text import remove_invisible

#: Symbols and letters without ink, which their Unicode categories do not give away: Braille blank, null notehead,
#: Hangul and Khitan fillers.
_BLANK = frozenset("\u2800\U0001d159\u115f\u1160\u3164\uffa0\U00016fe4")

#: What Slack takes for markup, and the bot therefore leaves out of what it shows.
_MARKUP = frozenset("*_~`")

#: The first letters of the Unicode categories that have ink of their own: letters, numbers, punctuation, symbols.
#: Marks need a letter to stand on; separators and the rest show nothing.
_INK = frozenset("LNPS")


def is_visible(text: str) -> bool:
    """Whether anything of `text` can be seen where the bot shows it."""
    return any(
        unicodedata.category(letter)[0] in _INK and letter not in _BLANK and letter not in _MARKUP
        for letter in remove_invisible(text)
    )


def require_reason(reason: str, problem: str) -> str:
    """`reason` without blanks around it. Raises ReasonMissing for `problem` where nobody could see it."""
    if not is_visible(reason):
        raise ReasonMissing(problem)
    return reason.strip()
