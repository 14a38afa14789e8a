"""Trying a connection before anything is saved."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from bot.domain.actors import Actor
from bot.domain.errors import NotAllowed
from bot.domain.policy import Policy, may_use
from bot.domain.segment_errors import SegmentError
from bot.domain.striking import Censor
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.services.ports import Secrets, Segment


class Connections:
    """Asks Segment to connect with settings that are not saved yet."""

    def __init__(self, segment: Segment, secrets: Secrets, policy: Policy) -> None:
        self._segment = segment
        self._secrets = secrets
        self._policy = policy

    async def names(self) -> tuple[str, ...]:
        """The names of the secrets there are."""
        return await self._secrets.names()

    async def offered(self, actor: Actor, search: str = "") -> tuple[str, ...]:
        """Those that `actor` may use and whose names have `search` in them, whatever the case."""
        wanted = search.strip().casefold()
        names = await self.names()
        return tuple(name for name in names if wanted in name.casefold() and may_use(actor, name, self._policy).ok)

    async def test(
        self, actor: Actor, kind: WarehouseType, settings: Mapping[str, JsonValue], secrets: Mapping[str, SecretRef]
    ) -> str:
        """CONNECTED, FAILED, or a word of Segment's that we don't know.

        Raises:
            NotAllowed: a secret is not for `actor` to use; it would leave for wherever the settings say.
            SecretMissing: a secret is not there.
            SecretsUnreachable: nobody can say what it is.
            SegmentError: Segment refused the settings, or did not answer.
        """
        for ref in secrets.values():
            if not ref.way and not (verdict := may_use(actor, ref.name, self._policy)).ok:
                raise NotAllowed(verdict.reason)
        resolved = {key: await self._secrets.resolve(ref) for key, ref in secrets.items()}
        try:
            return await self._segment.validate(kind.metadata_id, {**settings, **resolved})
        except SegmentError as error:  # Segment may quote what it was sent
            censor = Censor(*resolved.values())
            error.errors = tuple(replace(each, message=censor.strike(each.message)) for each in error.errors)
            raise
