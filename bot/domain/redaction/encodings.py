"""Decode what a text may say in another encoding, so that a secret in it is found: escapes, hex and base64."""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

#: What hex, base64 and base64url are made of. Padding and line ends part such stretches.
_ALPHABET = "[A-Za-z0-9+/_-]"
_FROM_BASE64URL = str.maketrans("-_", "+/")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")

#: Percent-encoding, the escapes of JSON and of Python's repr, once or in one another, and HTML's entities.
_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\+u[0-9A-Fa-f]{4})+|(?:\\+x[0-9A-Fa-f]{2})+|\\+[^&%\\]?"
    r"|&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,6});",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class EncodedRun(NamedTuple):
    """The stretch from `start` to `end` of a text, and everything that it may decode to."""

    start: int
    end: int
    decodings: tuple[bytes, ...]


def find_encoded_runs(text: str, min_length: int) -> Iterator[EncodedRun]:
    """Each stretch of at least `shortest` characters that may be hex or base64.

    Where in the stretch the encoding begins is unknown, so every alignment is decoded. All of it together is at most
    four times as long as the stretch.
    """
    for found in re.finditer(f"{_ALPHABET}{{{min_length},}}", text):
        yield EncodedRun(found.start(), found.end(), tuple(_decodings(found[0])))


def _decodings(run: str) -> Iterator[bytes]:
    standard = run.translate(_FROM_BASE64URL)
    for shift in range(4):
        yield _from_base64(standard[shift:])
    for digits in _HEX.finditer(run):
        yield bytes.fromhex(digits[0])
        yield bytes.fromhex(run[digits.start() + 1 : digits.end() - 1])


def _from_base64(digits: str) -> bytes:
    odd = len(digits) % 4
    if odd == 1:  # six bits more are no byte
        digits, odd = digits[:-1], 0
    return a2b_base64(digits + "=" * (-odd % 4))


def decode_leniently(decoded: bytes) -> str:
    """`decoded` as text, with line ends in place of what is none."""
    return decoded.decode("utf-8", "replace").replace("\ufffd", "\n")


def has_escapes(text: str) -> bool:
    """Whether anything in `text` may be escaped."""
    return "%" in text or "\\" in text or "&" in text


def decode_escapes(text: str) -> str:
    """`text` with everything that is escaped in it as it is meant."""
    return _ESCAPE.sub(_meant, text)


def decode_escapes_with_positions(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The same, and for each of its characters the stretch of `text` that it stands for."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    copied = 0
    for found in _ESCAPE.finditer(text):
        letters += text[copied : found.start()]
        places += ((at, at + 1) for at in range(copied, found.start()))
        meant = _meant(found)
        letters += meant
        places += [found.span()] * len(meant)
        copied = found.end()
    letters += text[copied:]
    places += ((at, at + 1) for at in range(copied, len(text)))
    return "".join(letters), places


def _meant(found: re.Match[str]) -> str:
    escape = found[0]
    if escape.startswith("%"):
        return decode_leniently(bytes.fromhex(escape.replace("%", "")))
    if not escape.startswith("\\"):
        return unescape(escape)
    meant = escape.replace("\\", "")
    if len(meant) < 2:  # behind two backslashes it is a letter again
        return meant if len(escape) > 2 else _LETTERS.get(meant, meant)
    units = bytes.fromhex(meant.replace(meant[0], ""))
    return units.decode("utf-16-be", "replace") if meant[0] == "u" else decode_leniently(units)
