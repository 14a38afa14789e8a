"""Detect text that looks like a secret, in time that grows only with the length of the text."""

from collections.abc import Iterator

from bot.domain.redaction.detection.named_values import find_named_values
from bot.domain.redaction.detection.published_rules import find_rule_matches
from bot.domain.redaction.detection.randomness import find_random_tokens
from bot.domain.redaction.detection.secret_shapes import find_shaped_secrets
from bot.domain.redaction.spans import Span, replace_spans
from bot.domain.text import remove_invisible

#: The most characters that are searched. A setting that people write is about a hundredth of it.
MAX_SCANNED_LENGTH = 16_384


def looks_secret(text: str) -> bool:
    """Whether `text` contains what looks like a secret, or is longer than `MAX_SCANNED_LENGTH`.

    JSON is judged by the names and values in it.
    """
    text = remove_invisible(text)  # as it would be shown
    return len(text) > MAX_SCANNED_LENGTH or next(_find_secrets(text), None) is not None


def redact_detected_secrets(text: str) -> str:
    """Return untrusted `text`, such as Segment's error message, with detected secrets replaced by "•••".

    Invisible characters are removed, and the text is cut to `MAX_SCANNED_LENGTH` characters.
    """
    text = remove_invisible(text)
    head = text[:MAX_SCANNED_LENGTH]
    return replace_spans(head, _find_secrets(head), "•••") + ("…" if len(text) > MAX_SCANNED_LENGTH else "")


def _find_secrets(text: str) -> Iterator[Span]:
    if text.lstrip().startswith(("{", "[")) and "\\u" in text:
        yield Span(0, len(text))  # JSON that escapes letters would have to be parsed first
    yield from find_shaped_secrets(text)
    yield from find_random_tokens(text)
    yield from find_named_values(text)
    yield from find_rule_matches(text)


def is_encodable(value: str) -> bool:
    """Whether `value` can be encoded as UTF-8: one half of a surrogate pair, which JSON may hold, can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def classify_length(text: str) -> str:
    """Return the length class of a hidden text: short (under 16 characters), medium (under 64) or long."""
    return "short" if len(text) < 16 else "medium" if len(text) < 64 else "long"
