"""Does a value look like a secret? In time that grows with its length and nothing else, whatever it holds."""

from collections.abc import Iterator

from bot.domain.redaction.detection.named_values import find_named_values
from bot.domain.redaction.detection.published_rules import find_rule_matches
from bot.domain.redaction.detection.randomness import find_random_tokens
from bot.domain.redaction.detection.secret_shapes import find_shaped_secrets
from bot.domain.redaction.detection.spans import Span, replace_spans
from bot.domain.text import remove_invisible

#: At most so many characters are looked at. A setting that people write is a hundredth of it.
MAX_SCANNED_LENGTH = 16_384


def looks_secret(text: str) -> bool:
    """Whether `text` is, or holds, what is usually kept secret, or is longer than `WINDOW`, which nobody looks through.

    JSON is judged by what it holds: the names in it, and the values.
    """
    text = remove_invisible(text)  # it is shown so
    return len(text) > MAX_SCANNED_LENGTH or next(_find_secrets(text), None) is not None


def redact_detected_secrets(text: str) -> str:
    """What a stranger said, such as Segment's complaint, without what looks like a secret in it; cut to `WINDOW`."""
    text = remove_invisible(text)
    head = text[:MAX_SCANNED_LENGTH]
    return replace_spans(head, _find_secrets(head), "•••") + ("…" if len(text) > MAX_SCANNED_LENGTH else "")


def _find_secrets(text: str) -> Iterator[Span]:
    if text.lstrip().startswith(("{", "[")) and "\\u" in text:
        yield 0, len(text)  # JSON that writes letters as numbers would have to be read first
    yield from find_shaped_secrets(text)
    yield from find_random_tokens(text)
    yield from find_named_values(text)
    yield from find_rule_matches(text)


def is_encodable(value: str) -> bool:
    """Whether `value` can be written down: one half of a surrogate pair, which JSON may hold, can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def classify_length(text: str) -> str:
    """The one thing that is told of what is hidden: short (under 16 characters), medium (under 64) or long."""
    return "short" if len(text) < 16 else "medium" if len(text) < 64 else "long"
