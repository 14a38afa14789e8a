"""Measure the scrubber: time per character of text, and memory, by the number and length of known secrets.

python -m bench.redaction
"""

import random
import re
import string
import time
import tracemalloc
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from pydantic import SecretStr

from bot.domain.redaction.scrubber import Scrubber

_COUNTS = (1, 50, 500)

#: Characters of a short secret, of four kilobytes in three-byte letters, and of the longest secret that is accepted.
_LENGTHS = (9, 1_365, 8_000)

_SIZES = (1_000, 10_000, 100_000, 1_000_000)

_LETTERS = string.ascii_letters + string.digits

#: The letters of secrets: one byte each in UTF-8, or three.
_ALPHABETS = {"ASCII": _LETTERS, "CJK": "".join(map(chr, range(0x4E00, 0x4E00 + 62)))}

#: The ASCII letters, in lines of four.
_LINES = "lines"

_LINE = "a warehouse called prod-snowflake in eu-west-1, on since Monday\n"

#: Texts that make careless patterns slow: starts of keys that never end, and texts that are nearly a secret.
HOSTILE_TEXTS: dict[str, Callable[[int], str]] = {
    "plain words": lambda size: _repeat(_LINE, size),
    "eyJ without end": lambda size: _repeat("eyJ", size),
    "dashes and BEGIN": lambda size: _repeat("-----BEGIN ", size),
    "URLs without a host": lambda size: _repeat("a://a:", size),
    "one letter": lambda size: "a" * size,
    "percent escapes": lambda size: _repeat("%41%2F", size),
    "nearly a secret": lambda size: _repeat("canary-hunter2-canar!", size),
    "secrets alone": lambda size: _repeat("canary-hunter2-canary", size),
}


class Cost(NamedTuple):
    """The cost of a set of secrets.

    These are the seconds to add them, to add them again, to scrub a list of blocks and to scrub one character, and the
    bytes of memory at the end and at the peak.
    """

    add: float
    add_again: float
    memory: int
    peak_memory: int
    blocks: float
    character: float


def main() -> None:
    """Print both tables."""
    print("known secrets: milliseconds to add them once and again, and for a list of 50 blocks; ns a character")
    print("secrets x length           add  again   list  ns/char    now MB  peak MB  memory/secret")
    for alphabet in (*_ALPHABETS, _LINES):
        for count in _COUNTS:
            for length in _LENGTHS:
                _print_cost(alphabet, count, length)
    print("\nns a character by kind of text, with 101 secrets, at " + ", ".join(f"{size:,}" for size in _SIZES))
    scrubber = Scrubber(SecretStr("canary-hunter2-canary"), *_make_secrets("ASCII", 100, 40))
    for kind, text_of in HOSTILE_TEXTS.items():
        costs = (_measure_best(partial(scrubber.scrub, text_of(size))) / size * 1e9 for size in _SIZES)
        print(f"{kind:20}", *(f"{cost:8.1f}" for cost in costs), flush=True)


def _print_cost(alphabet: str, count: int, length: int) -> None:
    secrets = _make_secrets(alphabet, count, length)
    size = sum(len(secret.get_secret_value().encode()) for secret in secrets)
    cost = _measure_cost(secrets)
    print(
        f"{alphabet:6}{count:5} x {length:5,}"
        f"{cost.add * 1e3:10.1f}{cost.add_again * 1e3:7.2f}{cost.blocks * 1e3:7.2f}{cost.character * 1e9:9.0f}"
        f"{cost.memory / 1e6:10.2f}{cost.peak_memory / 1e6:9.2f}{cost.memory / size:10.1f}x",
        flush=True,
    )


def _measure_cost(secrets: list[SecretStr]) -> Cost:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": _LINE * 4}}
    blocks = [{**section, "value": f"w_{number}"} for number in range(50)]
    text = _repeat(_LINE, 10_000)
    tracemalloc.start()
    scrubber = Scrubber(*secrets)
    memory, peak_memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    empty = Scrubber()
    return Cost(
        add=_measure_best(lambda: _add_all(empty, secrets), times=1),
        add_again=_measure_best(lambda: _add_all(scrubber, secrets)),
        memory=memory,
        peak_memory=peak_memory,
        blocks=_measure_best(lambda: scrubber.scrub_blocks(blocks)),
        character=_measure_best(lambda: scrubber.scrub(text)) / len(text),
    )


def _add_all(scrubber: Scrubber, secrets: Iterable[SecretStr]) -> None:
    for secret in secrets:
        scrubber.add_secret(secret)


def _make_secrets(alphabet: str, count: int, length: int) -> list[SecretStr]:
    generator = random.Random(1)  # noqa: S311 - texts, not keys
    texts = ["".join(generator.choices(_ALPHABETS.get(alphabet, _LETTERS), k=length)) for _ in range(count)]
    return [SecretStr(re.sub("(.{4}).", r"\1\n", text) if alphabet == _LINES else text) for text in texts]


def _repeat(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


def _measure_best(function: Callable[[], object], times: int = 3) -> float:
    """Return the shortest time of several runs of `function`, in seconds."""
    durations = []
    for _ in range(times):
        started_at = time.perf_counter()
        function()
        durations.append(time.perf_counter() - started_at)
    return min(durations)


if __name__ == "__main__":
    main()
