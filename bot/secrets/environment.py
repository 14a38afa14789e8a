"""Secrets from the bot's own environment: WAREHOUSE_SECRET_<NAME>."""

from collections.abc import Mapping

from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef

SECRET_VARIABLE_PREFIX = "WAREHOUSE_SECRET_"  # noqa: S105 - no secret


class EnvironmentSecretProvider:
    """Resolves the secrets in `values`, which are keyed by name without the prefix; empty ones don't count."""

    def __init__(self, values: Mapping[str, SecretStr]) -> None:
        self._values = {name: value for name, value in values.items() if value.get_secret_value()}

    async def list_names(self) -> tuple[str, ...]:
        """Return the names of the secrets, sorted."""
        return tuple(sorted(self._values))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Return the value of `ref`.

        Raises:
            SecretMissing: there is no such secret, or it is empty.
        """
        try:
            return self._values[ref.name]
        except KeyError:
            raise SecretMissing(SECRET_VARIABLE_PREFIX + ref.name) from None
