"""Parts of a text, given by where they start and end."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The characters of a text from `start` up to, but not including, `end`."""

    start: int
    end: int


def replace_spans(text: str, spans: Iterable[Span], mark: str, *, merge_adjacent: bool = True) -> str:
    """Return `text` with `mark` in place of each of `spans`, which may come in any order.

    Spans that overlap are replaced by one mark, and so are spans that touch, unless `merge_adjacent` is False.
    """
    pieces: list[str] = []
    copied_to = 0
    for start, end in sorted(spans):
        is_apart = start > copied_to or (start == copied_to and not merge_adjacent)
        if is_apart or not pieces:
            pieces += [text[copied_to:start], mark]
        copied_to = max(copied_to, end)
    return "".join([*pieces, text[copied_to:]])
