"""The codes under which the audit log stores errors."""

import pytest

from bot.domain.errors import BotError, OneTimeSecretGone, SecretMissing, SecretProviderUnreachable
from bot.domain.segment_errors import UnexpectedResponse


@pytest.mark.parametrize(
    ("error_class", "code"),
    [
        (BotError, "BotError"),
        (SecretMissing, "SecretMissing"),
        (SecretProviderUnreachable, "SecretsUnreachable"),
        (OneTimeSecretGone, "HandedOverGone"),
        (UnexpectedResponse, "OffContract"),
    ],
)
def test_an_error_class_keeps_its_stored_code_when_it_is_renamed(error_class: type[BotError], code: str) -> None:
    assert error_class.audit_code == code
