"""Trying a connection before anything is saved."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from bot.domain.redaction import strike
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.services.ports import Secrets, Segment


class Connections:
    """Asks Segment to connect with settings that are not saved yet."""

    def __init__(self, segment: Segment, secrets: Secrets) -> None:
        self._segment = segment
        self._secrets = secrets

    async def names(self) -> tuple[str, ...]:
        """The names of the secrets there are."""
        return await self._secrets.names()

    async def test(
        self, kind: WarehouseType, settings: Mapping[str, JsonValue], secrets: Mapping[str, SecretRef]
    ) -> str:
        """CONNECTED, FAILED, or a word of Segment's that we don't know.

        Raises:
            SecretMissing: a secret is not there.
            SecretsUnreachable: nobody can say what it is.
            SegmentError: Segment refused the settings, or did not answer.
        """
        resolved = {key: await self._secrets.resolve(ref) for key, ref in secrets.items()}
        try:
            return await self._segment.validate(kind.metadata_id, {**settings, **resolved})
        except SegmentError as error:  # Segment may quote what it was sent
            values = [value.get_secret_value() for value in resolved.values()]
            error.errors = tuple(replace(each, message=strike(each.message, values)) for each in error.errors)
            raise
