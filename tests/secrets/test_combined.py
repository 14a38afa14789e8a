"""Combined providers: the prefixes of names, the cache of names, and providers that fail or are slow."""

import asyncio

import pytest
import structlog

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.combined import CombinedSecretProvider, NameCachingSecretProvider
from tests.support.fakes import FakeSecrets


class FakeProvider(FakeSecrets):
    """A provider that can fail or block, and counts the calls of `list_names`."""

    def __init__(self, **values: str) -> None:
        super().__init__(**values)
        self.fails = False
        self.list_count = 0
        self.can_answer = asyncio.Event()
        self.can_answer.set()

    async def list_names(self) -> tuple[str, ...]:
        self.list_count += 1
        await self.can_answer.wait()
        if self.fails:
            raise SecretProviderUnreachable("Vault", "VaultDown", "VAULT_ADDR")
        return await super().list_names()


class FakeClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def value(provider: CombinedSecretProvider, name: str) -> str:
    return (await provider.resolve(SecretRef(name=name))).get_secret_value()


async def test_the_same_name_in_two_providers_is_two_secrets() -> None:
    provider = CombinedSecretProvider(
        FakeSecrets(LOADER="env"), {"file": FakeSecrets(LOADER="file"), "vault": FakeSecrets(LOADER="vault")}
    )
    assert await provider.list_names() == ("LOADER", "file:LOADER", "vault:LOADER")
    assert [await value(provider, name) for name in await provider.list_names()] == ["env", "file", "vault"]


async def test_a_provider_is_only_asked_for_its_own_names() -> None:
    provider = CombinedSecretProvider(FakeSecrets(), {"vault": FakeSecrets(LOADER="vault")})
    for name in ("LOADER", "aws:LOADER", "vault:", "vault:vault:LOADER"):
        with pytest.raises(SecretMissing):
            await value(provider, name)


async def test_a_failing_provider_is_logged_and_the_others_are_listed() -> None:
    down = FakeProvider(LOADER="vault")
    down.fails = True
    with structlog.testing.capture_logs() as logs:
        assert await CombinedSecretProvider(FakeSecrets(LOADER="env"), {"vault": down}).list_names() == ("LOADER",)
    assert [(log["provider"], log["problem"]) for log in logs] == [("Vault", "VaultDown")]


async def test_names_are_cached_for_a_minute_and_values_are_not() -> None:
    backend, clock = FakeProvider(LOADER="old"), FakeClock()
    provider = CombinedSecretProvider(FakeSecrets(), {"vault": backend}, clock)
    assert await provider.list_names() == ("vault:LOADER",)
    backend.values = {"LOADER": "new", "OTHER": "x"}
    clock.now += 59
    assert await provider.list_names() == ("vault:LOADER",)
    assert await value(provider, "vault:LOADER") == "new"
    clock.now += 2
    assert await provider.list_names() == ("vault:LOADER", "vault:OTHER")
    assert backend.list_count == 2


async def test_concurrent_callers_share_one_call_which_outlives_a_cancelled_caller() -> None:
    backend = FakeProvider(LOADER="x")
    backend.can_answer.clear()
    cached = NameCachingSecretProvider(backend, FakeClock())
    callers = [asyncio.create_task(cached.list_names()) for _ in range(3)]
    await asyncio.sleep(0)
    callers[0].cancel()
    await asyncio.sleep(0)
    backend.can_answer.set()
    assert await asyncio.gather(*callers[1:]) == [("LOADER",), ("LOADER",)]
    assert backend.list_count == 1


async def test_a_slow_provider_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.secrets.combined._LIST_TIMEOUT", 0.01)
    backend, clock = FakeProvider(LOADER="x"), FakeClock()
    backend.can_answer.clear()
    cached = NameCachingSecretProvider(backend, clock)
    assert await cached.list_names() == ()
    assert await cached.list_names() == ()
    backend.can_answer.set()
    assert await cached.list_names() == ("LOADER",)
    clock.now += 61
    backend.can_answer.clear()
    backend.values = {"OTHER": "x"}
    assert await cached.list_names() == ("LOADER",)
    backend.can_answer.set()
    assert await cached.list_names() == ("OTHER",)
    assert backend.list_count == 2


async def test_after_a_failure_the_last_names_are_shown_and_the_provider_is_asked_again_soon() -> None:
    backend, clock = FakeProvider(LOADER="x"), FakeClock()
    cached = NameCachingSecretProvider(backend, clock)
    await cached.list_names()
    clock.now += 61
    backend.fails = True
    assert await cached.list_names() == ("LOADER",)
    backend.fails, backend.values = False, {"OTHER": "x"}
    assert await cached.list_names() == ("LOADER",)
    clock.now += 5
    assert await cached.list_names() == ("OTHER",)
