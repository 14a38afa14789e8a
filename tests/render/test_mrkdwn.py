"""Strangers' words are shown and do nothing."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.errors import BotError, ChannelInaccessible, NotAllowed, RequestClosed
from bot.domain.lookup_errors import NotFound
from bot.domain.policy import Policy, SecretRule
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.secret_rules import may_use_secret
from bot.domain.segment_errors import FieldError, ResourceMissing
from bot.domain.text import truncate
from bot.render.mrkdwn import code, escape, escape_and_truncate, format_date_time, format_time, strip_markup
from bot.render.phrases import format_error
from tests.support.samples import ALICE


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
    assert len(truncate(text, most)) <= most


def test_times_are_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 11, 3, 10, 42, 7, tzinfo=UTC)
    assert format_time(at) == "<!date^1793702527^{time_secs}|10:42:07 UTC>"
    assert format_date_time(at) == "<!date^1793702527^{date_short_pretty} {time}|03 Nov 2026 10:42 UTC>"


def test_our_own_mentions_work_and_strangers_do_not() -> None:
    assert "<#C0QUIET>" in format_error(ChannelInaccessible("C0QUIET"))
    assert "<@U0BOB>" in format_error(RequestClosed("<@U0BOB> approved this."))
    assert "<!channel>" not in format_error(NotFound("warehouse", "<!channel>"))
    assert format_error(BotError()).endswith(".")


def test_a_reason_can_not_leave_its_place() -> None:
    assert escape_and_truncate("no_ · *approved* by <@U0CAROL> · _ok") == "no · approved by &lt;@U0CAROL&gt; · ok"
    assert escape_and_truncate("snake_case stays") == "snake_case stays"
    assert len(escape_and_truncate("x" * 10_000)) == 500


def test_segments_words_can_not_pass_for_the_bots() -> None:
    error = ResourceMissing("x", 404, (FieldError("t", "gone `\n> *approved* by <!channel>"),))
    assert format_error(error) == (
        "Segment refused (404): gone ' &gt; approved by &lt;!channel&gt;. Nothing changed. "
        "It may have been deleted meanwhile: `/warehouse list` shows what there is."
    )


def test_a_name_in_our_own_words_is_no_mention() -> None:
    refused = may_use_secret(ALICE, "<!channel>", Policy(secrets={"*": SecretRule(users=frozenset({"S0DATA"}))}))
    assert format_error(NotAllowed(refused.reason)) == "The secret `&lt;!channel&gt;` is for <!subteam^S0DATA> to use."


@pytest.mark.parametrize("secret", ["Tr0`ub4dor", "Tr0*ub4*dor~", "pa`ss*w`ord`lo*ng`er12"])
def test_a_known_secret_is_struck_after_its_marks_were_made_harmless(secret: str) -> None:
    censor = Scrubber(SecretStr(secret))
    for drawn in (
        code(secret),
        escape_and_truncate(secret),
        escape(secret),
        strip_markup(code(secret)),
        strip_markup(escape(secret)),
    ):
        assert censor.scrub(f"… {drawn} …") in {"… ••• …", "… `•••` …"}
