"""Secrets from the bot's own environment."""

import pytest
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef
from bot.secrets.environment import EnvironmentSecretProvider

VALUES = {"LOADER": SecretStr("hunter2"), "EMPTY": SecretStr(""), "ANOTHER": SecretStr("x")}
PROVIDER = EnvironmentSecretProvider(VALUES)


async def test_names_have_no_prefix_and_empty_secrets_do_not_count() -> None:
    assert await PROVIDER.list_names() == ("ANOTHER", "LOADER")
    assert (await PROVIDER.resolve(SecretRef(name="LOADER"))).get_secret_value() == "hunter2"


@pytest.mark.parametrize("name", ["EMPTY", "NOPE"])
async def test_a_missing_secret_is_named_by_its_variable(name: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        await PROVIDER.resolve(SecretRef(name=name))
    assert f"`WAREHOUSE_SECRET_{name}`" in caught.value.user_message
