"""All places as one: whose name is whose, what is remembered, and what a place that fails does to the others."""

import asyncio

import pytest
import structlog

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.combined import CombinedSecretProvider, NameCachingSecretProvider
from tests.support.fakes import FakeSecrets


class FakePlace(FakeSecrets):
    """A place that can fail, or think until it is let go, and counts how often it was asked for names."""

    def __init__(self, **values: str) -> None:
        super().__init__(**values)
        self.fails = False
        self.lists = 0
        self.thinks = asyncio.Event()
        self.thinks.set()

    async def list_names(self) -> tuple[str, ...]:
        self.lists += 1
        await self.thinks.wait()
        if self.fails:
            raise SecretProviderUnreachable("Vault", "VaultDown", "VAULT_ADDR")
        return await super().list_names()


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def value(held: CombinedSecretProvider, name: str) -> str:
    return (await held.resolve(SecretRef(name=name))).get_secret_value()


async def test_the_same_name_in_two_places_is_two_secrets() -> None:
    held = CombinedSecretProvider(
        FakeSecrets(LOADER="env"), {"file": FakeSecrets(LOADER="file"), "vault": FakeSecrets(LOADER="vault")}
    )
    assert await held.list_names() == ("LOADER", "file:LOADER", "vault:LOADER")
    assert [await value(held, name) for name in await held.list_names()] == ["env", "file", "vault"]


async def test_a_place_is_only_asked_for_its_own() -> None:
    held = CombinedSecretProvider(FakeSecrets(), {"vault": FakeSecrets(LOADER="vault")})
    for name in ("LOADER", "aws:LOADER", "vault:", "vault:vault:LOADER"):
        with pytest.raises(SecretMissing):
            await value(held, name)


async def test_a_place_that_fails_leaves_the_others_and_is_logged() -> None:
    down = FakePlace(LOADER="vault")
    down.fails = True
    with structlog.testing.capture_logs() as logs:
        assert await CombinedSecretProvider(FakeSecrets(LOADER="env"), {"vault": down}).list_names() == ("LOADER",)
    assert [(log["place"], log["problem"]) for log in logs] == [("Vault", "VaultDown")]


async def test_names_are_remembered_for_a_minute_and_values_never() -> None:
    place, watch = FakePlace(LOADER="old"), Watch()
    held = CombinedSecretProvider(FakeSecrets(), {"vault": place}, watch)
    assert await held.list_names() == ("vault:LOADER",)
    place.values = {"LOADER": "new", "OTHER": "x"}
    watch.at += 59
    assert await held.list_names() == ("vault:LOADER",)
    assert await value(held, "vault:LOADER") == "new"
    watch.at += 2
    assert await held.list_names() == ("vault:LOADER", "vault:OTHER")
    assert place.lists == 2


async def test_those_who_ask_at_once_share_one_look_and_one_who_leaves_does_not_end_it() -> None:
    place = FakePlace(LOADER="x")
    place.thinks.clear()
    remembered = NameCachingSecretProvider(place, Watch())
    asking = [asyncio.create_task(remembered.list_names()) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    place.thinks.set()
    assert await asyncio.gather(*asking[1:]) == [("LOADER",), ("LOADER",)]
    assert place.lists == 1


async def test_a_place_that_thinks_is_waited_for_no_longer_than_a_form_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.secrets.combined._PATIENCE", 0.01)
    place, watch = FakePlace(LOADER="x"), Watch()
    place.thinks.clear()
    remembered = NameCachingSecretProvider(place, watch)
    assert await remembered.list_names() == ()
    assert await remembered.list_names() == ()
    place.thinks.set()
    assert await remembered.list_names() == ("LOADER",)
    watch.at += 61
    place.thinks.clear()
    place.values = {"OTHER": "x"}
    assert await remembered.list_names() == ("LOADER",)
    place.thinks.set()
    assert await remembered.list_names() == ("OTHER",)
    assert place.lists == 2


async def test_after_a_failure_the_last_names_stand_and_the_place_is_soon_asked_again() -> None:
    place, watch = FakePlace(LOADER="x"), Watch()
    remembered = NameCachingSecretProvider(place, watch)
    await remembered.list_names()
    watch.at += 61
    place.fails = True
    assert await remembered.list_names() == ("LOADER",)
    place.fails, place.values = False, {"OTHER": "x"}
    assert await remembered.list_names() == ("LOADER",)
    watch.at += 5
    assert await remembered.list_names() == ("OTHER",)
