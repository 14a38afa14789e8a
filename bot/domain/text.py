"""What strangers wrote, made fit to be shown: without what nobody sees, on one line, cut to size."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime

#: What nobody sees: controls (C1 among them, which some terminals obey), marks that turn or join the text around them,
#: fillers without ink, tags, halves of characters. Line breaks and tabs are none of them.
INVISIBLE_CHARS = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def remove_invisible(text: str) -> str:
    """`text` without what nobody sees, its lines as they are."""
    return INVISIBLE_CHARS.sub("", text)


def to_one_line(text: str, max_length: int | None = None) -> str:
    """Return the visible characters of `text` on one line, truncated to `max_length` characters."""
    # Blanks first: some invisible characters separate words.
    words = " ".join(remove_invisible(" ".join(text.split())).split())
    return words if max_length is None else truncate(words, max_length)


def truncate(text: str, max_length: int) -> str:
    """Return `text` with at most `max_length` characters; "…" marks a cut.

    A text that must be cut is scrubbed first (`set_truncate_function`), because half a secret is not recognised.
    """
    return text if len(text) <= max_length else _head.get()(text, max_length)


def scrub_text(text: str, max_length: int | None = None) -> str:
    """Return `text` without known secrets, truncated to `max_length` characters."""
    return _head.get()(text, len(text) if max_length is None else max_length)


def set_truncate_function(truncate: Callable[[str, int], str]) -> None:
    """Use `truncate(text, max_length)` for every cut from now on, in this context and its copies.

    Like the log formatter, it belongs to the process and is set once at the start.
    """
    _head.set(truncate)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


_head: ContextVar[Callable[[str, int], str]] = ContextVar("head", default=_cut)


def format_time_ago(now: datetime, then: datetime) -> str:
    """Say how long ago `then` was, in one unit, such as "40 s ago"; "just now" below five seconds."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 5:
        return "just now"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
