"""Secrets of the bot's own environment."""

import pytest
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef
from bot.secrets.environment import EnvironmentSecretProvider

HELD = EnvironmentSecretProvider({"LOADER": SecretStr("hunter2"), "EMPTY": SecretStr(""), "ANOTHER": SecretStr("x")})


async def test_they_are_named_without_their_prefix_and_empty_ones_do_not_count() -> None:
    assert await HELD.list_names() == ("ANOTHER", "LOADER")
    assert (await HELD.resolve(SecretRef(name="LOADER"))).get_secret_value() == "hunter2"


@pytest.mark.parametrize("name", ["EMPTY", "NOPE"])
async def test_one_that_is_missing_is_named_as_it_would_be_set(name: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        await HELD.resolve(SecretRef(name=name))
    assert f"`WAREHOUSE_SECRET_{name}`" in caught.value.user_message
