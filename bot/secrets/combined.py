"""Combine the configured providers into one, and cache the names of each for a minute."""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.provider import SecretProvider

log = structlog.get_logger(__name__)

#: Seconds for which names are cached, and seconds until a provider that failed is asked again.
_CACHE_SECONDS, _RETRY_SECONDS = 60.0, 5.0

#: Seconds to wait for a slow provider. Slack gives a form three, and the form needs most of them itself.
_LIST_TIMEOUT = 1.0


class CombinedSecretProvider:
    """Several providers as one: the names of `prefixed` providers start with their key and a colon.

    So `LOADER` is the environment's secret and `vault:LOADER` is Vault's. If the first provider with a name won
    instead, a secret that somebody adds to one provider could change the meaning of a request that was approved with
    the other one, and the meaning of a name would depend on the order of the configuration.
    """

    def __init__(
        self,
        unprefixed: SecretProvider,
        prefixed: Mapping[str, SecretProvider],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unprefixed = unprefixed
        self._prefixed = {prefix: NameCachingSecretProvider(each, clock) for prefix, each in prefixed.items()}

    async def list_names(self) -> tuple[str, ...]:
        """Return the names of every provider, those without a prefix first; wait up to a second for each provider."""
        unprefixed_names, *prefixed_names = await asyncio.gather(
            self._unprefixed.list_names(), *(each.list_names() for each in self._prefixed.values())
        )
        names_by_prefix = zip(self._prefixed, prefixed_names, strict=True)
        return (*unprefixed_names, *(f"{prefix}:{name}" for prefix, names in names_by_prefix for name in names))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the value of `ref` from the provider that its prefix names.

        Raises:
            SecretMissing: there is no such secret, or it is empty.
            SecretProviderUnreachable: that provider did not answer.
        """
        prefix, colon, name = ref.name.partition(":")
        if colon and prefix in self._prefixed:
            return await self._prefixed[prefix].resolve(SecretRef(name=name))
        return await self._unprefixed.resolve(ref)


class NameCachingSecretProvider:
    """Caches the names of `provider` for a minute, and never its values.

    If the provider fails, or does not answer within a second, the last known names are returned: Slack expects a form
    sooner than some backends answer. Concurrent callers share one call.
    """

    def __init__(self, provider: SecretProvider, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._names: tuple[str, ...] = ()
        self._cached_until: float | None = None
        self._refresh_task: asyncio.Task[None] | None = None

    async def list_names(self) -> tuple[str, ...]:
        """Return the last known names; none where there was never an answer."""
        is_outdated = self._cached_until is None or self._cached_until <= self._clock()
        if self._refresh_task is None and is_outdated:
            self._refresh_task = asyncio.create_task(self._refresh(), name="names of secrets")
        if self._refresh_task is not None:
            await asyncio.wait({self._refresh_task}, timeout=_LIST_TIMEOUT)
        return self._names

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the current value. Raises what the provider raises."""
        return await self._provider.resolve(ref)

    async def _refresh(self) -> None:
        try:
            self._names = await self._provider.list_names()
            self._cached_until = self._clock() + _CACHE_SECONDS
        except SecretProviderUnreachable as error:
            self._cached_until = self._clock() + _RETRY_SECONDS
            log.warning("secrets not listed", provider=error.provider, problem=error.problem)
        finally:
            self._refresh_task = None
