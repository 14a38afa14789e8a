"""Secrets that somebody handed over for one request: read from where they are kept sealed."""

from typing import Protocol

from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone
from bot.domain.warehouses import SecretRef
from bot.secrets.encryption import Encryptor


class EncryptedValueStore(Protocol):
    """Where sealed values are kept."""

    async def get_encrypted(self, secret_id: str) -> str | None:
        """The value of that handover; None where it is erased. Raises StoreFailed."""
        ...


class OneTimeSecretProvider:
    """The values in `kept`, opened with `sealing`, by the ids of their handovers."""

    def __init__(self, store: EncryptedValueStore, encryptor: Encryptor) -> None:
        self._kept = store
        self._sealing = encryptor

    async def list_names(self) -> tuple[str, ...]:
        """None: nobody may choose what somebody else handed over."""
        return ()

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value. Raises HandedOverGone and StoreFailed."""
        sealed = await self._kept.get_encrypted(ref.name)
        if sealed is None:
            raise OneTimeSecretGone(is_erased=True)
        return self._sealing.decrypt(ref.name, sealed)
