"""All the places that are configured, as one; and a place's names, remembered for a minute."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretsUnreachable
from bot.domain.warehouses import SecretRef

log = structlog.get_logger(__name__)

#: Seconds for which names are taken as they were, and after which old ones are shown while a place still thinks.
_MINUTE, _PATIENCE = 60.0, 1.0


class Provider(Protocol):
    """One place of secrets: what `services` asks of all of them."""

    async def names(self) -> tuple[str, ...]:
        """Its secrets by name. Raises SecretsUnreachable."""
        ...

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value, fetched now. Raises SecretMissing and SecretsUnreachable."""
        ...


class Several:
    """`plain`, whose names stand as they are, and those in `prefixed`, whose names start with their key and a colon.

    So `LOADER` is the environment's and `vault:LOADER` is Vault's, whatever else there is. With the first of the same
    name winning, whoever adds a secret in one place would change what a request means that was approved with the other;
    and what a name means would differ with the order of the configuration.
    """

    def __init__(self, plain: Provider, prefixed: Mapping[str, Provider]) -> None:
        self._plain = plain
        self._prefixed = dict(prefixed)

    async def names(self) -> tuple[str, ...]:
        """The names of every place that answers, the environment's first.

        Raises:
            SecretsUnreachable: no place has any to offer, and one did not answer.
        """
        places = {"": self._plain, **{f"{prefix}:": each for prefix, each in self._prefixed.items()}}
        answers = await asyncio.gather(*map(_names, places.values()))
        found: list[str] = []
        failed: SecretsUnreachable | None = None
        for prefix, answer in zip(places, answers, strict=True):
            if isinstance(answer, SecretsUnreachable):
                failed = answer
                log.warning("secrets not listed", place=answer.place, problem=answer.problem)
            else:
                found += [prefix + name for name in answer]
        if failed and not found:
            raise failed
        return tuple(dict.fromkeys(found))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value of `ref`, from the place that its name says.

        Raises:
            SecretMissing: there is none, or it is empty.
            SecretsUnreachable: that place did not answer.
        """
        prefix, colon, name = ref.name.partition(":")
        if colon and prefix in self._prefixed:
            return await self._prefixed[prefix].resolve(SecretRef(name=name))
        return await self._plain.resolve(ref)


async def _names(provider: Provider) -> tuple[str, ...] | SecretsUnreachable:
    try:
        return await provider.names()
    except SecretsUnreachable as error:
        return error


class Remembered:
    """`provider` with its names remembered for a minute; its values never are.

    Those who ask at the same time share one look. A place that fails or is slow to say them anew has its old names
    shown, so that a form opens; with none to show, they wait for it.
    """

    def __init__(self, provider: Provider, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._names: tuple[str, ...] | None = None
        self._until = 0.0
        self._look: asyncio.Task[tuple[str, ...]] | None = None

    async def names(self) -> tuple[str, ...]:
        """The names. Raises SecretsUnreachable where none were ever seen."""
        if self._names is not None and self._clock() < self._until:
            return self._names
        if self._look is None:
            self._look = asyncio.create_task(self._looked(), name="names of secrets")
            self._look.add_done_callback(_seen)
        look = self._look
        if self._names is None:
            return await asyncio.shield(look)
        await asyncio.wait({look}, timeout=_PATIENCE)
        if look.done() and look.exception() is None:
            return look.result()
        return self._names

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value, fetched now."""
        return await self._provider.resolve(ref)

    async def _looked(self) -> tuple[str, ...]:
        try:
            self._names = await self._provider.names()
            self._until = self._clock() + _MINUTE
            return self._names
        finally:
            self._look = None


def _seen(look: "asyncio.Task[tuple[str, ...]]") -> None:
    # Whoever waited is told; where nobody waits any more, asyncio would call the error forgotten.
    if not look.cancelled():
        look.exception()
