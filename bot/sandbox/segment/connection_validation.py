"""The operation that tries settings out."""

from bot.sandbox.segment.masking import is_redaction
from bot.sandbox.segment.operations import Answer, Call
from bot.sandbox.segment.warehouse_inputs import Validation, read_validation

UNREACHABLE = "unreachable"


def validate(call: Call) -> Answer:
    """Try to connect, and answer 200 with CONNECTED or FAILED.

    FAILED where a required setting or secret is missing or empty, where a text setting (hostname, account, project)
    contains "unreachable", or where a redaction mark (`<redacted>`, bullets) was sent in a secret's place.
    """
    tried = read_validation(call.body)
    call.state.trail.write(
        call.now, "Storage Destination Settings Validation", tried.kind.id, tried.kind.name, "warehouse-metadata"
    )
    return Answer({"status": "CONNECTED" if _connects(tried) else "FAILED"})


def _connects(tried: Validation) -> bool:
    given = {key: value for key, value in tried.settings.items() if value is not None and value != ""}
    if tried.kind.missing(given) or tried.kind.lacks_credentials(given):
        return False
    texts = [value for value in given.values() if isinstance(value, str)]
    return not any(UNREACHABLE in text.lower() or is_redaction(text) for text in texts)
