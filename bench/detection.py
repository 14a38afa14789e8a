"""Measure the detection of secrets: rates, time for a card of 50 blocks, hostile texts, import time, memory.

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
#: Values like those in the fifty blocks of a card.
_CARD_VALUES = (
    *("acme-eu1", "xy12345.eu-west-1", "PROFILES", "SEGMENT_USER_PRODUCTION_EU_WEST_1", "5439"),
    *("legacy.c3xg9abcd123.us-east-1.redshift.amazonaws.com", "/sql/1.0/warehouses/1a2b3c4d5e6f7a8b"),
) * 7 + ("Segment could not connect: password authentication failed for user loader",)
#: Texts that are or may be slow when repeated: starts of matches that never end, and names without values.
_REPEATED_TEXTS = (
    *("a warehouse called prod-snowflake in eu-west-1, on since Monday ", "a", "-", "A1b", "eyJ", "-----BEGIN ", "://"),
    *("a://a:b@", "arn:aws:", "s3://a", "xoxe-", "key=", "password=", "auth='", "secret_", "Authorization: ", "a."),
)
_FRESH_PROCESS = """
import bot.domain.text, bot.domain.warehouses, resource, time
def resident_kb(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() // 1024
before, started_at = resident_kb(), time.process_time()
from bot.domain.redaction.detection.detector import looks_secret
imported_at = time.process_time()
looks_secret("password = hunter2")
searched_at = time.process_time()
print(f"import {(imported_at - started_at) * 1e3:.0f} ms, first text {(searched_at - imported_at) * 1e3:.0f} ms,"
      f" memory {resident_kb() - before:,} kB", end="")
from bot.domain.redaction.detection.published_rules import load_rules, match_rule
for rule in load_rules(): list(match_rule(rule, ""))
print(f", with every rule compiled {resident_kb() - before:,} kB")
"""


def main() -> None:
    """Print the figures of docs/detection.md."""
    _print_rates()
    search_seconds = _measure_best(lambda: [looks_secret(value) for value in _CARD_VALUES])
    redaction_seconds = _measure_best(lambda: [redact_detected_secrets(value) for value in _CARD_VALUES])
    print(f"a card of {len(_CARD_VALUES)} blocks: {search_seconds * 1e3:.2f} ms", end="")
    print(f", redacted in {redaction_seconds * 1e3:.2f} ms")
    subprocess.run([sys.executable, "-c", _FRESH_PROCESS], check=True)  # noqa: S603 - a new interpreter's imports
    print(
        "ns a character at "
        + ", ".join(f"{size:,}" for size in _SIZES)
        + "; growth is 2.0 where twice the text takes twice the time"
    )
    for unit, times in sorted(_measure_hostile(), key=lambda each: -each[1][-1])[:20]:
        shown = " ".join(f"{seconds / size * 1e9:7.0f}" for seconds, size in zip(times, _SIZES, strict=True))
        print(f"{unit[:30]!r:34} {shown}   growth {times[-1] / times[-2]:.1f}")


def _print_rates() -> None:
    secrets, harmless = read_examples("secrets.txt"), read_examples("harmless.txt")
    rule_examples = read_examples_of_rules()
    found = [
        looks_secret(each.text) and all(is_gone(secret, redact_detected_secrets(each.text)) for secret in each.secrets)
        for each in (*secrets, *rule_examples.values())
    ]
    print(f"found: {sum(found[: len(secrets)])} of {len(secrets)} secrets", end="")
    print(f", {sum(found[len(secrets) :])} of {len(rule_examples)} examples of the published rules")
    shown = sum(redact_detected_secrets(each.text) == each.text and not looks_secret(each.text) for each in harmless)
    print(f"shown: {shown} of {len(harmless)} harmless texts")


def _measure_hostile() -> Iterator[tuple[str, list[float]]]:
    """Return short texts, such as the keywords of the rules, and the seconds for a long repetition of each, by size."""
    keywords = sorted({keyword for rule in load_rules() for keyword in rule.keywords})
    pairs = [f"{keyword} = {other}" for keyword, other in zip(keywords, keywords[97:] + keywords[:97], strict=True)]
    for unit in (*_REPEATED_TEXTS, *keywords, *pairs):
        texts = [(unit * (size // len(unit) + 1))[:size] for size in _SIZES]
        yield unit, [_measure_best(lambda text=text: redact_detected_secrets(text), 3) for text in texts]


def _measure_best(function: Callable[[], object], times: int = 20) -> float:
    """Return the shortest processor time of several runs of `function`, in seconds."""

    def measure() -> float:
        started_at = time.process_time()
        function()
        return time.process_time() - started_at

    return min(measure() for _ in range(times))


if __name__ == "__main__":
    main()
