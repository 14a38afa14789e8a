"""Which texts are accepted as a reason, and as the confirmation of a warehouse's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.decision_errors import NameMismatch, ReasonMissing
from bot.domain.requests.name_confirmation import is_matching_name, require_matching_name
from bot.domain.requests.reasons import is_visible, require_reason

BLANK = (
    "",
    "   ",
    "\n\t\r",
    "\u200b",  # zero-width space
    "\u00a0\u2003\u3000",  # no-break, em and ideographic spaces
    "\u200d\ufe0f",  # joiner and variation selector
    "\u2060\ufeff",
    "\u2800",  # Braille without dots
    "\u115f\u1160\u3164\uffa0",  # Hangul fillers
    "\u0301",  # an accent without a letter
    "\u00ad",
    "\u202e",
    "\U000e0041",  # a tag
    "\ud83d",  # half an emoji
    "***",  # Slack shows none of it
    "_ _",
)


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_invisible_text_is_no_reason(text: str) -> None:
    with pytest.raises(ReasonMissing) as caught:
        require_reason(text, "A denial needs a reason.")
    assert caught.value.user_message.startswith("A denial needs a reason. Nothing was done.")


@pytest.mark.parametrize("text", ["x", "理由", "👍", "é", "5", "?", ":thumbsup:", " moved\u200b "])
def test_visible_text_is_a_reason(text: str) -> None:
    assert require_reason(text, "A denial needs a reason.") == text.strip()


@given(st.text(), st.text(alphabet="".join(BLANK)))
def test_invisible_text_makes_no_difference(text: str, blank: str) -> None:
    assert is_visible(text + blank) is is_visible(text)
    assert is_visible(blank + "x")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("prod-snowflake", "prod-snowflake"),
        (" Prod-Snowflake ", "prod-snowflake"),
        ("bob\u2019s \u201cbig\u201d one", 'Bob\'s "big" one'),
        ("prod\u200b-snowflake", "prod-snowflake"),
        ("prod-snowflake", "prod\u200b-snowflake"),
        ("x" * 79, "x" * 200),
        ("x" * 200, "x" * 200),
        ("(blank)", "\u200b"),
        ("STRASSE", "straße"),
    ],
)
def test_the_name_as_it_is_shown_is_accepted(typed: str, name: str) -> None:
    assert is_matching_name(typed, name)
    require_matching_name(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (None, "prod-snowflake"),
        ("", "prod-snowflake"),
        ("\u200b", "prod-snowflake"),
        ("", "\u200b"),
        ("prod", "prod-snowflake"),
        ("prod snowflake", "prod-snowflake"),
        ("staging-snowflake", "prod-snowflake"),
    ],
)
def test_another_name_or_none_is_refused(typed: str | None, name: str) -> None:
    with pytest.raises(NameMismatch):
        require_matching_name(typed, name)
