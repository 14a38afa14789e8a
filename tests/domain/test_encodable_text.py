"""Text of strangers, made encodable: whatever JSON can say, and nothing else of it is changed."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.encodable_text import replace_unencodable, replace_unencodable_json

ANY = st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('\0\\"u\ud83d\ude00'), max_size=20)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3),
)


def repaired(value: object) -> object:
    """`value` as it should arrive."""
    match value:
        case str():  # a pair in two escapes is one character, as JSON has it
            return replace_unencodable(value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
        case list():
            return [repaired(each) for each in value]
        case dict():
            return {repaired(key): repaired(each) for key, each in value.items()}
        case _:
            return value


@given(ANY)
def test_whatever_a_text_holds_it_can_be_written_and_has_as_many_characters(text: str) -> None:
    written = replace_unencodable(text)
    assert "\0" not in written
    assert written.encode().decode() == written
    assert len(written) == len(text)
    assert replace_unencodable(written) == written


@given(DOCUMENTS)
@example({"\ud83d": ["\\ud83d", "\\\ud83d", "\ud83d\ud83d\ude00", "\0", "\\u0000", "\ude00\ud83d"]})
def test_json_keeps_all_that_can_be_written(document: object) -> None:
    read = json.loads(replace_unencodable_json(json.dumps(document)))
    assert read == repaired(document)
    json.dumps(read, ensure_ascii=False).encode()


@pytest.mark.parametrize("raw", [b'{"name": "\xff\xfe"}', b'{"name": "\xed\xa0\xbd"}', b'{"name": "cut \xf0\x9f"}'])
def test_bytes_that_are_no_text_spoil_their_own_string_alone(raw: bytes) -> None:
    assert "\ufffd" in json.loads(replace_unencodable_json(raw))["name"]


@given(st.binary())
@example(b"\\")
@example(b'"\\ud83d')
def test_what_is_no_json_stays_so_and_raises_nothing(raw: bytes) -> None:
    replace_unencodable_json(raw).encode()


def test_it_takes_a_time_that_grows_with_the_length_alone() -> None:
    assert replace_unencodable_json("\\" * 2_000_001).endswith("\\")
    assert replace_unencodable_json("\\ud83d" * 300_000) == "\\ufffd" * 300_000
