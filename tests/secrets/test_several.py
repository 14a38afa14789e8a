"""All places as one: whose name is whose, what is remembered, and what a place that fails does to the others."""

import asyncio

import pytest
import structlog

from bot.domain.errors import SecretMissing, SecretsUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.several import Remembered, Several
from tests.support.fakes import FakeSecrets


class FakePlace(FakeSecrets):
    """A place that can fail, or think until it is let go, and counts how often it was asked for names."""

    def __init__(self, **values: str) -> None:
        super().__init__(**values)
        self.fails = False
        self.lists = 0
        self.thinks = asyncio.Event()
        self.thinks.set()

    async def names(self) -> tuple[str, ...]:
        self.lists += 1
        await self.thinks.wait()
        if self.fails:
            raise SecretsUnreachable("Vault", "VaultDown", "VAULT_ADDR")
        return await super().names()


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def value(held: Several, name: str) -> str:
    return (await held.resolve(SecretRef(name=name))).get_secret_value()


async def test_the_same_name_in_two_places_is_two_secrets() -> None:
    held = Several(
        FakeSecrets(LOADER="env"), {"file": FakeSecrets(LOADER="file"), "vault": FakeSecrets(LOADER="vault")}
    )
    assert await held.names() == ("LOADER", "file:LOADER", "vault:LOADER")
    assert [await value(held, name) for name in await held.names()] == ["env", "file", "vault"]


async def test_a_place_is_only_asked_for_its_own() -> None:
    held = Several(FakeSecrets(), {"vault": FakeSecrets(LOADER="vault")})
    for name in ("LOADER", "aws:LOADER", "vault:", "vault:vault:LOADER"):
        with pytest.raises(SecretMissing):
            await value(held, name)


async def test_a_place_that_fails_leaves_the_others_and_is_logged() -> None:
    down = FakePlace(LOADER="vault")
    down.fails = True
    with structlog.testing.capture_logs() as logs:
        assert await Several(FakeSecrets(LOADER="env"), {"vault": down}).names() == ("LOADER",)
    assert [(log["place"], log["problem"]) for log in logs] == [("Vault", "VaultDown")]


async def test_with_nothing_to_offer_the_failure_is_told() -> None:
    down = FakePlace()
    down.fails = True
    with pytest.raises(SecretsUnreachable):
        await Several(FakeSecrets(), {"vault": down, "file": FakeSecrets()}).names()


async def test_names_are_remembered_for_a_minute_and_values_never() -> None:
    place, watch = FakePlace(LOADER="old"), Watch()
    remembered = Remembered(place, watch)
    assert await remembered.names() == ("LOADER",)
    place.values = {"LOADER": "new", "OTHER": "x"}
    watch.at += 59
    assert await remembered.names() == ("LOADER",)
    assert (await remembered.resolve(SecretRef(name="LOADER"))).get_secret_value() == "new"
    watch.at += 2
    assert await remembered.names() == ("LOADER", "OTHER")
    assert place.lists == 2


async def test_those_who_ask_at_once_share_one_look_and_one_who_leaves_does_not_end_it() -> None:
    place = FakePlace(LOADER="x")
    place.thinks.clear()
    remembered = Remembered(place, Watch())
    asking = [asyncio.create_task(remembered.names()) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    place.thinks.set()
    assert await asyncio.gather(*asking[1:]) == [("LOADER",), ("LOADER",)]
    assert place.lists == 1


async def test_old_names_are_shown_while_a_place_fails_or_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.secrets.several._PATIENCE", 0.01)
    place, watch = FakePlace(LOADER="x"), Watch()
    remembered = Remembered(place, watch)
    await remembered.names()
    watch.at += 61
    place.fails = True
    assert await remembered.names() == ("LOADER",)
    place.fails, place.values = False, {"OTHER": "x"}
    place.thinks.clear()
    assert await remembered.names() == ("LOADER",)
    place.thinks.set()
    assert await remembered.names() == ("OTHER",)


async def test_a_failure_is_not_remembered() -> None:
    place = FakePlace(LOADER="x")
    place.fails = True
    remembered = Remembered(place, Watch())
    with pytest.raises(SecretsUnreachable):
        await remembered.names()
    place.fails = False
    assert await remembered.names() == ("LOADER",)
