"""Refuse requests and reasons that hold a secret: scrubbed, they would no longer say what is asked for."""

from bot.domain.changes.change import Change
from bot.domain.errors import OneTimeSecretGone
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.scrubbing import find_fields_with_secrets, find_masked_fields
from bot.domain.secret_errors import MaskedValue, SecretExposed
from bot.domain.secret_rules import secrets_of
from bot.domain.warehouses import SecretRef
from bot.services.ports import Secrets


async def reject_secrets(change: Change, reason: str, known: Scrubber, secrets: Secrets) -> None:
    """Check that neither `change` nor `reason` holds a secret.

    Secrets are those that `known` knows, and what a person handed over for this change, which `known` never learns.

    Raises:
        SecretExposed: a field of `change` that everybody sees, or `reason`, holds one.
        MaskedValue: a field of `change` holds the mask that is shown in place of one.
        OneTimeSecretGone: what was handed over can't be read any more.
    """
    handed_over = Scrubber(*[await secrets.resolve(ref) for ref in secrets_of(change) if ref.one_time_source])
    for scrubber in (known, handed_over):
        if keys := find_fields_with_secrets(change, reason, scrubber):
            raise SecretExposed(keys)
    if keys := find_masked_fields(change):
        raise MaskedValue(keys)


async def reject_secrets_in_reason(reason: str, change: Change, known: Scrubber, secrets: Secrets) -> None:
    """Check that `reason`, given about a request for `change`, holds no secret. Secrets are as in `reject_secrets`.

    What was handed over and can't be read any more keeps nobody from deciding.

    Raises:
        SecretExposed: it does.
    """
    refs = [ref for ref in secrets_of(change) if ref.one_time_source and reason]
    for scrubber in (known, *[await _scrubber_of(ref, secrets) for ref in refs]):
        if scrubber.has_match(reason):
            raise SecretExposed(("reason",))


async def _scrubber_of(ref: SecretRef, secrets: Secrets) -> Scrubber:
    try:
        return Scrubber(await secrets.resolve(ref))
    except OneTimeSecretGone:
        return Scrubber()
