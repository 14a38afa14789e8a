"""Reasons that people give: a reason must have visible text."""

import unicodedata

from bot.domain.decision_errors import ReasonMissing
from bot.domain.text import remove_invisible

#: Symbols and letters without a glyph, although their Unicode category suggests one: Braille blank, null notehead,
#: Hangul and Khitan fillers.
_BLANK = frozenset("\u2800\U0001d159\u115f\u1160\u3164\uffa0\U00016fe4")

#: Slack's markup characters. The bot leaves them out of the text that it shows.
_MARKUP = frozenset("*_~`")

#: The first letters of the visible Unicode categories: letters, numbers, punctuation, symbols. Marks need a letter to
#: combine with; separators and the other categories show nothing.
_VISIBLE_CATEGORIES = frozenset("LNPS")


def is_visible(text: str) -> bool:
    """Return whether any character of `text` is visible where the bot shows it."""
    return any(
        unicodedata.category(character)[0] in _VISIBLE_CATEGORIES
        for character in remove_invisible(text)
        if character not in _BLANK | _MARKUP
    )


def require_reason(reason: str, problem: str) -> str:
    """Return `reason` without surrounding blanks.

    Raises:
        ReasonMissing: nothing of `reason` is visible. `problem` is a sentence that says what needs a reason.
    """
    if not is_visible(reason):
        raise ReasonMissing(problem)
    return reason.strip()
