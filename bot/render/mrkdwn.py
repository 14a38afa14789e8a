"""Text for Slack: strangers' words made harmless, and the little markup the bot uses."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.domain.errors import AlreadyAsked, BotError, Closed, NobodySees, NotAllowed, quoted
from bot.domain.requests import Request
from bot.domain.warehouses import Warehouse

#: Characters that turn the direction of the text around them, or hide in it.
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: Errors whose words the bot made whole from ids, so that their mentions are meant.
_OWN_WORDS = (AlreadyAsked, Closed, NobodySees, NotAllowed)


def escape(text: str) -> str:
    """Strangers' words such that Slack shows them and does nothing with them (mentions, links, direction)."""
    return _UNSEEN.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def flat(text: str) -> str:
    """Strangers' sentences on one line, harmless and without markup of their own."""
    return escape(" ".join(re.sub(r"[*`~]", "", text).split()))


def code(text: str) -> str:
    """A name or value in code style, harmless, on one line and cut to size."""
    return escape(quoted(_UNSEEN.sub("", text)))


def bare(text: str) -> str:
    """A name where Slack knows no markup: harmless, on one line and cut to size."""
    return clip(" ".join(_UNSEEN.sub("", text).split()), 100)


def contrasted(before: str, after: str) -> tuple[str, str]:
    """Two values such that where they differ is seen, although both are cut to size when they are shown."""
    same = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    if same < 60 or max(len(before), len(after)) <= 80:
        return before, after
    return "…" + before[same - 20 :], "…" + after[same - 20 :]


def clip(text: str, most: int) -> str:
    """`text` with at most `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def clock(at: datetime) -> str:
    """The moment in each reader's own zone, to the second."""
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{at.astimezone(UTC):%H:%M:%S} UTC>"


def day(at: datetime) -> str:
    """The day and time in each reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%d %b %Y %H:%M} UTC>"


def said(error: BotError) -> str:
    """What to tell the person about `error`."""
    return error.says if isinstance(error, _OWN_WORDS) else escape(error.says)


def person(user_id: str) -> str:
    """A mention."""
    return f"<@{user_id}>"


def people(ids: Iterable[str]) -> str:
    """Several mentions in a row."""
    return " and ".join(map(person, ids))


def approved_by(request: Request) -> str:
    """The people who approved, as mentions; empty where nobody had to."""
    return people(vote.by for vote in request.approvals)


def on(enabled: bool) -> str:
    """The state of a warehouse's sync; what is off stands out."""
    return "on" if enabled else "*off*"


def headline(warehouse: Warehouse) -> str:
    """Name, type and state of a warehouse."""
    return f"*{code(warehouse.name)}* · {escape(warehouse.type.name)} · {on(warehouse.enabled)}"


def plain(mrkdwn: str) -> str:
    """Text as a screen reader should read it: without bold marks and code style."""
    return re.sub(r"[*`]", "", mrkdwn)
