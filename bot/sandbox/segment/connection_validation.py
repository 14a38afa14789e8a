"""The operation that tests a connection with given settings."""

from bot.sandbox.segment.masking import is_redaction_mark
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.warehouse_inputs import ValidationInput, parse_validation_input

UNREACHABLE = "unreachable"


def validate_connection(call: Call) -> OperationResult:
    """Answer 200 with CONNECTED or FAILED.

    The test fails where a required setting or secret is missing or empty, where a text setting (hostname, account,
    project) contains "unreachable", or where a secret is a redaction mark (`<redacted>`, bullets).
    """
    validation = parse_validation_input(call.body)
    call.state.audit_log.record(
        call.now,
        "Storage Destination Settings Validation",
        validation.type.id,
        validation.type.name,
        "warehouse-metadata",
    )
    return OperationResult({"status": "CONNECTED" if _can_connect(validation) else "FAILED"})


def _can_connect(validation: ValidationInput) -> bool:
    settings = {key: value for key, value in validation.settings.items() if value is not None and value != ""}
    if validation.type.list_missing_keys(settings) or validation.type.lacks_credentials(settings):
        return False
    texts = [value for value in settings.values() if isinstance(value, str)]
    return not any(UNREACHABLE in text.lower() or is_redaction_mark(text) for text in texts)
