"""What looks like a secret."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction.detection.detector import classify_length, is_encodable, looks_secret


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_judged(text: str) -> None:
    assert looks_secret(text) in {True, False}
    assert classify_length(text) in {"short", "medium", "long"}


@given(st.text(st.characters()))
def test_half_a_pair_of_surrogates_is_no_text(text: str) -> None:
    assert is_encodable(text) == all(not "\ud800" <= letter <= "\udfff" for letter in text)
