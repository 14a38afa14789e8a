"""Decode what a text may say in another encoding, so that secrets in it are found: escapes, hex and base64."""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from bot.domain.redaction.spans import Span

#: The characters of hex, base64 and base64url. Padding and line ends separate runs.
_ALPHABET = "[A-Za-z0-9+/_-]"
_BASE64URL_TO_BASE64 = str.maketrans("-_", "+/")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")

#: Percent-encoding, the escapes of JSON and of Python's repr (which may be escaped again), and HTML's entities.
_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\+u[0-9A-Fa-f]{4})+|(?:\\+x[0-9A-Fa-f]{2})+|\\+[^&%\\]?"
    r"|&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,6});",
    re.DOTALL,
)
_CONTROL_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class EncodedRun(NamedTuple):
    """A part of a text that may be hex or base64, and everything that it may decode to."""

    span: Span
    decodings: tuple[bytes, ...]


def find_encoded_runs(text: str, min_length: int) -> Iterator[EncodedRun]:
    """Find each run of at least `min_length` characters that may be hex or base64.

    The encoding may begin anywhere in the run, so every alignment is decoded. Together, the decodings are at most four
    times as long as the run.
    """
    for match in re.finditer(f"{_ALPHABET}{{{min_length},}}", text):
        yield EncodedRun(Span(*match.span()), tuple(_decode_run(match[0])))


def _decode_run(run: str) -> Iterator[bytes]:
    base64_run = run.translate(_BASE64URL_TO_BASE64)
    for shift in range(4):
        yield _decode_base64(base64_run[shift:])
    for match in _HEX.finditer(run):
        yield bytes.fromhex(match[0])
        yield bytes.fromhex(run[match.start() + 1 : match.end() - 1])


def _decode_base64(digits: str) -> bytes:
    remainder = len(digits) % 4
    if remainder == 1:  # the last digit's six bits make no byte
        digits, remainder = digits[:-1], 0
    return a2b_base64(digits + "=" * (-remainder % 4))


def decode_leniently(data: bytes) -> str:
    """Return `data` as text, with a line end in place of each sequence that is not UTF-8."""
    return data.decode("utf-8", "replace").replace("\ufffd", "\n")


def has_escapes(text: str) -> bool:
    """Whether `text` may contain an escape."""
    return "%" in text or "\\" in text or "&" in text


def decode_escapes(text: str) -> str:
    """Return `text` with every escape in it replaced by the characters it stands for."""
    return _ESCAPE.sub(_decode_escape, text)


def decode_escapes_with_positions(text: str) -> tuple[str, list[Span]]:
    """Decode the escapes in `text`, and give for each character of the result the part of `text` it comes from."""
    characters: list[str] = []
    origins: list[Span] = []
    copied_to = 0
    for match in _ESCAPE.finditer(text):
        characters += text[copied_to : match.start()]
        origins += _single_characters(copied_to, match.start())
        decoded = _decode_escape(match)
        characters += decoded
        origins += [Span(*match.span())] * len(decoded)
        copied_to = match.end()
    characters += text[copied_to:]
    origins += _single_characters(copied_to, len(text))
    return "".join(characters), origins


def _single_characters(start: int, end: int) -> Iterator[Span]:
    return (Span(index, index + 1) for index in range(start, end))


def _decode_escape(match: re.Match[str]) -> str:
    escape = match[0]
    if escape.startswith("%"):
        return decode_leniently(bytes.fromhex(escape.replace("%", "")))
    if not escape.startswith("\\"):
        return unescape(escape)
    code = escape.replace("\\", "")
    if len(code) < 2:  # a letter after two or more backslashes is that letter
        return code if len(escape) > 2 else _CONTROL_ESCAPES.get(code, code)
    data = bytes.fromhex(code.replace(code[0], ""))
    return data.decode("utf-16-be", "replace") if code[0] == "u" else decode_leniently(data)
