"""The scrubber hides known secrets in every common encoding, and nothing else."""

import base64
import json
import math
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.redaction.encodings import find_encoded_runs
from bot.domain.redaction.scrubber import MASK, Scrubber
from bot.segment.catalog import load_catalog

#: Characters that quoting and markup add or remove, and that the comparison ignores.
MARKUP = "*_~`'\"\\+"

LETTERS = string.ascii_letters + string.digits + "/=!- &<>%" + MARKUP
SECRETS = st.text(st.sampled_from(LETTERS), min_size=4, max_size=80).filter(lambda text: len(set(text.strip())) > 3)
LONG = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=15, max_size=80)

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "other case": str.swapcase,
    "backwards": lambda text: text[::-1],
    "URL": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "every byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON of JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "Python": repr,
    "HTML": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "Basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "base64 in a URL": lambda text: quote(base64.b64encode(text.encode()).decode().rstrip("="), safe=""),
}


def strip_markup(text: str) -> str:
    """Return `text` without the characters that the comparison ignores."""
    return "".join(each for each in text if each not in MARKUP and not each.isspace())


def make_scrubber(*secrets: str, include_weak: bool = False) -> Scrubber:
    return Scrubber(*map(SecretStr, secrets), include_weak=include_weak)


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=SECRETS)
def test_a_secret_is_hidden_in_every_spelling(spelling: str, secret: str) -> None:
    spelled = SPELLINGS[spelling](secret)
    scrubbed = make_scrubber(secret, include_weak=True).scrub(f"it is <{spelled}>, they say")
    assert spelled not in scrubbed
    assert strip_markup(spelled)[:15] not in strip_markup(scrubbed) or len(strip_markup(spelled)) < 15


@pytest.mark.parametrize("size", range(4, 12))
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_short_secret_is_hidden_in_every_spelling(spelling: str, size: int) -> None:
    secret = "x7&Q<9 z%k/2"[:size].strip()
    spelled = SPELLINGS[spelling](secret)
    assert make_scrubber(secret).scrub(f"it is <{spelled}>, they say").count(MASK) == 1


@given(LONG, st.data())
def test_fifteen_characters_of_a_secret_are_hidden(secret: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(secret) - 15))
    cut = secret[start : start + 15]
    assert cut not in make_scrubber(secret, include_weak=True).scrub(f"… {cut} …")


@given(LONG, st.data(), st.integers(0, 3))
def test_fifteen_characters_are_hidden_in_hex_and_base64(secret: str, data: st.DataObject, before: int) -> None:
    start = data.draw(st.integers(0, len(secret) - 15))
    piece = b"\0" * before + secret[start : start + 15].encode()
    for spelled in (piece.hex(), base64.b64encode(piece).decode().rstrip("=")):
        assert spelled not in make_scrubber(secret, include_weak=True).scrub(f"… {spelled} …")


@given(SECRETS, st.sampled_from(sorted(SPELLINGS)), st.integers(0, 60), st.integers(1, 200), st.integers(0, 2_000))
def test_text_is_scrubbed_before_it_is_cut(secret: str, spelling: str, before: int, limit: int, after: int) -> None:
    spelled = SPELLINGS[spelling](secret)
    text = "." * before + f" {spelled} " + "." * after
    scrubbed = make_scrubber(secret, include_weak=True).scrub_and_truncate(text, limit)
    assert len(scrubbed) <= limit
    pieces = {spelled[start : start + 4] for start in range(len(spelled) - 3)}
    assert not [piece for piece in pieces if strip_markup(piece) and piece in scrubbed]


@given(st.integers(12, 40), st.integers(3_000, 3_700), st.integers(500, 600))
def test_no_half_secret_remains_where_a_long_text_is_cut(size: int, before: int, limit: int) -> None:
    # The mask is shorter than the secret, so the text after it moves forward, before the cut.
    long, last = "Zq8" * 1_000, "Canary7xQ9zW2vB4nM6kJ8hG5fD3sA1pL0oI"[:size]
    scrubbed = make_scrubber(long, last).scrub_and_truncate(long[:before].ljust(before) + last + "y" * 10_000, limit)
    assert last[:3] not in scrubbed


@pytest.mark.parametrize(
    "text", ["prefix{}suffix", "{}2", "x{}", "un{}ly"], ids=["inside", "before a digit", "after a letter", "within"]
)
def test_a_short_secret_inside_a_word_is_not_hidden(text: str) -> None:
    spelled = text.format("hunter7")
    assert make_scrubber("hunter7").scrub(spelled) == spelled


@pytest.mark.parametrize("around", ["{}", "a {} b", "pw={}", "u:{}@host", "({})", "`{}`", "{}.", "x_{}_y", "x-{}"])
def test_a_short_secret_between_words_is_hidden(around: str) -> None:
    assert make_scrubber("hunter7").scrub(around.format("Hunter7")) == around.format(MASK)


@pytest.mark.parametrize("longer", ["hunter22xx", "my-hunter-secret-key"])
def test_a_secret_that_contains_another_secret_is_hidden_completely(longer: str) -> None:
    for number in range(20):  # other secrets change the order of the search
        others = [longer[: 4 + start] for start in range(number % 6)]
        assert make_scrubber("hunter", *others, longer).scrub(f"… {longer} …") == "… ••• …"


def test_letters_that_become_two_in_lower_case_shift_no_positions() -> None:
    assert make_scrubber("canary-hunter2-canary").scrub("İİİ CANARY-hunter2-canary İ") == "İİİ ••• İ"
    assert make_scrubber("straße-straße-straße").scrub("ß STRASSE-STRASSE-STRASSE ß") == "ß ••• ß"


@given(st.text(st.characters(), min_size=4))
def test_a_secret_with_half_a_surrogate_pair_is_hidden(rest: str) -> None:
    secret = f"{rest}\udcff-hunter2-canary"
    assert "-hunter2-canary" not in make_scrubber(secret).scrub(f"… {secret} …")


@given(st.text(st.characters(), max_size=200))
def test_text_without_secrets_is_unchanged(text: str) -> None:
    assert make_scrubber("canary-hunter2-canary", "hunter2!").scrub(text) == text


@given(st.text(st.characters(), max_size=100), st.text(st.characters(), max_size=100))
def test_text_around_a_secret_is_unchanged(before: str, after: str) -> None:
    scrubbed = make_scrubber("canary-hunter2-canary").scrub(f"{before} canary-hunter2-canary {after}")
    assert scrubbed == f"{before} ••• {after}"


def test_each_line_of_a_key_is_hidden_except_the_armour() -> None:
    body = "MIIEvQIBADANBgkqx7\nhkiG9w0BAQEFAASC2b"
    scrubber = make_scrubber(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----")
    # A fragment starts at every fourth character, so up to three characters before it remain.
    assert scrubber.scrub("could not read hkiG9w0BAQEFAASC2b in line 2") == "could not read hk••• in line 2"
    assert scrubber.scrub(body.replace("\n", " ")) == MASK
    assert scrubber.scrub("begins with -----BEGIN PRIVATE KEY-----") == "begins with -----BEGIN PRIVATE KEY-----"


def test_the_public_members_of_a_google_key_are_shown() -> None:
    key = {
        "type": "service_account",
        "project_id": "acme-analytics-prod",
        "private_key_id": "3f5a9c0d1e2b4a6c8d7e9f0a1b2c3d4e5f6a7b8c",
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n",
        "client_email": "loader@acme-analytics-prod.iam.gserviceaccount.com",
    }
    scrubber = make_scrubber(json.dumps(key))
    for shown in ("acme-analytics-prod", key["client_email"], "service_account"):
        assert scrubber.scrub(shown) == shown
    assert "MIIEvQIBADANB" not in scrubber.scrub(json.dumps(key))
    assert key["private_key_id"] not in scrubber.scrub(json.dumps(key))


@pytest.mark.parametrize("value", ["{", '{"a": 1}', '{"type": "service_account", "x": 1}', '{"a":' * 9000 + "1"])
def test_json_without_secret_members_is_hidden_as_a_whole(value: str) -> None:
    assert make_scrubber(value, include_weak=True).scrub(f"… {value} …") == "… ••• …"


@pytest.mark.parametrize(
    "weak",
    [
        *("", "a", "abc", "1234", "5439", "2024013", "aaaaaaaa", "----"),
        *("postgres", "Password", "ADMIN", "segment", "prod", "snowflake", "hostname", "denied", "approve"),
        *("data-warehouse", "warehouse_bot", "private_key_passphrase"),
    ],
)
def test_a_weak_secret_is_reported_and_not_hidden(weak: str) -> None:
    scrubber = Scrubber()
    assert not scrubber.add_secret(SecretStr(weak))
    assert scrubber.scrub(f"the {weak} of it") == f"the {weak} of it"


@pytest.mark.parametrize("strong", ["hunter2", "Tr0ub4dor&3", "12345678", "postgres1", "blue-canary-lamp", "пароль"])
def test_a_secret_that_is_no_common_word_is_hidden(strong: str) -> None:
    scrubber = Scrubber()
    assert scrubber.add_secret(SecretStr(strong))
    assert scrubber.scrub(f"the {strong} of it") == "the ••• of it"


def test_a_secret_that_is_its_own_name_or_a_public_word_is_weak() -> None:
    scrubber = Scrubber(public_words={"acme-eu"})
    assert not scrubber.add_secret(SecretStr("loader7"), "vault:snowflake/LOADER7")
    assert not scrubber.add_secret(SecretStr("Acme-EU"), "LOADER")
    assert scrubber.add_secret(SecretStr("loader8"), "vault:snowflake/LOADER7")


def test_names_of_warehouse_types_and_settings_are_weak() -> None:
    words = {each.slug for each in load_catalog().types if each.is_known}
    words |= {setting.name for each in load_catalog().types for setting in each.settings}
    assert [word for word in sorted(words) if Scrubber().add_secret(SecretStr(word), "X")] == []


def test_include_weak_hides_even_a_single_letter() -> None:
    assert make_scrubber("a", include_weak=True).scrub("'a' has a letter, banana") == "'•••' has ••• letter, banana"


# Text for people, and text for machines.


def test_text_for_people_loses_every_secret_and_machine_values_lose_long_ones() -> None:
    scrubber = make_scrubber("canary-hunter2-canary", "hunter7")
    blocks = [
        {"text": {"type": "plain_text", "text": "in hunter7 view"}, "value": "show canary-hunter2-canary", "n": 1}
    ]
    assert scrubber.scrub_blocks(blocks) == [
        {"text": {"type": "plain_text", "text": "in ••• view"}, "value": "show •••", "n": 1}
    ]
    assert scrubber.scrub_blocks({"value": "hunter7", "placeholder": "hunter7"}) == {
        "value": "hunter7",
        "placeholder": MASK,
    }
    assert "hunter" not in repr(scrubber)


@pytest.mark.parametrize(
    "word",
    ["plain_text_input", "form:once:password", "https://bot.example.com/", '","channel":"', '"private_metadata"'],
)
def test_a_secret_that_is_a_word_of_slack_breaks_no_form(word: str) -> None:
    origin = json.dumps({"target": {"id": "w_1"}, "channel": "C0OPS"}, separators=(",", ":"))
    element = {"type": "plain_text_input", "action_id": "form:once:password", "url": "https://bot.example.com/secret/1"}
    view = {"type": "modal", "private_metadata": origin, "blocks": [{"type": "input", "element": element}]}
    assert make_scrubber(word, include_weak=True).scrub_blocks(view) == view


def test_private_metadata_is_scrubbed() -> None:
    scrubber = make_scrubber('canary-"hunter2"-canary', "hunter7")
    origin = json.dumps({"target": {"name": 'planted canary-"hunter2"-canary'}, "seen": {"set:1:host": "hunter7.db"}})
    scrubbed = scrubber.scrub_blocks({"private_metadata": origin})["private_metadata"]
    assert json.loads(scrubbed) == {"target": {"name": "planted •••"}, "seen": {"set:1:host": "•••.db"}}
    no_json = {"private_metadata": 'no JSON: canary-"hunter2"-canary'}
    assert scrubber.scrub_blocks(no_json) == {"private_metadata": "no JSON: •••"}


def test_registering_json_is_still_json() -> None:
    text = json.dumps({"kind": "hunter7", "a": ['x","y', 7, None]})
    assert json.loads(make_scrubber("hunter7", 'x","y', include_weak=True).scrub_json_text(text)) == {
        "kind": MASK,
        "a": [MASK, 7, None],
    }


# Cost, counted instead of timed.


@pytest.mark.parametrize(
    "letter", ["x", "\n", "&", "ж", "密"], ids=["letters", "lines", "marks", "cyrillic", "chinese"]
)
@given(size=st.integers(12, 4_000))
def test_a_secret_takes_one_fragment_for_four_characters(letter: str, size: int) -> None:
    secret = "".join(f"{start}{letter}" for start in range(size))[:size]
    scrubber = make_scrubber(secret)
    assert scrubber.fragment_count <= math.ceil(size / 4) + 1 or size < 24  # a short secret has a few spellings
    before = scrubber.fragment_count
    scrubber.add_secret(SecretStr(secret))
    assert scrubber.fragment_count == before


@pytest.mark.parametrize("text", ["eyJ", "a", "ab-_/+", "word ", "%41", "\\u0041", "-----BEGIN "])
def test_decodings_are_at_most_four_times_as_long_as_the_text(text: str) -> None:
    text = (text * 1_000)[:1_000]
    assert sum(len(decoded) for run in find_encoded_runs(text, 6) for decoded in run.decodings) <= 4 * len(text)
