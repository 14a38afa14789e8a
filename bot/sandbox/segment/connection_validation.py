"""The operation that tries settings out."""

from bot.sandbox.segment.masking import is_redaction_mark
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.warehouse_inputs import ValidationInput, parse_validation_input

UNREACHABLE = "unreachable"


def validate_connection(call: Call) -> OperationResult:
    """Try to connect, and answer 200 with CONNECTED or FAILED.

    FAILED where a required setting or secret is missing or empty, where a text setting (hostname, account, project)
    contains "unreachable", or where a redaction mark (`<redacted>`, bullets) was sent in a secret's place.
    """
    tried = parse_validation_input(call.body)
    call.state.audit_log.record(
        call.now, "Storage Destination Settings Validation", tried.type.id, tried.type.name, "warehouse-metadata"
    )
    return OperationResult({"status": "CONNECTED" if _connects(tried) else "FAILED"})


def _connects(tried: ValidationInput) -> bool:
    given = {key: value for key, value in tried.settings.items() if value is not None and value != ""}
    if tried.type.list_missing_keys(given) or tried.type.lacks_credentials(given):
        return False
    texts = [value for value in given.values() if isinstance(value, str)]
    return not any(UNREACHABLE in text.lower() or is_redaction_mark(text) for text in texts)
