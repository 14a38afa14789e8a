"""Strangers' words are shown and do nothing."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BotError, Closed, NobodySees, NotFound
from bot.render.mrkdwn import clip, clock, code, day, escape, said


@given(st.text())
def test_no_mention_or_link_survives(text: str) -> None:
    assert not re.search(r"[<>]", escape(text))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", escape(text))


@given(st.text())
def test_a_name_in_code_style_stays_in_it(text: str) -> None:
    shown = code(text)
    assert shown.count("`") == 2
    assert "\n" not in shown
    assert len(shown) <= 82 * 5


@given(st.text(), st.integers(1, 100))
def test_what_is_cut_fits(text: str, most: int) -> None:
    assert len(clip(text, most)) <= most


def test_times_are_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 11, 3, 10, 42, 7, tzinfo=UTC)
    assert clock(at) == "<!date^1793702527^{time_secs}|10:42:07 UTC>"
    assert day(at) == "<!date^1793702527^{date_short_pretty} {time}|03 Nov 2026 10:42 UTC>"


def test_our_own_mentions_work_and_strangers_do_not() -> None:
    assert "<#C0QUIET>" in said(NobodySees("C0QUIET"))
    assert "<@U0BOB>" in said(Closed("<@U0BOB> approved this."))
    assert "<!channel>" not in said(NotFound("warehouse", "<!channel>"))
    assert said(BotError()).endswith(".")
