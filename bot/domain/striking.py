"""Values that must not leave, struck from whatever does: as they are, cut into pieces, or written another way."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

#: Characters of a secret that are looked for, and how far apart: with every fourth piece known, no fifteen characters
#: in a row are missed, in a quarter of the memory. Of a shorter secret, the whole is looked for.
_PIECE, _STRIDE = 12, 4

#: Shorter ones are words: striking them would take text apart and tell by its holes what they are.
_SHORTEST = 4

_DOT = "•"

#: Members of Block Kit, and of what forms carry, that people read; and those with words of Slack's and the bot's own:
#: whoever hands over such a word as a secret must not break every form.
_READ = frozenset({"text", "initial_value", "alt_text", "reason", "name", "schema_name"})
_WORDS = frozenset({"type", "style", "action_id", "block_id", "callback_id", "url"})


class Censor:
    """Knows the secrets of this process, and strikes them from text. It holds them as long as the process lives.

    Striking takes time that grows with the text, however many secrets there are and whatever the text is.
    """

    def __init__(self, *secrets: SecretStr) -> None:
        self._short: set[str] = set()
        self._longest_first: list[str] = []
        self._pieces: set[str] = set()
        for secret in secrets:
            self.learn(secret)

    def __repr__(self) -> str:
        return "Censor(…)"

    def learn(self, secret: SecretStr) -> None:
        """Strike `secret` from now on."""
        value = secret.get_secret_value()
        # A value of several lines is quoted line by line, too.
        for part in {value, *value.splitlines()}:
            if len(part.strip()) >= _SHORTEST:
                for written in _spellings(part):
                    self._learn(written)
        # One that is part of another would leave the rest of that.
        self._longest_first = sorted(self._short, key=len, reverse=True)

    def strike(self, text: str) -> str:
        """`text` without any secret, nor fifteen characters in a row of one."""
        text = self._without_pieces(text)
        for short in self._longest_first:
            if short in text:
                text = text.replace(short, _DOT * 3)
        return text

    def holds(self, text: str) -> bool:
        """Whether `text` is a secret, or has fifteen characters of one in it. Short ones within it are words."""
        return text.strip() in self._short or self._without_pieces(text) != text

    def _without_pieces(self, text: str) -> str:
        pieces = self._pieces
        if not pieces or len(text) < _PIECE:
            return text
        kept: list[str] = []
        folded, hidden_until, copied = _folded(text), 0, 0
        for at in range(len(text) - _PIECE + 1):
            if folded[at : at + _PIECE] in pieces:
                if at >= hidden_until:
                    kept += [text[copied:at], _DOT * 3]
                hidden_until = copied = at + _PIECE
        return "".join([*kept, text[copied:]]) if kept else text

    def strike_blocks(self, value: object) -> Any:
        """Block Kit, or any JSON, without any secret.

        In what machines read (ids, kinds, values of buttons) short secrets stay: they are words there.
        """
        match value:
            case str():
                return self._without_pieces(value)
            case Mapping():
                return {key: self._strike_member(key, each) for key, each in value.items()}
            case list() | tuple():
                return [self.strike_blocks(each) for each in value]
            case _:
                return value

    def _strike_member(self, key: str, value: object) -> Any:
        if not isinstance(value, str):
            return self.strike_blocks(value)
        if key in _WORDS:
            return value
        if key == "private_metadata":
            return self._struck_json(value)
        return self.strike(value) if key in _READ else self._without_pieces(value)

    def _struck_json(self, text: str) -> str:
        try:
            kept = json.loads(text)
        except ValueError:
            return self._without_pieces(text)
        return json.dumps(self.strike_blocks(kept), ensure_ascii=False, separators=(",", ":"))

    def _learn(self, written: str) -> None:
        if len(written) < _PIECE:
            self._short.add(written)
        else:
            folded, last = _folded(written), len(written) - _PIECE
            self._pieces.update(folded[at : at + _PIECE] for at in (*range(0, last, _STRIDE), last))


def _folded(text: str) -> str:
    """`text` without capitals, character for character: a few letters are two when they are small."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(map(_small, text))


def _small(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def _spellings(value: str) -> Iterable[str]:
    """`value` as it may be written on its way out."""
    raw = value.encode(errors="surrogatepass")
    yield from {value, value.swapcase(), value.lower(), value.upper()} if len(value) < _PIECE else {value}
    yield value[::-1]
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    yield value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Where people read it, marks of Slack's markup are taken out or replaced.
    quoted = value.replace("`", "'")
    yield from {quoted, quoted.replace("*", ""), re.sub(r"[*`]", "", value), re.sub(r"[*`~]", "", value)} - {value}
    yield raw.hex()
    # Base64 of something around it: what its neighbours share a byte with is left out.
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"\0" * shift + raw).decode().rstrip("=")
            cut = inner[(0, 2, 3)[shift] : len(inner) - (1 if (len(raw) + shift) % 3 else 0)]
            if len(cut) >= _SHORTEST * 2:
                yield cut
