"""Values that must not leave, struck from whatever does: as they are, cut into pieces, or written another way."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

#: Characters of a secret that give it away. Of a shorter one, the whole.
_PIECE = 12

#: Shorter ones are words: striking them would take text apart and tell by its holes what they are.
_SHORTEST = 4

_DOT = "•"

#: Members of Block Kit that people read.
_READ = frozenset({"text", "initial_value", "alt_text", "reason"})


class Censor:
    """Knows the secrets of this process, and strikes them from text. It holds them as long as the process lives.

    Striking takes time that grows with the text, however many secrets there are and whatever the text is.
    """

    def __init__(self, *secrets: SecretStr) -> None:
        self._short: set[str] = set()
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

    def strike(self, text: str) -> str:
        """`text` without any secret, nor any dozen characters of one."""
        for short in self._short:
            if short in text:
                text = text.replace(short, _DOT * 3)
        return self._without_pieces(text)

    def _without_pieces(self, text: str) -> str:
        pieces = self._pieces
        if not pieces or len(text) < _PIECE:
            return text
        kept: list[str] = []
        hidden_until, copied = 0, 0
        for at in range(len(text) - _PIECE + 1):
            if text[at : at + _PIECE] in pieces:
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
        return self.strike(value) if key in _READ and isinstance(value, str) else self.strike_blocks(value)

    def _learn(self, written: str) -> None:
        if len(written) < _PIECE:
            self._short.add(written)
        else:
            self._pieces.update(written[at : at + _PIECE] for at in range(len(written) - _PIECE + 1))


def _spellings(value: str) -> Iterable[str]:
    """`value` as it may be written on its way out."""
    raw = value.encode()
    yield from {value, value.swapcase(), value.lower(), value.upper(), value[::-1]}
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from {quote(value, safe=""), quote(value), quote_plus(value)}
    yield value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield raw.hex()
    # Base64 of something around it: what its neighbours share a byte with is left out.
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"\0" * shift + raw).decode().rstrip("=")
            cut = inner[(0, 2, 3)[shift] : len(inner) - (1 if (len(raw) + shift) % 3 else 0)]
            if len(cut) >= _SHORTEST * 2:
                yield cut
