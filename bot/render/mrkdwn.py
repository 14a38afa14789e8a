"""Sanitise untrusted text for Slack's mrkdwn, and format text as mrkdwn."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.domain.errors import quote_code
from bot.domain.text import scrub_text, to_one_line, truncate

#: Slack's marks for bold, code, strikethrough and, at the edge of a word, italics. Matches in linear time.
_MARKS = re.compile(r"[*`~]|(?<![A-Za-z0-9_])_+|(?<!_)_++(?![A-Za-z0-9])")

#: Code in the bot's own sentences.
_CODE = re.compile(r"(`[^`]+`)")

#: The cut-off entity, mention, link or time at the end of truncated mrkdwn.
_PARTIAL_ENTITY = re.compile(r"&[a-z]*$|<[^>]*$")

#: Maximum characters of a value in full; two of them and their name fit into a section.
_MAX_VALUE = 1200

#: Maximum characters of untrusted sentences.
_MAX_SENTENCES = 500


def escape(text: str) -> str:
    """Escape untrusted text: Slack shows it without mentions, links, markup or new lines."""
    return _remove_marks(to_one_line(text)).strip()


def escape_and_truncate(text: str) -> str:
    """Escape untrusted sentences and truncate them."""
    return escape(to_one_line(text, _MAX_SENTENCES))


def code(text: str) -> str:
    """Format a name or value as code, escaped, on one line and truncated."""
    return _escape_entities(quote_code(text))


def code_in_full(text: str) -> str:
    """Format a value as code in full; one over 1,200 characters is truncated and followed by its length."""
    words = to_one_line(text.replace("`", "'")) or "(blank)"
    shown = truncate_mrkdwn(_escape_entities(words), _MAX_VALUE)
    return f"`{shown}`" if shown == _escape_entities(words) else f"`{shown}` ({len(words)} characters in all)"


def format_plain_name(text: str) -> str:
    """Format a name for text without markup: sanitised, on one line and truncated."""
    return to_one_line(text, 80) or "(blank)"


def _remove_marks(text: str) -> str:
    return _escape_entities(_MARKS.sub("", text))


def _escape_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def trim_common_prefix(before: str, after: str) -> tuple[str, str]:
    """Shorten the common beginning of two long values, so that their difference is visible after truncation."""
    if _common_prefix_length(before, after) < 60 or max(len(before), len(after)) <= 80:
        return before, after
    before, after = scrub_text(before), scrub_text(after)
    left_out = _common_prefix_length(before, after) - 20
    return (before, after) if left_out <= 0 else ("…" + before[left_out:], "…" + after[left_out:])


def _common_prefix_length(before: str, after: str) -> int:
    """Return the length of the common prefix; 0 if one value is a prefix of the other."""
    return next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)


def truncate_middle(text: str, most: int) -> str:
    """Truncate `text` to `most` characters in the middle: keep its beginning and, twice as long, its end.

    The end of a host shows who owns it.
    """
    if len(text) <= most:
        return text
    if len(text := scrub_text(text)) <= most:
        return text
    begin = (most - 1) // 3
    return f"{text[:begin]}…{text[len(text) - (most - 1 - begin) :]}"


def truncate_mrkdwn(mrkdwn: str, most: int) -> str:
    """Truncate mrkdwn to `most` characters, without cutting entities or mentions, and with code closed."""
    if len(mrkdwn) <= most:
        return mrkdwn
    # One character less, for a closing backtick.
    kept = _PARTIAL_ENTITY.sub("", truncate(mrkdwn, most - 1).removesuffix("…"))
    return f"{kept}…`" if kept.count("`") % 2 else f"{kept}…"


def format_time(at: datetime) -> str:
    """Format a time in the reader's time zone, to the second."""
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{at.astimezone(UTC):%H:%M:%S} UTC>"


def format_date_time(at: datetime) -> str:
    """Format a date and time in the reader's time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%d %b %Y %H:%M} UTC>"


def escape_except_code(says: str) -> str:
    """Escape a sentence, on one line, and keep its code marks."""
    return _escape_around_code(to_one_line(says), _remove_marks)


def escape_keeping_mentions(text: str) -> str:
    """Escape only the code in `text`, a sentence that the bot made of ids, so that its mentions work."""
    return _escape_around_code(text, str)


def _escape_around_code(says: str, rest: Callable[[str], str]) -> str:
    # Names are always in code, intended mentions never.
    return "".join(_escape_entities(part) if at % 2 else rest(part) for at, part in enumerate(_CODE.split(says)))


def mention(user_id: str) -> str:
    """Return a mention."""
    return f"<@{user_id}>"


def mention_people(ids: Iterable[str]) -> str:
    """Return several mentions, joined by “and”."""
    return " and ".join(map(mention, ids))


def format_sync_state(enabled: bool) -> str:
    """Return the state of a warehouse's sync, with off in bold."""
    return "on" if enabled else "*off*"


def pluralise(noun: str, count: int) -> str:
    """Return `noun`, with an s unless `count` is one."""
    return noun if count == 1 else f"{noun}s"


def strip_markup(mrkdwn: str) -> str:
    """Remove bold and code marks, for screen readers."""
    return re.sub(r"[*`]", "", mrkdwn)
