"""Parse the errors in a response of Segment, and remove the secrets that they may quote."""

from collections.abc import Collection

from pydantic import JsonValue, SecretStr

from bot.domain.redaction.detection.detector import redact_detected_secrets
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.segment_errors import FieldError
from bot.domain.text import remove_invisible, scrub_text, to_one_line, truncate

#: The most errors that are parsed, and the most characters of their parts, which become part of messages in Slack.
_MAX_ERRORS, _MAX_MESSAGE_LENGTH, _MAX_TYPE_LENGTH, _MAX_FIELD_LENGTH = 20, 500, 100, 255

#: Characters that are searched for secrets before the text is cut.
_EXCERPT_LENGTH = 4000


def extract_error_entries(envelope: JsonValue) -> list[dict[str, JsonValue]]:
    """Return the error objects in a response; entries of another shape are left out."""
    entries = envelope.get("errors") if isinstance(envelope, dict) else None
    return [each for each in entries if isinstance(each, dict)][:_MAX_ERRORS] if isinstance(entries, list) else []


def parse_field_errors(envelope: JsonValue, sent_secrets: Collection[SecretStr]) -> tuple[FieldError, ...]:
    """Return the errors, scrubbed of every known secret and of `sent_secrets`, then cut.

    Weak secrets among `sent_secrets` are hidden in the messages too.
    """
    scrubber, strong_scrubber = Scrubber(*sent_secrets, include_weak=True), Scrubber(*sent_secrets)
    return tuple(
        FieldError(
            type=truncate(_scrub(each.get("type"), strong_scrubber), _MAX_TYPE_LENGTH),
            message=to_one_line(redact_detected_secrets(_scrub(each.get("message"), scrubber)), _MAX_MESSAGE_LENGTH),
            field=truncate(_scrub(each.get("field"), strong_scrubber), _MAX_FIELD_LENGTH) or None,
        )
        for each in extract_error_entries(envelope)
    )


def _scrub(value: JsonValue, scrubber: Scrubber) -> str:
    # Scrub before other steps redact or cut parts of the text, for half a secret is no longer recognised. Invisible
    # characters go first, since they could hide a secret.
    if not isinstance(value, str):
        return ""
    return scrub_text(scrubber.scrub_excerpt(remove_invisible(value), _EXCERPT_LENGTH), _EXCERPT_LENGTH)
