"""Strangers' texts at their worst, and what of them is alive in what the bot says, read as Slack reads it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from bot.domain.redaction.detection.detector import looks_secret
from bot.domain.text import INVISIBLE_CHARS

#: What does something where it is not made harmless.
FRAGMENTS = (
    "<!channel>",
    "<!here|here>",
    "<@U0EVIL>",
    "<!subteam^S0EVIL>",
    "<#C0EVIL|ops>",
    "<https://evil.example|https://good.example>",
    "<!date^0^{date}|approved>",
    "https://evil.example",
    "@channel",
    "&lt;!channel&gt;",
    "`",
    "```",
    "*approved*",
    "_ · approved by Carol · _",
    "~struck~",
    "\n> quoted",
    "\r\n",
    "\t",
    "\u2028",
    "\x85",
    "\u202egnp.exe",
    "\u2066isolated",
    "\u200b",
    "\U000e0041",
    "\x1b[31m",
    "\x9b31m",
    "\x00",
    "”",
    '"',
    "'",
    "\\",
    "&",
    "=secret:LOADER",
    "evil",
    " ",
    "é",
    "שלום",
    "x" * 10_000,
    "&" * 10_000,
    "<" * 400,
)

TEXTS = (
    st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=20), min_size=1, max_size=6)
    .map("".join)
    # What looks like a secret is not shown at all, which other tests are about.
    .filter(lambda text: text != "" and not looks_secret(text))
)

#: All that the bot makes live itself: people and groups of the samples, moments, links to cards.
_OWN = re.compile(
    r"<(?:@U0(?:ALICE|BOB|CAROL)|#C0OPS|!subteam\^S0DATA|!date\^\d+\^\{[a-z_{} ]+\}\|[^<>|]+"
    r"|https?://[\w.:-]+/archives/[\w/]+\|(?:open|its card))>"
)
_CODE = re.compile(r"`[^`\n]+`")
_MARK = re.compile(r"[*~`\n]|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])|^&gt;", re.MULTILINE)


class Said(NamedTuple):
    """One text of a payload: "mrkdwn", "plain_text" or "fallback"."""

    kind: str
    text: str


def texts_of(value: object) -> Iterator[Said]:
    """Every text object in Block Kit."""
    match value:
        case {"type": ("mrkdwn" | "plain_text") as kind, "text": str(text)}:
            yield Said(str(kind), text)
        case dict():
            for each in value.values():
                yield from texts_of(each)
        case list() | tuple():
            for each in value:
                yield from texts_of(each)


def alive(said: Said) -> list[str]:
    """What in it Slack would obey, though the bot did not mean it; empty where it is harmless."""
    hidden = INVISIBLE_CHARS.findall(said.text)
    if said.kind == "plain_text":
        return [*hidden, *re.findall(r"[\n\t]", said.text)]
    angles = re.findall(r"[<>]", _OWN.sub("", said.text))
    return [*hidden, *angles, *([] if said.kind == "fallback" else _unpaired(said.text))]


def _unpaired(mrkdwn: str) -> list[str]:
    return re.findall("`", _CODE.sub("", mrkdwn))


def marks(said: Said) -> int:
    """How many edges of bold, slanted and struck text and how many lines and quotes it has, outside code."""
    return 1 + len(_MARK.findall(_OWN.sub("", _CODE.sub("", said.text))))
