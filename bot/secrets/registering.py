"""Register every fetched secret with the scrubber, so that it is hidden in outgoing text."""

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.redaction.detection.detector import is_encodable
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.weak_secrets import WEAK_SECRET_WARNING
from bot.domain.warehouses import SecretRef
from bot.secrets.provider import SecretProvider

log = structlog.get_logger(__name__)


class RegisteringSecretProvider:
    """Resolves secrets with `provider`, and adds each value to `scrubber` before it returns it.

    One-time secrets are not added: they are hidden only in the request they belong to. A secret that is too weak to
    hide is logged once, by its name.
    """

    def __init__(self, provider: SecretProvider, scrubber: Scrubber) -> None:
        self._provider = provider
        self._scrubber = scrubber
        self._weak_names: set[str] = set()

    async def list_names(self) -> tuple[str, ...]:
        """Return the provider's names without those that are not valid Unicode: one of them would break every form."""
        return tuple(name for name in await self._provider.list_names() if is_encodable(name))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the value of `ref`. Raises SecretMissing and SecretProviderUnreachable."""
        value = await self._provider.resolve(ref)
        if not is_encodable(value.get_secret_value()):
            raise SecretMissing(ref.name, hint="A secret is text in UTF-8.")
        if not ref.one_time_source and not self._scrubber.add_secret(value, ref.name):
            self._warn_once(ref.name)
        return value

    def _warn_once(self, name: str) -> None:
        if name not in self._weak_names:
            self._weak_names.add(name)
            log.warning(WEAK_SECRET_WARNING, secret=name)
