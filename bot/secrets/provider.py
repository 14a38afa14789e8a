"""The interface of a secret provider, and the error of one that can't start."""

from typing import Protocol

from pydantic import SecretStr

from bot.domain.warehouses import SecretRef


class ProviderStartFailed(Exception):
    """A configured provider can't start. The text names the variable and what it needs, and holds no value."""


class SecretProvider(Protocol):
    """Resolves secrets by name: from one backend, or from several that are combined."""

    async def list_names(self) -> tuple[str, ...]:
        """Return the names of the secrets. Raises SecretProviderUnreachable."""
        ...

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the current value of `ref`. Raises SecretMissing and SecretProviderUnreachable."""
        ...
