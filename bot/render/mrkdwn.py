"""Text for Slack: strangers' words made harmless, and the little markup the bot uses."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.domain.errors import quote_code
from bot.domain.text import scrub_text, to_one_line, truncate

#: What Slack takes for the edge of bold, code, struck and, where a word begins or ends, slanted text; found in a time
#: that grows with the text alone.
_MARKS = re.compile(r"[*`~]|(?<![A-Za-z0-9_])_+|(?<!_)_++(?![A-Za-z0-9])")

#: Code, as the bot's own sentences hold it.
_CODE = re.compile(r"(`[^`]+`)")

#: What the end of a cut text may be a piece of: an entity, or a mention, link or time.
_PIECE = re.compile(r"&[a-z]*$|<[^>]*$")

#: Characters of a value that is shown in full, of which two and their name fit into a section of Slack's.
_WHOLE = 1200

#: Characters of a stranger's sentences.
_SENTENCES = 500


def escape(text: str) -> str:
    """Strangers' words such that Slack shows them and does nothing with them: no mention, link, markup or new line."""
    return _unmarked(to_one_line(text)).strip()


def escape_and_truncate(text: str) -> str:
    """Strangers' sentences: harmless, and cut to size."""
    return escape(to_one_line(text, _SENTENCES))


def code(text: str) -> str:
    """A name or value in code style, harmless, on one line and cut to size."""
    return _inert(quote_code(text))


def code_in_full(text: str) -> str:
    """A value in code style that is shown in full: one beyond 1,200 characters says how many it has in all."""
    words = to_one_line(text.replace("`", "'")) or "(blank)"
    shown = truncate_mrkdwn(_inert(words), _WHOLE)
    return f"`{shown}`" if shown == _inert(words) else f"`{shown}` ({len(words)} characters in all)"


def format_plain_name(text: str) -> str:
    """A name where Slack knows no markup: harmless, on one line and cut to size."""
    return to_one_line(text, 80) or "(blank)"


def _unmarked(text: str) -> str:
    return _inert(_MARKS.sub("", text))


def _inert(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def trim_common_prefix(before: str, after: str) -> tuple[str, str]:
    """Two values such that where they differ is seen, although both are cut to size when they are shown."""
    if _same(before, after) < 60 or max(len(before), len(after)) <= 80:
        return before, after
    before, after = scrub_text(before), scrub_text(after)
    left_out = _same(before, after) - 20
    return (before, after) if left_out <= 0 else ("…" + before[left_out:], "…" + after[left_out:])


def _same(before: str, after: str) -> int:
    """How many characters both begin with; 0 where one is the beginning of the other."""
    return next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)


def truncate_middle(text: str, most: int) -> str:
    """`text` with at most `most` characters: of a longer one its beginning and, twice as long, its end.

    The end of a host says whose it is.
    """
    if len(text) <= most:
        return text
    if len(text := scrub_text(text)) <= most:
        return text
    begin = (most - 1) // 3
    return f"{text[:begin]}…{text[len(text) - (most - 1 - begin) :]}"


def truncate_mrkdwn(mrkdwn: str, most: int) -> str:
    """Markup with at most `most` characters: no entity or mention is halved, and no code goes on behind the cut."""
    if len(mrkdwn) <= most:
        return mrkdwn
    # One character less, for the backtick that may follow.
    kept = _PIECE.sub("", truncate(mrkdwn, most - 1).removesuffix("…"))
    return f"{kept}…`" if kept.count("`") % 2 else f"{kept}…"


def format_time(at: datetime) -> str:
    """The moment in each reader's own zone, to the second."""
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{at.astimezone(UTC):%H:%M:%S} UTC>"


def format_date_time(at: datetime) -> str:
    """The day and time in each reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%d %b %Y %H:%M} UTC>"


def escape_except_code(says: str) -> str:
    """What an error says: harmless, on one line, with the code in it in code style."""
    return _escape_around_code(to_one_line(says), _unmarked)


def escape_keeping_mentions(text: str) -> str:
    """Escape only the code in `text`, a sentence that the bot made of ids, so that its mentions work."""
    return _escape_around_code(text, str)


def _escape_around_code(says: str, rest: Callable[[str], str]) -> str:
    # Names stand in code, and mentions that are meant never do.
    return "".join(_inert(part) if at % 2 else rest(part) for at, part in enumerate(_CODE.split(says)))


def mention(user_id: str) -> str:
    """A mention."""
    return f"<@{user_id}>"


def mention_people(ids: Iterable[str]) -> str:
    """Several mentions in a row."""
    return " and ".join(map(mention, ids))


def format_sync_state(enabled: bool) -> str:
    """The state of a warehouse's sync; what is off stands out."""
    return "on" if enabled else "*off*"


def pluralise(noun: str, count: int) -> str:
    """Return `noun`, with an s unless `count` is one."""
    return noun if count == 1 else f"{noun}s"


def strip_markup(mrkdwn: str) -> str:
    """Text as a screen reader should read it: without bold marks and code style."""
    return re.sub(r"[*`]", "", mrkdwn)
