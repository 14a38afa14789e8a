"""Whatever is fetched is known from then on to what keeps secrets from leaving."""

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.redaction.detection.detector import is_encodable
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.weak_secrets import WEAK_SECRET_WARNING
from bot.domain.warehouses import SecretRef
from bot.secrets.combined import SecretProvider

log = structlog.get_logger(__name__)


class RegisteringSecretProvider:
    """`places`, with `censor` told of every value before anybody else sees it.

    Not of what a person handed over for one request: it is hidden where that request is handled, and nowhere else. A
    value that is too weak to be hidden is logged once, by its name.
    """

    def __init__(self, provider: SecretProvider, scrubber: Scrubber) -> None:
        self._places = provider
        self._censor = scrubber
        self._weak: set[str] = set()

    async def list_names(self) -> tuple[str, ...]:
        """As the places have them, without what can't be written down: it would spoil every form."""
        return tuple(name for name in await self._places.list_names() if is_encodable(name))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value of `ref`. Raises SecretMissing and SecretsUnreachable."""
        value = await self._places.resolve(ref)
        if not is_encodable(value.get_secret_value()):
            raise SecretMissing(ref.name, hint="A secret is text in UTF-8.")
        if not ref.one_time_source and not self._censor.add_secret(value, ref.name) and ref.name not in self._weak:
            self._weak.add(ref.name)
            log.warning(WEAK_SECRET_WARNING, secret=ref.name)
        return value
