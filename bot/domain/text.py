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
    """What can be seen of `text`, on one line and with at most `most` characters; empty where that is nothing."""
    # Blanks first: some of those that nobody sees part words.
    words = " ".join(remove_invisible(" ".join(text.split())).split())
    return words if max_length is None else truncate(words, max_length)


def truncate(text: str, max_length: int) -> str:
    """`text` with at most `most` characters, "…" in place of what is left out.

    What has to be cut is scrubbed first (`scrub_before_cutting`): once a secret is cut, what is left of it is no longer
    recognised.
    """
    return text if len(text) <= max_length else _head.get()(text, max_length)


def scrub_text(text: str, max_length: int | None = None) -> str:
    """`text` without known secrets, for whoever leaves out parts of it; where it is cut, at most `most` characters."""
    return _head.get()(text, len(text) if max_length is None else max_length)


def set_truncate_function(truncate: Callable[[str, int], str]) -> None:
    """Have `head(text, most)` cut every text from here on, in this context and in those that are made of it.

    Like the formatter of the log it belongs to the process: it is set once, at the start, before anything runs.
    """
    _head.set(truncate)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


_head: ContextVar[Callable[[str, int], str]] = ContextVar("head", default=_cut)


def format_time_ago(now: datetime, then: datetime) -> str:
    """How long ago `then` was, in one unit: "40 s ago"; "just now" where nobody would count."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 5:
        return "just now"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
