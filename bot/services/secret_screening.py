"""Refuse requests and reasons that hold a secret: scrubbed, they would no longer say what is asked for."""

from bot.domain.changes.change import Change
from bot.domain.errors import HandedOverGone
from bot.domain.redaction.scrubber import Censor
from bot.domain.requests.scrubbing import masked_fields, shown_secrets
from bot.domain.secret_errors import SecretTold, ValueMasked
from bot.domain.secret_rules import secrets_of
from bot.domain.warehouses import SecretRef
from bot.services.ports import Secrets


async def demand_no_secret(change: Change, reason: str, known: Censor, secrets: Secrets) -> None:
    """Check that neither `change` nor `reason` holds a secret.

    Secrets are those that `known` knows, and what a person handed over for this change, which `known` never learns.

    Raises:
        SecretTold: a field of `change` that everybody sees, or `reason`, holds one.
        ValueMasked: a field of `change` holds the mask that is shown in place of one.
        HandedOverGone: what was handed over can't be read any more.
    """
    handed_over = Censor(*[await secrets.resolve(ref) for ref in secrets_of(change) if ref.way])
    for censor in (known, handed_over):
        if keys := shown_secrets(change, reason, censor):
            raise SecretTold(keys)
    if keys := masked_fields(change):
        raise ValueMasked(keys)


async def demand_plain_reason(reason: str, change: Change, known: Censor, secrets: Secrets) -> None:
    """Check that `reason`, given about a request for `change`, holds no secret. Secrets are as in `demand_no_secret`.

    What was handed over and can't be read any more keeps nobody from deciding.

    Raises:
        SecretTold: it does.
    """
    refs = [ref for ref in secrets_of(change) if ref.way and reason]
    for censor in (known, *[await _censor_of(ref, secrets) for ref in refs]):
        if censor.alters(reason):
            raise SecretTold(("reason",))


async def _censor_of(ref: SecretRef, secrets: Secrets) -> Censor:
    try:
        return Censor(await secrets.resolve(ref))
    except HandedOverGone:
        return Censor()
