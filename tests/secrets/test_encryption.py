"""Sealing: what goes in comes out, for its owner alone, with any key that is still there."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.errors import HandedOverGone
from bot.secrets.encryption import Sealing

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))


@given(st.text())
def test_what_is_sealed_comes_back_and_can_not_be_read_before(value: str) -> None:
    sealed = Sealing([OLD]).seal("h1", SecretStr(value))
    assert Sealing([OLD]).open("h1", sealed).get_secret_value() == value
    assert len(value) < 4 or value not in sealed


def test_a_newer_key_takes_over_and_the_older_one_can_go() -> None:
    sealed = Sealing([OLD]).seal("h1", SecretStr("hunter2"))
    with pytest.raises(HandedOverGone, match="False"):
        Sealing([NEW]).open("h1", sealed)
    both = Sealing([NEW, OLD])
    assert both.open("h1", sealed).get_secret_value() == "hunter2"
    assert Sealing([NEW]).open("h1", both.anew("h1", sealed)).get_secret_value() == "hunter2"


def test_what_can_not_be_opened_is_left_as_it_is() -> None:
    for sealed in (Sealing([OLD]).seal("h1", SecretStr("hunter2")), "", "damaged", "é"):
        assert Sealing([NEW]).anew("h1", sealed) == sealed


def test_a_value_can_not_be_put_in_another_ones_place() -> None:
    sealed = Sealing([OLD]).seal("h1", SecretStr("hunter2"))
    with pytest.raises(HandedOverGone):
        Sealing([OLD]).open("h2", sealed)


@pytest.mark.parametrize("broken", ["", "nonsense", "gAAAA"])
def test_nonsense_and_no_key_open_nothing(broken: str) -> None:
    for sealing in (Sealing([OLD]), Sealing([])):
        with pytest.raises(HandedOverGone) as caught:
            sealing.open("h1", broken)
        assert "ENCRYPTION_KEYS" in caught.value.says
