"""Examples of what is secret and what is not; each file in tests/domain/redaction/examples starts with its format."""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent.parent / "domain" / "redaction" / "examples"
_MARKED = re.compile("«(.*?)»", re.DOTALL)


class Example(NamedTuple):
    """One line: the text, what of it is secret, and whether it is known to be judged wrongly."""

    text: str
    secrets: tuple[str, ...]
    is_known_fault: bool


def read_examples(name: str) -> list[Example]:
    """The examples of `secrets.txt` or `harmless.txt`."""
    return [_read(line) for line in _lines(name)]


def read_examples_of_rules() -> dict[str, Example]:
    """The example of each rule of gitleaks, by the rule's id."""
    pairs = (line.split("\t", 1) for line in _lines("gitleaks.txt"))
    return {rule: _read(text) for rule, text in pairs}


def is_gone(secret: str, text: str) -> bool:
    """Whether `text` holds neither `secret` nor eight characters of it in a row."""
    pieces = (secret[at : at + 8] for at in range(max(1, len(secret) - 7)))
    return not any(piece in text for piece in pieces)


def _lines(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _read(line: str) -> Example:
    known, text = line.startswith("~ "), line.removeprefix("~ ").replace("¦", "").replace("⏎", "\n")
    plain = text.replace("«", "").replace("»", "")
    return Example(plain, tuple(_MARKED.findall(text)) or (plain,), known)
