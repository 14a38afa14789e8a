"""Encryption: a value can be decrypted only for its owner, with any key that is still configured."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone
from bot.secrets.encryption import Encryptor

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))


@given(st.text())
def test_an_encrypted_value_is_unreadable_and_can_be_decrypted(value: str) -> None:
    encrypted = Encryptor([OLD]).encrypt("h1", SecretStr(value))
    assert Encryptor([OLD]).decrypt("h1", encrypted).get_secret_value() == value
    assert len(value) < 4 or value not in encrypted


def test_a_new_key_can_replace_an_old_one() -> None:
    encrypted = Encryptor([OLD]).encrypt("h1", SecretStr("hunter2"))
    with pytest.raises(OneTimeSecretGone, match="False"):
        Encryptor([NEW]).decrypt("h1", encrypted)
    both = Encryptor([NEW, OLD])
    assert both.decrypt("h1", encrypted).get_secret_value() == "hunter2"
    assert Encryptor([NEW]).decrypt("h1", both.reencrypt("h1", encrypted)).get_secret_value() == "hunter2"


def test_reencrypt_leaves_what_can_not_be_decrypted() -> None:
    for encrypted in (Encryptor([OLD]).encrypt("h1", SecretStr("hunter2")), "", "damaged", "é"):
        assert Encryptor([NEW]).reencrypt("h1", encrypted) == encrypted


def test_a_value_can_not_be_decrypted_for_another_owner() -> None:
    encrypted = Encryptor([OLD]).encrypt("h1", SecretStr("hunter2"))
    with pytest.raises(OneTimeSecretGone):
        Encryptor([OLD]).decrypt("h2", encrypted)


@pytest.mark.parametrize("broken", ["", "nonsense", "gAAAA"])
def test_nonsense_can_not_be_decrypted_with_or_without_a_key(broken: str) -> None:
    for encryptor in (Encryptor([OLD]), Encryptor([])):
        with pytest.raises(OneTimeSecretGone) as caught:
            encryptor.decrypt("h1", broken)
        assert "ENCRYPTION_KEYS" in caught.value.user_message
