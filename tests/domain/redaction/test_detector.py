"""The detector accepts any text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction.detection.detector import classify_length, is_encodable, looks_secret


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_gets_a_verdict_and_a_length_class(text: str) -> None:
    assert looks_secret(text) in {True, False}
    assert classify_length(text) in {"short", "medium", "long"}


@given(st.text(st.characters()))
def test_half_a_surrogate_pair_is_not_encodable(text: str) -> None:
    assert is_encodable(text) == all(not "\ud800" <= character <= "\udfff" for character in text)
