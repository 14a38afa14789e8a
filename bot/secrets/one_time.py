"""Secrets that somebody handed over for one request: read from where they are kept sealed."""

from typing import Protocol

from pydantic import SecretStr

from bot.domain.errors import HandedOverGone
from bot.domain.warehouses import SecretRef
from bot.secrets.encryption import Sealing


class Kept(Protocol):
    """Where sealed values are kept."""

    async def sealed(self, handover_id: str) -> str | None:
        """The value of that handover; None where it is erased. Raises StoreFailed."""
        ...


class HandedSecrets:
    """The values in `kept`, opened with `sealing`, by the ids of their handovers."""

    def __init__(self, kept: Kept, sealing: Sealing) -> None:
        self._kept = kept
        self._sealing = sealing

    async def names(self) -> tuple[str, ...]:
        """None: nobody may choose what somebody else handed over."""
        return ()

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value. Raises HandedOverGone and StoreFailed."""
        sealed = await self._kept.sealed(ref.name)
        if sealed is None:
            raise HandedOverGone(erased=True)
        return self._sealing.open(ref.name, sealed)
