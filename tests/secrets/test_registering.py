"""Every fetched secret is added to the scrubber, and is text."""

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.domain.errors import SecretMissing
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.weak_secrets import WEAK_SECRET_WARNING
from bot.domain.warehouses import SecretRef
from bot.secrets.registering import RegisteringSecretProvider
from tests.support.fakes import FakeSecrets


async def test_a_fetched_secret_is_hidden_from_then_on() -> None:
    scrubber = Scrubber()
    provider = RegisteringSecretProvider(FakeSecrets(LOADER="hunter2"), scrubber)
    assert await provider.resolve(SecretRef(name="LOADER")) == SecretStr("hunter2")
    assert scrubber.scrub("hunter2 is weak") == "••• is weak"


async def test_a_value_that_is_not_valid_unicode_is_missing() -> None:
    with pytest.raises(SecretMissing) as caught:
        await RegisteringSecretProvider(FakeSecrets(LOADER="hunter\ud8002"), Scrubber()).resolve(
            SecretRef(name="LOADER")
        )
    assert "A secret is text in UTF-8." in caught.value.user_message


async def test_a_name_that_is_not_valid_unicode_is_not_listed() -> None:
    provider = RegisteringSecretProvider(FakeSecrets(**{"LOADER": "hunter2", "n\udcffme": "hunter3"}), Scrubber())
    assert await provider.list_names() == ("LOADER",)


@pytest.mark.parametrize("weak", ["postgres", "abc", "5439", "loader"])
async def test_a_weak_secret_is_returned_and_logged_once_by_its_name(weak: str) -> None:
    scrubber = Scrubber()
    provider = RegisteringSecretProvider(FakeSecrets(**{"vault:dwh/LOADER": weak}), scrubber)
    with capture_logs() as logged:
        for _ in range(2):
            assert await provider.resolve(SecretRef(name="vault:dwh/LOADER")) == SecretStr(weak)
    assert logged == [{"event": WEAK_SECRET_WARNING, "secret": "vault:dwh/LOADER", "log_level": "warning"}]
    assert scrubber.scrub(f"the {weak} of it") == f"the {weak} of it"


async def test_a_one_time_secret_is_not_added_to_the_scrubber() -> None:
    scrubber = Scrubber()
    provider = RegisteringSecretProvider(FakeSecrets(**{"page:1": "canary-hunter2-canary"}), scrubber)
    await provider.resolve(SecretRef(name="page:1"))
    assert scrubber.fragment_count == 0
