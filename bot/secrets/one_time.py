"""Resolve one-time secrets, which are stored encrypted."""

from typing import Protocol

from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone
from bot.domain.warehouses import SecretRef
from bot.secrets.encryption import Encryptor


class EncryptedValueStore(Protocol):
    """Stores encrypted values."""

    async def get_encrypted(self, secret_id: str) -> str | None:
        """Return the encrypted value of a one-time secret; None if it is erased. Raises StoreFailed."""
        ...


class OneTimeSecretProvider:
    """Reads one-time secrets from `store` by their ids, and decrypts them with `encryptor`."""

    def __init__(self, store: EncryptedValueStore, encryptor: Encryptor) -> None:
        self._store = store
        self._encryptor = encryptor

    async def list_names(self) -> tuple[str, ...]:
        """Return no names: nobody may choose a one-time secret of somebody else."""
        return ()

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Return the value. Raises OneTimeSecretGone and StoreFailed."""
        encrypted = await self._store.get_encrypted(ref.name)
        if encrypted is None:
            raise OneTimeSecretGone(is_erased=True)
        return self._encryptor.decrypt(ref.name, encrypted)
