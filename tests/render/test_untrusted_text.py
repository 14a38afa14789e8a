"""Strangers' words in every place where they can stand: Slack takes what is drawn, and does nothing with them."""

from collections.abc import Iterator
from itertools import count, cycle

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.render.mrkdwn import truncate_mrkdwn
from bot.sandbox.slack.blockkit import find_block_problems, find_view_problems
from tests.support.drawn_examples import Scenes
from tests.support.hostile import FRAGMENTS, TEXTS, Said, alive, marks, texts_of

WORDS = st.lists(TEXTS, min_size=1, max_size=12)


def hostile(words: list[str]) -> Scenes:
    each = cycle(words)
    return Scenes(lambda: next(each))


def harmless() -> Scenes:
    numbers = count()
    return Scenes(lambda: f"word{next(numbers)}")


def drawn(scenes: Scenes) -> Iterator[list[Said]]:
    """The texts of each message and view."""
    for message in scenes.messages():
        yield [Said("fallback", message.text), *texts_of(message.payload)]
    for view in scenes.views():
        yield list(texts_of(view))


@settings(max_examples=20)
@given(WORDS)
@example(list(FRAGMENTS))
@example(["x" * 10_000])
@example(["&" * 10_000])
@example(["\u202e\u200b"])
def test_slack_takes_it_whatever_they_are(words: list[str]) -> None:
    for message in hostile(words).messages():
        assert find_block_problems(message.payload, "message") == []
        assert 0 < len(message.text) <= 4000
    for view in hostile(words).views():
        assert find_view_problems(view) == []


@settings(max_examples=20)
@given(WORDS)
@example(list(FRAGMENTS))
def test_nothing_of_them_is_alive(words: list[str]) -> None:
    for texts in drawn(hostile(words)):
        assert [(said, found) for said in texts if (found := alive(said))] == []


@settings(max_examples=20)
@given(WORDS)
@example(["_ · approved by Carol · _"])
@example(["*approved*\n> quoted"])
def test_they_add_no_markup_and_no_line_to_what_the_bot_says(words: list[str]) -> None:
    numbers, each = count(), cycle(words)
    differing = Scenes(lambda: f"{next(numbers)} {next(each)}"[:2000])  # what fits no input has a line of its own
    for theirs, plain in zip(drawn(differing), drawn(harmless()), strict=True):
        of_theirs, of_plain = (sum(marks(said) for said in texts if said.kind == "mrkdwn") for texts in (theirs, plain))
        assert of_theirs <= of_plain, theirs


def test_slack_looks_for_nothing_in_them() -> None:
    for message in harmless().messages():
        for block in message.payload:
            objects = [block["text"]] if "text" in block else block["elements"]
            assert all(each["verbatim"] for each in objects if each["type"] == "mrkdwn")  # type: ignore[attr-defined]


PIECES = st.sampled_from(["&lt;", "&amp;", "`a b`", "<@U0BOB>", "word ", "<!date^1^{time}|x>"])


@given(st.lists(PIECES), st.integers(9, 80))
def test_a_cut_halves_nothing(parts: list[str], most: int) -> None:
    text = truncate_mrkdwn("".join(parts), most)
    assert len(text) <= most
    assert text.count("`") % 2 == 0
    assert text.count("<") == text.count(">")
    assert text.replace("&lt;", "").replace("&amp;", "").count("&") == 0
