"""The tokens of a text: runs of the characters that keys are made of."""

import re
from collections.abc import Iterable, Iterator

from bot.domain.redaction.spans import Span

#: A run of characters that keys and tokens are made of.
TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]+")
_TOKEN_REST = re.compile(r"[A-Za-z0-9+/=_~-]*")


def extend_to_token_end(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Extend each of `spans` to the end of its token, for a rule may match a part of a key.

    `spans` are in order. A span that lies in the one before is left out.
    """
    covered_to = 0
    for start, end in spans:
        if end > covered_to:
            rest = _TOKEN_REST.match(text, end)
            covered_to = rest.end() if rest else end
            yield Span(start, covered_to)
