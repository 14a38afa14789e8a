"""Read the errors in an answer of Segment's, without the secrets that they may quote."""

from collections.abc import Collection

from pydantic import JsonValue, SecretStr

from bot.domain.redaction.detection.detector import veiled
from bot.domain.redaction.scrubber import Censor
from bot.domain.segment_errors import FieldError
from bot.domain.text import one_line, scrubbed, seen, shortened

#: Errors that are read, and characters that are kept of their words and of their names: they end up in messages.
_ERRORS, _MESSAGE, _TYPE, _FIELD = 20, 500, 100, 255

#: Characters that are looked through for secrets before the rest is cut off.
_EXCERPT = 4000


def error_entries(envelope: JsonValue) -> list[dict[str, JsonValue]]:
    """The errors that can be read: one that can't takes no other with it."""
    entries = envelope.get("errors") if isinstance(envelope, dict) else None
    return [each for each in entries if isinstance(each, dict)][:_ERRORS] if isinstance(entries, list) else []


def field_errors(envelope: JsonValue, sent: Collection[SecretStr]) -> tuple[FieldError, ...]:
    """The errors, scrubbed of every known secret and of those that were `sent`, however weak, and then cut."""
    all_sent, strong = Censor(*sent, every=True), Censor(*sent)
    return tuple(
        FieldError(
            type=shortened(_scrubbed(each.get("type"), strong), _TYPE),
            message=one_line(veiled(_scrubbed(each.get("message"), all_sent)), _MESSAGE),
            field=shortened(_scrubbed(each.get("field"), strong), _FIELD) or None,
        )
        for each in error_entries(envelope)
    )


def _scrubbed(value: JsonValue, sent: Censor) -> str:
    # Before a part is veiled or cut: what is left of a secret is no longer recognised. What nobody sees in a secret
    # would hide it.
    return scrubbed(sent.excerpt(seen(value), _EXCERPT), _EXCERPT) if isinstance(value, str) else ""
