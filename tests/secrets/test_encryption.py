"""Sealing: what goes in comes out, for its owner alone, with any key that is still there."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone
from bot.secrets.encryption import Encryptor

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))


@given(st.text())
def test_what_is_sealed_comes_back_and_can_not_be_read_before(value: str) -> None:
    sealed = Encryptor([OLD]).encrypt("h1", SecretStr(value))
    assert Encryptor([OLD]).decrypt("h1", sealed).get_secret_value() == value
    assert len(value) < 4 or value not in sealed


def test_a_newer_key_takes_over_and_the_older_one_can_go() -> None:
    sealed = Encryptor([OLD]).encrypt("h1", SecretStr("hunter2"))
    with pytest.raises(OneTimeSecretGone, match="False"):
        Encryptor([NEW]).decrypt("h1", sealed)
    both = Encryptor([NEW, OLD])
    assert both.decrypt("h1", sealed).get_secret_value() == "hunter2"
    assert Encryptor([NEW]).decrypt("h1", both.reencrypt("h1", sealed)).get_secret_value() == "hunter2"


def test_what_can_not_be_opened_is_left_as_it_is() -> None:
    for sealed in (Encryptor([OLD]).encrypt("h1", SecretStr("hunter2")), "", "damaged", "é"):
        assert Encryptor([NEW]).reencrypt("h1", sealed) == sealed


def test_a_value_can_not_be_put_in_another_ones_place() -> None:
    sealed = Encryptor([OLD]).encrypt("h1", SecretStr("hunter2"))
    with pytest.raises(OneTimeSecretGone):
        Encryptor([OLD]).decrypt("h2", sealed)


@pytest.mark.parametrize("broken", ["", "nonsense", "gAAAA"])
def test_nonsense_and_no_key_open_nothing(broken: str) -> None:
    for sealing in (Encryptor([OLD]), Encryptor([])):
        with pytest.raises(OneTimeSecretGone) as caught:
            sealing.decrypt("h1", broken)
        assert "ENCRYPTION_KEYS" in caught.value.user_message
