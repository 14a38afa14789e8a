"""Find known secrets in a text, in time that grows with the text and memory that grows with the secrets.

A secret of at least twelve characters is stored as fragments of twelve characters, one for every fourth position. So
every fifteen consecutive characters of the secret contain a fragment. One set holds the fragments of all secrets. A
shorter secret is found as a whole, and not inside a word. The comparison ignores case. For long secrets it also ignores
blanks and the characters that quoting and markup add or remove.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.domain.redaction.encodings import decode_escapes
from bot.domain.redaction.spans import Span
from bot.domain.text import INVISIBLE_CHARS, to_one_line

#: Characters of a fragment, and the distance between the starts of two fragments.
FRAGMENT_LENGTH, FRAGMENT_STRIDE = 12, 4

_TO_LOWER = bytes(range(256)).lower()
_IGNORED_BYTES = bytes(range(0x21)) + b"\x7f" + b"*_~`'\"\\+"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

#: A word, or one character between words.
_TOKEN = re.compile(r"[^\W_]+|[\W_]")


class KnownSecrets:
    """The secrets to find. The repr shows none of them."""

    def __init__(self) -> None:
        self._fragments: set[bytes] = set()
        self._short_secrets: set[str] = set()
        self._first_tokens: set[str] = set()
        self._max_short_length = 0

    def __repr__(self) -> str:
        return "KnownSecrets(…)"

    @property
    def has_short_secrets(self) -> bool:
        """Whether there are secrets that are found as a whole."""
        return bool(self._short_secrets)

    @property
    def fragment_count(self) -> int:
        """The number of stored fragments and short secrets."""
        return len(self._fragments) + len(self._short_secrets)

    def add(self, value: str) -> None:
        """Find `value` from now on."""
        # Decoding a text also decodes what looks like an escape in the secret itself.
        for spelling in {value, decode_escapes(value)}:
            self._add_spelling(spelling)

    def _add_spelling(self, value: str) -> None:
        data = _normalize(value)
        last_start = len(data) - FRAGMENT_LENGTH
        if last_start >= 0:
            starts = (*range(0, last_start, FRAGMENT_STRIDE), last_start)
            self._fragments.update(data[start : start + FRAGMENT_LENGTH] for start in starts)
        else:
            self._add_short(value)

    def _add_short(self, value: str) -> None:
        for spelling in filter(None, map(str.casefold, _list_spellings(value))):
            self._short_secrets.add(spelling)
            self._first_tokens.add(_TOKEN.findall(spelling)[0])
            self._max_short_length = max(self._max_short_length, len(spelling))

    def may_match(self, text: str) -> bool:
        """Whether `find_spans` may find something: False is certain, and the usual answer."""
        if self._short_secrets and not self._first_tokens.isdisjoint(_TOKEN.findall(text.casefold())):
            return True
        data = _normalize(text) if self._fragments else b""
        return self._has_fragment(data) or self._has_fragment(data[::-1])

    def find_spans(self, text: str, *, include_short: bool = True) -> Iterator[Span]:
        """Find the secrets in `text`, in no order; spans may overlap. Without `include_short`, find only long ones."""
        if include_short:
            yield from self._find_short(text)
        data = _normalize(text) if self._fragments else b""
        reversed_starts = self._find_fragments(data[::-1])
        starts = [*self._find_fragments(data), *(len(data) - start - FRAGMENT_LENGTH for start in reversed_starts)]
        if starts:
            positions = _map_positions(text)
            yield from (Span(positions[start], positions[start + FRAGMENT_LENGTH - 1] + 1) for start in starts)

    def _has_fragment(self, data: bytes) -> bool:
        return next(self._find_fragments(data), None) is not None

    def _find_fragments(self, data: bytes) -> Iterator[int]:
        fragments = self._fragments
        for start in range(len(data) - FRAGMENT_LENGTH + 1):
            if data[start : start + FRAGMENT_LENGTH] in fragments:
                yield start

    def _find_short(self, text: str) -> Iterator[Span]:
        if not self._short_secrets:
            return
        tokens = [(match.start(), match.end(), match[0].casefold()) for match in _TOKEN.finditer(text)]
        for index, (start, _, first) in enumerate(tokens):
            if first not in self._first_tokens:
                continue
            candidate = ""
            for _, end, token in tokens[index : index + self._max_short_length]:
                candidate += token
                if len(candidate) > self._max_short_length:
                    break
                if candidate in self._short_secrets:
                    yield Span(start, end)


def _list_spellings(value: str) -> Iterable[str]:
    """List the ways a short secret may be shown: backwards, on one line, with Slack's markup replaced.

    Decoding escapes removes backslashes, so one spelling has none.
    """
    line = to_one_line(value)
    quoted = line.replace("`", "'")
    bare = {quoted, quoted.replace("*", ""), *(re.sub(marks, "", line) for marks in ("[*`]", "[*`~]"))}
    spellings = {value, line, value[::-1], value.replace("\\", ""), *bare, *(each.strip("_") for each in bare)}
    return {each.strip() for each in spellings} | {value.replace(" ", "+")}


def _normalize(text: str) -> bytes:
    """Return `text` for comparison: one byte a character, lower case, without blanks, quotes and markup."""
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda match: _map_to_bytes(match[0]), text)
    return text.encode("latin-1").translate(_TO_LOWER, _IGNORED_BYTES)


@lru_cache(maxsize=4096)
def _map_to_bytes(character: str) -> str:
    # Two characters may share a byte. That twelve in a row do so by chance is too unlikely to matter.
    if character.isspace() or INVISIBLE_CHARS.match(character):
        return ""
    return "".join(each if each.isascii() else chr(0x80 | ord(each) & 0x7F) for each in character.casefold())


def _map_positions(text: str) -> list[int]:
    """Return for each byte of the normalized `text` the position of its character in `text`."""
    return [position for position, character in enumerate(text) for _ in _normalize(character)]
