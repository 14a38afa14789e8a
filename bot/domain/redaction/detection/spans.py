"""Places in a text, as half-open ranges of characters."""

import re
from collections.abc import Iterable, Iterator

#: Start and end of a part of a text.
Span = tuple[int, int]

#: Characters that keys and tokens are made of.
TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]+")
_REST = re.compile(r"[A-Za-z0-9+/=_~-]*")


def extend_to_token_end(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Each of `spans`, which are in order, up to the end of the token it lies in: a rule may match a part of a key."""
    covered_to = 0
    for start, end in spans:
        if end > covered_to:
            rest = _REST.match(text, end)
            covered_to = rest.end() if rest else end
            yield start, covered_to


def replace_spans(text: str, spans: Iterable[Span], mark: str) -> str:
    """`text` with one `mark` for each of `spans`; spans that overlap or touch count as one."""
    pieces: list[str] = []
    shown_from = covered_to = 0
    for start, end in sorted(spans):
        if start > covered_to or not pieces:
            pieces += [text[shown_from:start], mark]
        covered_to = shown_from = max(covered_to, end)
    return "".join([*pieces, text[shown_from:]])
