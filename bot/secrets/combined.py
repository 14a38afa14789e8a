"""All the places that are configured, as one; and a place's names, remembered for a minute."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretProviderUnreachable
from bot.domain.warehouses import SecretRef

log = structlog.get_logger(__name__)

#: Seconds for which names are taken as they were; after which a place that failed is asked again; and for which one
#: that thinks is waited for: a form has three, and needs most of them for itself.
_MINUTE, _SOON, _PATIENCE = 60.0, 5.0, 1.0


class SecretProvider(Protocol):
    """One place of secrets: what `services` asks of all of them."""

    async def list_names(self) -> tuple[str, ...]:
        """Its secrets by name. Raises SecretsUnreachable."""
        ...

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value, fetched now. Raises SecretMissing and SecretsUnreachable."""
        ...


class CombinedSecretProvider:
    """`plain`, whose names stand as they are, and those in `prefixed`, whose names start with their key and a colon.

    So `LOADER` is the environment's and `vault:LOADER` is Vault's, whatever else there is. With the first of the same
    name winning, whoever adds a secret in one place would change what a request means that was approved with the other;
    and what a name means would differ with the order of the configuration.
    """

    def __init__(
        self,
        unprefixed: SecretProvider,
        prefixed: Mapping[str, SecretProvider],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plain = unprefixed
        self._prefixed = {prefix: NameCachingSecretProvider(each, clock) for prefix, each in prefixed.items()}

    async def list_names(self) -> tuple[str, ...]:
        """The names of every place that answers, the environment's first; a second is all that it waits for one."""
        plain, *others = await asyncio.gather(
            self._plain.list_names(), *(each.list_names() for each in self._prefixed.values())
        )
        named = zip(self._prefixed, others, strict=True)
        return (*plain, *(f"{prefix}:{name}" for prefix, names in named for name in names))

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


class NameCachingSecretProvider:
    """`provider` with its names remembered for a minute; its values never are.

    A place that fails, or still thinks after a second, has the names shown that were seen last: a form opens, and is
    answered, in less time than some places take. Those who ask at the same time share one look.
    """

    def __init__(self, provider: SecretProvider, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._names: tuple[str, ...] = ()
        self._until: float | None = None
        self._look: asyncio.Task[None] | None = None

    async def list_names(self) -> tuple[str, ...]:
        """The names as they are known by then; none where none were ever seen."""
        if self._look is None and (self._until is None or self._until <= self._clock()):
            self._look = asyncio.create_task(self._looked(), name="names of secrets")
        if self._look is not None:
            await asyncio.wait({self._look}, timeout=_PATIENCE)
        return self._names

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value, fetched now. Raises as the place does."""
        return await self._provider.resolve(ref)

    async def _looked(self) -> None:
        try:
            self._names = await self._provider.list_names()
            self._until = self._clock() + _MINUTE
        except SecretProviderUnreachable as error:
            self._until = self._clock() + _SOON
            log.warning("secrets not listed", place=error.provider, problem=error.problem)
        finally:
            self._look = None
