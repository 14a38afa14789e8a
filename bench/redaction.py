"""Cost of the scrubber: time for each character of text, and memory, by the number and length of known secrets.

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

#: Characters of a short secret, of one of four kilobytes in three-byte letters, and of the longest that is taken.
_LENGTHS = (9, 1_365, 8_000)

_SIZES = (1_000, 10_000, 100_000, 1_000_000)

_LETTERS = string.ascii_letters + string.digits

#: What secrets are made of: one byte a letter in UTF-8, or three.
_ALPHABETS = {"ASCII": _LETTERS, "CJK": "".join(map(chr, range(0x4E00, 0x4E00 + 62)))}

#: As the first of them, in lines of four letters.
_LINES = "lines"

_LINE = "a warehouse called prod-snowflake in eu-west-1, on since Monday\n"

#: Texts that make careless patterns slow: starts of keys that never end, and what nearly is one.
HOSTILE: dict[str, Callable[[int], str]] = {
    "plain words": lambda size: _repeated(_LINE, size),
    "eyJ without end": lambda size: _repeated("eyJ", size),
    "dashes and BEGIN": lambda size: _repeated("-----BEGIN ", size),
    "URLs without a host": lambda size: _repeated("a://a:", size),
    "one letter": lambda size: "a" * size,
    "percent escapes": lambda size: _repeated("%41%2F", size),
    "nearly a secret": lambda size: _repeated("canary-hunter2-canar!", size),
    "secrets alone": lambda size: _repeated("canary-hunter2-canary", size),
}


class Cost(NamedTuple):
    """What `secrets` cost: seconds to learn and to learn again, bytes held, and seconds to scrub a list of blocks."""

    learn: float
    relearn: float
    held: int
    peak: int
    blocks: float
    text: float


def main() -> None:
    """Print both tables."""
    print("known secrets: milliseconds to learn them once and again, and for a list of 50 blocks; ns a character")
    print("secrets x length         learn  again   list  ns/char   held MB  peak MB  memory/secret")
    for alphabet in (*_ALPHABETS, _LINES):
        for count in _COUNTS:
            for length in _LENGTHS:
                _print_cost(alphabet, count, length)
    print("\nns a character by kind of text, with 101 secrets, at " + ", ".join(f"{size:,}" for size in _SIZES))
    censor = Scrubber(SecretStr("canary-hunter2-canary"), *_secrets("ASCII", 100, 40))
    for kind, text_of in HOSTILE.items():
        costs = (_seconds(partial(censor.scrub, text_of(size))) / size * 1e9 for size in _SIZES)
        print(f"{kind:20}", *(f"{cost:8.1f}" for cost in costs), flush=True)


def _print_cost(alphabet: str, count: int, length: int) -> None:
    secrets = _secrets(alphabet, count, length)
    spent = sum(len(secret.get_secret_value().encode()) for secret in secrets)
    cost = _cost(secrets)
    print(
        f"{alphabet:6}{count:5} x {length:5,}"
        f"{cost.learn * 1e3:10.1f}{cost.relearn * 1e3:7.2f}{cost.blocks * 1e3:7.2f}{cost.text * 1e9:9.0f}"
        f"{cost.held / 1e6:10.2f}{cost.peak / 1e6:9.2f}{cost.held / spent:10.1f}x",
        flush=True,
    )


def _cost(secrets: list[SecretStr]) -> Cost:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": _LINE * 4}}
    blocks = [{**section, "value": f"w_{at}"} for at in range(50)]
    text = _repeated(_LINE, 10_000)
    tracemalloc.start()
    censor = Scrubber(*secrets)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    fresh = Scrubber()
    return Cost(
        learn=_seconds(lambda: _learn(fresh, secrets), times=1),
        relearn=_seconds(lambda: _learn(censor, secrets)),
        held=held,
        peak=peak,
        blocks=_seconds(lambda: censor.scrub_blocks(blocks)),
        text=_seconds(lambda: censor.scrub(text)) / len(text),
    )


def _learn(censor: Scrubber, secrets: Iterable[SecretStr]) -> None:
    for secret in secrets:
        censor.add_secret(secret)


def _secrets(alphabet: str, count: int, length: int) -> list[SecretStr]:
    chance = random.Random(1)  # noqa: S311 - texts, not keys
    texts = ["".join(chance.choices(_ALPHABETS.get(alphabet, _LETTERS), k=length)) for _ in range(count)]
    return [SecretStr(re.sub("(.{4}).", r"\1\n", text) if alphabet == _LINES else text) for text in texts]


def _repeated(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


def _seconds(step: Callable[[], object], times: int = 3) -> float:
    """The shortest of so many runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        step()
        taken.append(time.perf_counter() - began)
    return min(taken)


if __name__ == "__main__":
    main()
