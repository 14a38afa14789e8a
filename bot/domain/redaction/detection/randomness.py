"""Find long strings without a pattern, such as generated keys, which are nobody's name for anything."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import log2

from bot.domain.redaction.detection.public_identifiers import blank_out_identifiers, compute_word_share
from bot.domain.redaction.detection.tokens import TOKEN
from bot.domain.redaction.spans import Span

_RUN = re.compile(r"[A-Za-z0-9+]{16,}")
#: Base64 with slashes, and base64 for URLs. Paths and names have the same characters.
_BASE64 = re.compile(r"[A-Za-z0-9+/]{28,}")
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_BASE64_URL = re.compile(r"[A-Za-z0-9_-]{28,}")


def find_random_tokens(text: str) -> Iterator[Span]:
    """Find the tokens of `text` that contain a generated string; each span is the whole token."""
    for token in TOKEN.finditer(blank_out_identifiers(text)):
        if _is_jwt(token[0]) or _is_random(token[0]):
            yield Span(*token.span())


def _is_jwt(token: str) -> bool:
    return len(token) >= 20 and token.startswith("eyJ") and "." in token  # the base64 of {"


def _is_random(token: str) -> bool:
    return (
        any(map(_is_random_run, _RUN.findall(token)))
        or any(
            _is_mixed(run) and compute_entropy(run) >= 4.2 and compute_word_share(run) < 0.7
            for run in _BASE64.findall(token)
        )
        or any(
            _is_mixed(run) and _alternation(run) >= 0.4 and compute_word_share(run) < 0.4
            for run in _BASE64_URL.findall(token)
        )
    )


def _is_random_run(run: str) -> bool:
    if _is_mixed(run):
        if len(run) < 20:
            return _alternation(run) >= 0.5 and compute_word_share(run) < 0.3
        return compute_entropy(run) >= 3.5 and compute_word_share(run) < 0.65
    return len(run) >= 32 and compute_entropy(run) >= 3 and (_alternation(run) >= 0.15 or _is_hexadecimal(run))


def _is_mixed(text: str) -> bool:
    return all(any(map(kind, text)) for kind in (str.isdigit, str.isupper, str.islower))


def _is_hexadecimal(text: str) -> bool:
    return set(text) <= _HEXADECIMAL and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _alternation(text: str) -> float:
    """Return how often the kind of character (small, capital, digit) changes; 0 to 1, about 0.6 for random text."""
    kinds = [character.isdigit() + 2 * character.isupper() for character in text if character.isalnum()]
    return sum(before != after for before, after in pairwise(kinds)) / len(kinds)


def compute_entropy(text: str) -> float:
    """Return the entropy of `text` in bits per character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())
