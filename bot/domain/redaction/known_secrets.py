"""Find known secrets in a text, in time that grows with the text and memory that grows with the secrets.

A secret of twelve characters or more is known by pieces of twelve, every fourth one, so that no fifteen characters in
a row of it are missed; a set holds the pieces of all secrets. A shorter one is found whole, and not inside a word. What
is compared has no case; of a long secret it has neither blanks nor the marks that quoting and markup add or take out.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.domain.redaction.encodings import decode_escapes
from bot.domain.text import INVISIBLE_CHARS, to_one_line

#: Characters of a piece, and how far apart pieces begin.
FRAGMENT_LENGTH, FRAGMENT_STRIDE = 12, 4

_LOWER = bytes(range(256)).lower()
_DROPPED = bytes(range(0x21)) + b"\x7f" + b"*_~`'\"\\+"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

#: A word, or one character between words.
_TOKEN = re.compile(r"[^\W_]+|[\W_]")

#: Where a span of a text begins and ends.
Span = tuple[int, int]


class KnownSecrets:
    """The secrets to find. Holds their pieces, and never shows them."""

    def __init__(self) -> None:
        self._pieces: set[bytes] = set()
        self._short: set[str] = set()
        self._first_words: set[str] = set()
        self._longest = 0

    def __repr__(self) -> str:
        return "KnownSecrets(…)"

    @property
    def has_short_secrets(self) -> bool:
        """Whether some are found whole."""
        return bool(self._short)

    @property
    def fragment_count(self) -> int:
        """How many pieces and short secrets are held."""
        return len(self._pieces) + len(self._short)

    def add(self, value: str) -> None:
        """Find `value` from now on."""
        # What looks like an escape in a secret is undone together with those around it.
        for written in {value, decode_escapes(value)}:
            self._add(written)

    def _add(self, value: str) -> None:
        data = _comparable(value)
        last = len(data) - FRAGMENT_LENGTH
        if last >= 0:
            self._pieces.update(data[at : at + FRAGMENT_LENGTH] for at in (*range(0, last, FRAGMENT_STRIDE), last))
        else:
            self._add_short(value)

    def _add_short(self, value: str) -> None:
        for shown in filter(None, map(str.casefold, _as_shown(value))):
            self._short.add(shown)
            self._first_words.add(_TOKEN.findall(shown)[0])
            self._longest = max(self._longest, len(shown))

    def may_match(self, text: str) -> bool:
        """Whether `spans` has to look closer: False is certain, and the usual answer."""
        if self._short and not self._first_words.isdisjoint(_TOKEN.findall(text.casefold())):
            return True
        data = _comparable(text) if self._pieces else b""
        return self._has_piece(data) or self._has_piece(data[::-1])

    def find_spans(self, text: str, *, include_short: bool = True) -> Iterator[Span]:
        """Where secrets stand in `text`, in no order; spans may overlap. Without `short`, long ones alone."""
        if include_short:
            yield from self._short_spans(text)
        data = _comparable(text) if self._pieces else b""
        found = [*self._found(data), *(len(data) - at - FRAGMENT_LENGTH for at in self._found(data[::-1]))]
        if found:
            places = _places(text)
            yield from ((places[at], places[at + FRAGMENT_LENGTH - 1] + 1) for at in found)

    def _has_piece(self, data: bytes) -> bool:
        return next(self._found(data), None) is not None

    def _found(self, data: bytes) -> Iterator[int]:
        pieces = self._pieces
        for at in range(len(data) - FRAGMENT_LENGTH + 1):
            if data[at : at + FRAGMENT_LENGTH] in pieces:
                yield at

    def _short_spans(self, text: str) -> Iterator[Span]:
        if not self._short:
            return
        tokens = [(found.start(), found.end(), found[0].casefold()) for found in _TOKEN.finditer(text)]
        for first, (start, _, word) in enumerate(tokens):
            if word not in self._first_words:
                continue
            candidate = ""
            for _, end, more in tokens[first : first + self._longest]:
                candidate += more
                if len(candidate) > self._longest:
                    break
                if candidate in self._short:
                    yield start, end


def _as_shown(value: str) -> Iterable[str]:
    """A short secret backwards, and as it may be shown: on one line, with marks of Slack's markup replaced.

    Backslashes are left out, as they are where escapes are undone.
    """
    line = to_one_line(value)
    quoted = line.replace("`", "'")
    bare = {quoted, quoted.replace("*", ""), *(re.sub(marks, "", line) for marks in ("[*`]", "[*`~]"))}
    shown = {value, line, value[::-1], value.replace("\\", ""), *bare, *(each.strip("_") for each in bare)}
    return {each.strip() for each in shown} | {value.replace(" ", "+")}


def _comparable(text: str) -> bytes:
    """`text` for comparing, one byte for a character: no case, no blanks, no marks of quoting and markup."""
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda found: _one_byte_each(found[0]), text)
    return text.encode("latin-1").translate(_LOWER, _DROPPED)


@lru_cache(maxsize=4096)
def _one_byte_each(letter: str) -> str:
    # Two letters may share a byte. Twelve in a row that do so by chance are nothing to fear.
    if letter.isspace() or INVISIBLE_CHARS.match(letter):
        return ""
    return "".join(each if each.isascii() else chr(0x80 | ord(each) & 0x7F) for each in letter.casefold())


def _places(text: str) -> list[int]:
    """For each byte of what `text` is compared by, where its character stands in `text`."""
    return [at for at, letter in enumerate(text) for _ in _comparable(letter)]
