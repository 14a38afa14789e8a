"""Read the errors in an answer of Segment's, without the secrets that they may quote."""

from collections.abc import Collection

from pydantic import JsonValue, SecretStr

from bot.domain.redaction.detection.detector import redact_detected_secrets
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.segment_errors import FieldError
from bot.domain.text import remove_invisible, scrub_text, to_one_line, truncate

#: Errors that are read, and characters that are kept of their words and of their names: they end up in messages.
_ERRORS, _MESSAGE, _TYPE, _FIELD = 20, 500, 100, 255

#: Characters that are looked through for secrets before the rest is cut off.
_EXCERPT = 4000


def extract_error_entries(envelope: JsonValue) -> list[dict[str, JsonValue]]:
    """The errors that can be read: one that can't takes no other with it."""
    entries = envelope.get("errors") if isinstance(envelope, dict) else None
    return [each for each in entries if isinstance(each, dict)][:_ERRORS] if isinstance(entries, list) else []


def parse_field_errors(envelope: JsonValue, sent_secrets: Collection[SecretStr]) -> tuple[FieldError, ...]:
    """The errors, scrubbed of every known secret and of those that were `sent`, however weak, and then cut."""
    all_sent, strong = Scrubber(*sent_secrets, include_weak=True), Scrubber(*sent_secrets)
    return tuple(
        FieldError(
            type=truncate(_scrubbed(each.get("type"), strong), _TYPE),
            message=to_one_line(redact_detected_secrets(_scrubbed(each.get("message"), all_sent)), _MESSAGE),
            field=truncate(_scrubbed(each.get("field"), strong), _FIELD) or None,
        )
        for each in extract_error_entries(envelope)
    )


def _scrubbed(value: JsonValue, sent: Scrubber) -> str:
    # Before a part is veiled or cut: what is left of a secret is no longer recognised. What nobody sees in a secret
    # would hide it.
    return scrub_text(sent.scrub_excerpt(remove_invisible(value), _EXCERPT), _EXCERPT) if isinstance(value, str) else ""
