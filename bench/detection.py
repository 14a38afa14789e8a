"""What finding secrets costs and how well it does: rates, a card of 50 blocks, hostile texts, import, memory.

python -m bench.detection
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from bot.domain.redaction.detection.detector import MAX_SCANNED_LENGTH, looks_secret, redact_detected_secrets
from bot.domain.redaction.detection.published_rules import load_rules
from tests.support.examples import is_gone, read_examples, read_examples_of_rules

_SIZES = (2_048, 4_096, 8_192, MAX_SCANNED_LENGTH)
#: Values as fifty blocks of a card show them.
_CARD = (
    *("acme-eu1", "xy12345.eu-west-1", "PROFILES", "SEGMENT_USER_PRODUCTION_EU_WEST_1", "5439"),
    *("legacy.c3xg9abcd123.us-east-1.redshift.amazonaws.com", "/sql/1.0/warehouses/1a2b3c4d5e6f7a8b"),
) * 7 + ("Segment could not connect: password authentication failed for user loader",)
#: What was slow once, or may be: starts of what never ends, and names without values.
_UNITS = (
    *("a warehouse called prod-snowflake in eu-west-1, on since Monday ", "a", "-", "A1b", "eyJ", "-----BEGIN ", "://"),
    *("a://a:b@", "arn:aws:", "s3://a", "xoxe-", "key=", "password=", "auth='", "secret_", "Authorization: ", "a."),
)
_FRESH = """
import bot.domain.text, bot.domain.warehouses, resource, time
def kept(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() // 1024
before, began = kept(), time.process_time()
from bot.domain.redaction.detection.detector import looks_secret
imported = time.process_time()
looks_secret("password = hunter2")
print(f"import {(imported - began) * 1e3:.0f} ms, first text {(time.process_time() - imported) * 1e3:.0f} ms,"
      f" memory {kept() - before:,} kB", end="")
from bot.domain.redaction.detection import published_rules as published
for rule in published.load_rules(): list(published.find_by(rule, ""))
print(f", with every rule compiled {kept() - before:,} kB")
"""


def main() -> None:
    """Print the figures that docs/detection.md gives."""
    _print_rates()
    print(
        f"a card of {len(_CARD)} blocks: {_best(lambda: [looks_secret(value) for value in _CARD]) * 1e3:.2f} ms", end=""
    )
    print(f", changed by as much in {_best(lambda: [redact_detected_secrets(value) for value in _CARD]) * 1e3:.2f} ms")
    subprocess.run([sys.executable, "-c", _FRESH], check=True)  # noqa: S603 - a fresh interpreter, for its imports
    print(
        "ns a character at "
        + ", ".join(f"{size:,}" for size in _SIZES)
        + "; growth is 2.0 where twice the text costs twice"
    )
    for unit, times in sorted(_measure_hostile(), key=lambda each: -each[1][-1])[:20]:
        shown = " ".join(f"{seconds / size * 1e9:7.0f}" for seconds, size in zip(times, _SIZES, strict=True))
        print(f"{unit[:30]!r:34} {shown}   growth {times[-1] / times[-2]:.1f}")


def _print_rates() -> None:
    secrets, harmless, of_rules = read_examples("secrets.txt"), read_examples("harmless.txt"), read_examples_of_rules()
    found = [
        looks_secret(each.text) and all(is_gone(secret, redact_detected_secrets(each.text)) for secret in each.secrets)
        for each in (*secrets, *of_rules.values())
    ]
    print(f"found: {sum(found[: len(secrets)])} of {len(secrets)} secrets", end="")
    print(f", {sum(found[len(secrets) :])} of {len(of_rules)} examples of the published rules")
    shown = sum(redact_detected_secrets(each.text) == each.text and not looks_secret(each.text) for each in harmless)
    print(f"shown: {shown} of {len(harmless)} harmless texts")


def _measure_hostile() -> Iterator[tuple[str, list[float]]]:
    """Texts that repeat one thing, the keywords of the published rules among them, and the seconds for each size."""
    keywords = sorted({keyword for rule in load_rules() for keyword in rule.keywords})
    pairs = [f"{keyword} = {other}" for keyword, other in zip(keywords, keywords[97:] + keywords[:97], strict=True)]
    for unit in (*_UNITS, *keywords, *pairs):
        texts = [(unit * (size // len(unit) + 1))[:size] for size in _SIZES]
        yield unit, [_best(lambda text=text: redact_detected_secrets(text), 3) for text in texts]


def _best(step: Callable[[], object], times: int = 20) -> float:
    """The seconds of the processor that `step` takes when nothing else is in its way."""

    def once() -> float:
        began = time.process_time()
        step()
        return time.process_time() - began

    return min(once() for _ in range(times))


if __name__ == "__main__":
    main()
