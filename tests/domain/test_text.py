"""What nobody sees is left out of what is shown."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import quote_code
from bot.domain.text import INVISIBLE_CHARS, to_one_line

EVERY = [chr(number) for number in range(sys.maxunicode + 1)]


def test_no_control_and_nothing_that_turns_the_text_around_counts_as_seen() -> None:
    controls = [each for each in EVERY if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} and each not in "\t\n"]
    turning = [each for each in EVERY if unicodedata.bidirectional(each) in {"LRE", "RLE", "LRO", "RLO", "PDF"}]
    isolating = [each for each in EVERY if unicodedata.bidirectional(each) in {"LRI", "RLI", "FSI", "PDI"}]
    assert [each for each in (*controls, *turning, *isolating, "\u061c") if not INVISIBLE_CHARS.match(each)] == []


def test_letters_signs_and_faces_are_seen() -> None:
    seen = "prod_1 Größe 東京 שלום مرحبا ✅ ⚠️ 🙂 «»…"
    assert to_one_line(seen) == seen


@given(st.text(), st.integers(1, 100))
def test_it_is_one_line_and_fits(text: str, most: int) -> None:
    line = to_one_line(text, most)
    assert len(line) <= most
    assert line.splitlines() in ([], [line])
    assert line == line.strip()


@given(st.text())
def test_what_is_quoted_is_never_empty_and_ends_where_it_ends(text: str) -> None:
    assert quote_code(text).strip("`").strip()
    assert quote_code(text).count("`") == 2
    assert len(quote_code(text)) <= 82
