"""Confirmation of a deletion: the approver types the warehouse's name as the dialog shows it."""

import unicodedata

from bot.domain.decision_errors import NameMismatch
from bot.domain.requests.reasons import is_visible
from bot.domain.text import to_one_line

#: How many characters of a name the dialog shows.
_MAX_SHOWN_LENGTH = 80

#: Typographic quotes, which phones insert in place of straight ones.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‘’‚‛′", "'"))


def is_matching_name(typed: str, name: str) -> bool:
    """Return whether `typed` is `name` as the dialog shows it.

    Case, typographic quotes, surrounding blanks and invisible characters make no difference.
    """
    is_typed = bool(typed.strip()) and (is_visible(typed) or not is_visible(name))
    return is_typed and _normalize(typed) == _normalize(name)


def require_matching_name(typed: str | None, name: str) -> None:
    """Check that the approver of a deletion typed `name`.

    Raises:
        NameMismatch: nothing, or another name, was typed.
    """
    if typed is None or not is_matching_name(typed, name):
        raise NameMismatch


def _normalize(name: str) -> str:
    # The rest of a longer name is not shown, so nobody can type it.
    shown = (to_one_line(name, _MAX_SHOWN_LENGTH) or "(blank)").rstrip("…")
    return unicodedata.normalize("NFKC", shown).translate(_QUOTES).casefold()
