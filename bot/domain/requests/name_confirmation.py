"""The name that an approver types before a deletion, compared with the warehouse's as it is shown."""

import unicodedata

from bot.domain.decision_errors import NameMismatch
from bot.domain.requests.reasons import is_visible
from bot.domain.text import to_one_line

#: Characters of a name that a dialog shows.
_SHOWN = 80

#: Quotes that phones put in place of straight ones.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‘’‚‛′", "'"))


def is_matching_name(typed: str, name: str) -> bool:
    """Whether `typed` is `name` as it is shown.

    Case, typographic quotes, blanks around it and characters that nobody sees are forgiven.
    """
    return bool(typed.strip()) and (is_visible(typed) or not is_visible(name)) and _shown(typed) == _shown(name)


def require_matching_name(typed: str | None, name: str) -> None:
    """Let the approval of a deletion pass whose approver typed `name`. Raises NameMismatch."""
    if typed is None or not is_matching_name(typed, name):
        raise NameMismatch


def _shown(name: str) -> str:
    # Nobody can type more of a name than is shown.
    text = (to_one_line(name, _SHOWN) or "(blank)").rstrip("…")
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
