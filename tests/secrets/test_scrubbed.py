"""What is fetched is known from then on, and is text."""

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.domain.errors import SecretMissing
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.weak_secrets import WEAK_SECRET_WARNING
from bot.domain.warehouses import SecretRef
from bot.secrets.scrubbed import RegisteringSecretProvider
from tests.support.fakes import FakeSecrets


async def test_what_is_fetched_is_struck_from_then_on() -> None:
    censor = Scrubber()
    held = RegisteringSecretProvider(FakeSecrets(LOADER="hunter2"), censor)
    assert await held.resolve(SecretRef(name="LOADER")) == SecretStr("hunter2")
    assert censor.scrub("hunter2 is weak") == "••• is weak"


async def test_what_no_request_could_carry_is_missing() -> None:
    with pytest.raises(SecretMissing) as caught:
        await RegisteringSecretProvider(FakeSecrets(LOADER="hunter\ud8002"), Scrubber()).resolve(
            SecretRef(name="LOADER")
        )
    assert "A secret is text in UTF-8." in caught.value.user_message


async def test_a_name_that_can_not_be_written_is_not_offered() -> None:
    held = RegisteringSecretProvider(FakeSecrets(**{"LOADER": "hunter2", "n\udcffme": "hunter3"}), Scrubber())
    assert await held.list_names() == ("LOADER",)


@pytest.mark.parametrize("weak", ["postgres", "abc", "5439", "loader"])
async def test_a_secret_too_weak_to_hide_is_used_and_reported_once_by_its_name(weak: str) -> None:
    censor = Scrubber()
    held = RegisteringSecretProvider(FakeSecrets(**{"vault:dwh/LOADER": weak}), censor)
    with capture_logs() as logged:
        for _ in range(2):
            assert await held.resolve(SecretRef(name="vault:dwh/LOADER")) == SecretStr(weak)
    assert logged == [{"event": WEAK_SECRET_WARNING, "secret": "vault:dwh/LOADER", "log_level": "warning"}]
    assert censor.scrub(f"the {weak} of it") == f"the {weak} of it"


async def test_what_a_person_handed_over_is_not_learned() -> None:
    censor = Scrubber()
    held = RegisteringSecretProvider(FakeSecrets(**{"page:1": "canary-hunter2-canary"}), censor)
    await held.resolve(SecretRef(name="page:1"))
    assert censor.fragment_count == 0
