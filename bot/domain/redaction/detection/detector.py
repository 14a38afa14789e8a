"""Does a value look like a secret? In time that grows with its length and nothing else, whatever it holds."""

from collections.abc import Iterator

from bot.domain.redaction.detection.named_values import find_named
from bot.domain.redaction.detection.published_rules import find_published
from bot.domain.redaction.detection.randomness import find_random
from bot.domain.redaction.detection.secret_shapes import find_shaped
from bot.domain.redaction.detection.spans import Span, replace
from bot.domain.text import seen

#: At most so many characters are looked at. A setting that people write is a hundredth of it.
WINDOW = 16_384


def looks_secret(text: str) -> bool:
    """Whether `text` is, or holds, what is usually kept secret, or is longer than `WINDOW`, which nobody looks through.

    JSON is judged by what it holds: the names in it, and the values.
    """
    text = seen(text)  # it is shown so
    return len(text) > WINDOW or next(_find_secrets(text), None) is not None


def veiled(text: str) -> str:
    """What a stranger said, such as Segment's complaint, without what looks like a secret in it; cut to `WINDOW`."""
    text = seen(text)
    head = text[:WINDOW]
    return replace(head, _find_secrets(head), "•••") + ("…" if len(text) > WINDOW else "")


def _find_secrets(text: str) -> Iterator[Span]:
    if text.lstrip().startswith(("{", "[")) and "\\u" in text:
        yield 0, len(text)  # JSON that writes letters as numbers would have to be read first
    yield from find_shaped(text)
    yield from find_random(text)
    yield from find_named(text)
    yield from find_published(text)


def is_text(value: str) -> bool:
    """Whether `value` can be written down: one half of a surrogate pair, which JSON may hold, can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def length_class(text: str) -> str:
    """The one thing that is told of what is hidden: short (under 16 characters), medium (under 64) or long."""
    return "short" if len(text) < 16 else "medium" if len(text) < 64 else "long"
