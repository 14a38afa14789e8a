"""Time for each byte that passes the redaction: flat from 1 kB to 10 MB, whatever the text is.

python -m bench.redaction
"""

import random
import string
import time
from collections.abc import Callable

from pydantic import SecretStr

from bot.domain.striking import Censor

_SECRETS = 100
_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)


def _plain(size: int) -> str:
    return ("a warehouse called prod-snowflake in eu-west-1, on since Monday\n" * (size // 64 + 1))[:size]


#: Texts that make careless patterns slow: starts of keys that never end, and what nearly is one.
HOSTILE: dict[str, Callable[[int], str]] = {
    "plain words": _plain,
    "eyJ without end": lambda size: ("eyJ" * (size // 3 + 1))[:size],
    "dashes and BEGIN": lambda size: ("-----BEGIN " * (size // 11 + 1))[:size],
    "URLs without a host": lambda size: ("a://a:" * (size // 6 + 1))[:size],
    "one letter": lambda size: "a" * size,
    "nearly a secret": lambda size: ("canary-hunter2-canar!" * (size // 21 + 1))[:size],
}


def main() -> None:
    """Print nanoseconds a byte for each kind of text, size and step."""
    chance = random.Random(1)  # noqa: S311 - texts, not keys
    secrets = ["".join(chance.choices(string.ascii_letters + string.digits, k=40)) for _ in range(_SECRETS)]
    censor = Censor(SecretStr("canary-hunter2-canary"), *map(SecretStr, secrets))
    steps: dict[str, Callable[[str], object]] = {
        "strike": censor.strike,
    }
    print(f"{_SECRETS + 1} secrets; ns a byte at " + ", ".join(f"{size:,}" for size in _SIZES))
    for kind, text_of in HOSTILE.items():
        for name, step in steps.items():
            print(f"{kind:20} {name:13}", *(f"{_measured(step, text_of(size)):8.1f}" for size in _SIZES), flush=True)


def _measured(step: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    step(text)
    return (time.perf_counter() - began) / len(text) * 1e9


if __name__ == "__main__":
    main()
