"""Known secrets are hidden in whatever leaves, in every common encoding, and nothing else is."""

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

#: What quoting and markup add or take out, and what is therefore not counted.
MARKS = "*_~`'\"\\+"

LETTERS = string.ascii_letters + string.digits + "/=!- &<>%" + MARKS
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


def counted(text: str) -> str:
    """The characters of `text` that count."""
    return "".join(each for each in text if each not in MARKS and not each.isspace())


def censor(*secrets: str, every: bool = False) -> Scrubber:
    return Scrubber(*map(SecretStr, secrets), include_weak=every)


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=SECRETS)
def test_a_secret_is_hidden_however_it_is_written(spelling: str, secret: str) -> None:
    written = SPELLINGS[spelling](secret)
    left = censor(secret, every=True).scrub(f"it is <{written}>, they say")
    assert written not in left
    assert counted(written)[:15] not in counted(left) or len(counted(written)) < 15


@pytest.mark.parametrize("size", range(4, 12))
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_short_secret_is_hidden_however_it_is_written(spelling: str, size: int) -> None:
    secret = "x7&Q<9 z%k/2"[:size].strip()
    written = SPELLINGS[spelling](secret)
    assert censor(secret).scrub(f"it is <{written}>, they say").count(MASK) == 1


@given(LONG, st.data())
def test_no_fifteen_characters_of_a_secret_pass_wherever_it_is_cut(secret: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(secret) - 15))
    cut = secret[at : at + 15]
    assert cut not in censor(secret, every=True).scrub(f"… {cut} …")


@given(LONG, st.data(), st.integers(0, 3))
def test_no_fifteen_characters_pass_in_hex_or_base64_of_a_piece(secret: str, data: st.DataObject, before: int) -> None:
    at = data.draw(st.integers(0, len(secret) - 15))
    piece = b"\0" * before + secret[at : at + 15].encode()
    for written in (piece.hex(), base64.b64encode(piece).decode().rstrip("=")):
        assert written not in censor(secret, every=True).scrub(f"… {written} …")


@given(SECRETS, st.sampled_from(sorted(SPELLINGS)), st.integers(0, 60), st.integers(1, 200), st.integers(0, 2_000))
def test_what_is_cut_is_scrubbed_before(secret: str, spelling: str, before: int, most: int, after: int) -> None:
    written = SPELLINGS[spelling](secret)
    text = "." * before + f" {written} " + "." * after
    left = censor(secret, every=True).scrub_and_truncate(text, most)
    assert len(left) <= most
    pieces = {written[at : at + 4] for at in range(len(written) - 3)}
    assert not [piece for piece in pieces if counted(piece) and piece in left]


@given(st.integers(12, 40), st.integers(3_000, 3_700), st.integers(500, 600))
def test_a_text_too_long_to_be_read_is_cut_without_half_a_secret(size: int, before: int, most: int) -> None:
    # The mask is shorter than the secrets in its place: what is left of the rest moves up, into the cut.
    long, last = "Zq8" * 1_000, "Canary7xQ9zW2vB4nM6kJ8hG5fD3sA1pL0oI"[:size]
    left = censor(long, last).scrub_and_truncate(long[:before].ljust(before) + last + "y" * 10_000, most)
    assert last[:3] not in left


@pytest.mark.parametrize(
    "text", ["prefix{}suffix", "{}2", "x{}", "un{}ly"], ids=["inside", "before a digit", "behind a letter", "within"]
)
def test_a_short_secret_inside_a_word_is_a_part_of_that_word(text: str) -> None:
    written = text.format("hunter7")
    assert censor("hunter7").scrub(written) == written


@pytest.mark.parametrize("around", ["{}", "a {} b", "pw={}", "u:{}@host", "({})", "`{}`", "{}.", "x_{}_y", "x-{}"])
def test_a_short_secret_between_words_is_hidden(around: str) -> None:
    assert censor("hunter7").scrub(around.format("Hunter7")) == around.format(MASK)


@pytest.mark.parametrize("longer", ["hunter22xx", "my-hunter-secret-key"])
def test_a_secret_in_a_longer_one_leaves_nothing_of_that(longer: str) -> None:
    for number in range(20):  # whichever is found first
        others = [longer[: 4 + at] for at in range(number % 6)]
        assert censor("hunter", *others, longer).scrub(f"… {longer} …") == "… ••• …"


def test_letters_that_are_two_when_they_are_small_move_nothing() -> None:
    assert censor("canary-hunter2-canary").scrub("İİİ CANARY-hunter2-canary İ") == "İİİ ••• İ"
    assert censor("straße-straße-straße").scrub("ß STRASSE-STRASSE-STRASSE ß") == "ß ••• ß"


@given(st.text(st.characters(), min_size=4))
def test_half_a_pair_of_surrogates_is_hidden_like_the_rest(rest: str) -> None:
    secret = f"{rest}\udcff-hunter2-canary"
    assert "-hunter2-canary" not in censor(secret).scrub(f"… {secret} …")


@given(st.text(st.characters(), max_size=200))
def test_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert censor("canary-hunter2-canary", "hunter2!").scrub(text) == text


@given(st.text(st.characters(), max_size=100), st.text(st.characters(), max_size=100))
def test_what_stands_beside_a_secret_stays(before: str, after: str) -> None:
    assert censor("canary-hunter2-canary").scrub(f"{before} canary-hunter2-canary {after}") == f"{before} ••• {after}"


def test_the_lines_of_a_key_are_hidden_each_and_what_every_key_begins_with_is_not() -> None:
    body = "MIIEvQIBADANBgkqx7\nhkiG9w0BAQEFAASC2b"
    known = censor(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----")
    # A piece begins at each fourth character: up to three before it are left.
    assert known.scrub("could not read hkiG9w0BAQEFAASC2b in line 2") == "could not read hk••• in line 2"
    assert known.scrub(body.replace("\n", " ")) == MASK
    assert known.scrub("begins with -----BEGIN PRIVATE KEY-----") == "begins with -----BEGIN PRIVATE KEY-----"


def test_of_a_google_key_the_key_is_hidden_and_the_project_is_not() -> None:
    key = {
        "type": "service_account",
        "project_id": "acme-analytics-prod",
        "private_key_id": "3f5a9c0d1e2b4a6c8d7e9f0a1b2c3d4e5f6a7b8c",
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n",
        "client_email": "loader@acme-analytics-prod.iam.gserviceaccount.com",
    }
    known = censor(json.dumps(key))
    for shown in ("acme-analytics-prod", key["client_email"], "service_account"):
        assert known.scrub(shown) == shown
    assert "MIIEvQIBADANB" not in known.scrub(json.dumps(key))
    assert key["private_key_id"] not in known.scrub(json.dumps(key))


@pytest.mark.parametrize("value", ["{", '{"a": 1}', '{"type": "service_account", "x": 1}', '{"a":' * 9000 + "1"])
def test_what_is_no_credentials_in_json_is_hidden_whole(value: str) -> None:
    assert censor(value, every=True).scrub(f"… {value} …") == "… ••• …"


@pytest.mark.parametrize(
    "weak",
    [
        *("", "a", "abc", "1234", "5439", "2024013", "aaaaaaaa", "----"),
        *("postgres", "Password", "ADMIN", "segment", "prod", "snowflake", "hostname", "denied", "approve"),
        *("data-warehouse", "warehouse_bot", "private_key_passphrase"),
    ],
)
def test_what_is_too_weak_to_be_hidden_is_said_and_left(weak: str) -> None:
    known = Scrubber()
    assert not known.add_secret(SecretStr(weak))
    assert known.scrub(f"the {weak} of it") == f"the {weak} of it"


@pytest.mark.parametrize("strong", ["hunter2", "Tr0ub4dor&3", "12345678", "postgres1", "blue-canary-lamp", "пароль"])
def test_what_is_no_common_word_is_hidden(strong: str) -> None:
    known = Scrubber()
    assert known.add_secret(SecretStr(strong))
    assert known.scrub(f"the {strong} of it") == "the ••• of it"


def test_a_secret_that_is_its_own_name_or_that_is_shown_in_any_case_is_weak() -> None:
    known = Scrubber(public_words={"acme-eu"})
    assert not known.add_secret(SecretStr("loader7"), "vault:snowflake/LOADER7")
    assert not known.add_secret(SecretStr("Acme-EU"), "LOADER")
    assert known.add_secret(SecretStr("loader8"), "vault:snowflake/LOADER7")


def test_no_warehouse_type_and_none_of_its_settings_is_hidden() -> None:
    words = {each.slug for each in load_catalog().types if each.is_known}
    words |= {setting.name for each in load_catalog().types for setting in each.settings}
    assert [word for word in sorted(words) if Scrubber().add_secret(SecretStr(word), "X")] == []


def test_what_is_handed_over_hides_even_a_letter_in_what_is_about_it_alone() -> None:
    assert censor("a", every=True).scrub("'a' has a letter, banana") == "'•••' has ••• letter, banana"


# What people read, and what machines do.


def test_what_people_read_is_scrubbed_of_every_secret_and_what_machines_read_of_the_long_ones() -> None:
    known = censor("canary-hunter2-canary", "hunter7")
    blocks = [
        {"text": {"type": "plain_text", "text": "in hunter7 view"}, "value": "show canary-hunter2-canary", "n": 1}
    ]
    assert known.scrub_blocks(blocks) == [
        {"text": {"type": "plain_text", "text": "in ••• view"}, "value": "show •••", "n": 1}
    ]
    assert known.scrub_blocks({"value": "hunter7", "placeholder": "hunter7"}) == {
        "value": "hunter7",
        "placeholder": MASK,
    }
    assert "hunter" not in repr(known)


@pytest.mark.parametrize(
    "word",
    ["plain_text_input", "form:once:password", "https://bot.example.com/", '","channel":"', '"private_metadata"'],
)
def test_a_secret_that_is_a_word_of_slacks_breaks_no_form(word: str) -> None:
    origin = json.dumps({"target": {"id": "w_1"}, "channel": "C0OPS"}, separators=(",", ":"))
    element = {"type": "plain_text_input", "action_id": "form:once:password", "url": "https://bot.example.com/secret/1"}
    view = {"type": "modal", "private_metadata": origin, "blocks": [{"type": "input", "element": element}]}
    assert censor(word, every=True).scrub_blocks(view) == view


def test_what_a_form_carries_unseen_is_scrubbed_too() -> None:
    known = censor('canary-"hunter2"-canary', "hunter7")
    origin = json.dumps({"target": {"name": 'planted canary-"hunter2"-canary'}, "seen": {"set:1:host": "hunter7.db"}})
    left = known.scrub_blocks({"private_metadata": origin})["private_metadata"]
    assert json.loads(left) == {"target": {"name": "planted •••"}, "seen": {"set:1:host": "•••.db"}}
    no_json = {"private_metadata": 'no JSON: canary-"hunter2"-canary'}
    assert known.scrub_blocks(no_json) == {"private_metadata": "no JSON: •••"}


def test_json_stays_json_whatever_is_hidden_in_it() -> None:
    text = json.dumps({"kind": "hunter7", "a": ['x","y', 7, None]})
    assert json.loads(censor("hunter7", 'x","y', every=True).scrub_json_text(text)) == {
        "kind": MASK,
        "a": [MASK, 7, None],
    }


# What it costs, counted and not timed.


@pytest.mark.parametrize(
    "letter", ["x", "\n", "&", "ж", "密"], ids=["letters", "lines", "marks", "cyrillic", "chinese"]
)
@given(size=st.integers(12, 4_000))
def test_a_secret_takes_a_piece_for_four_characters_whatever_they_are(letter: str, size: int) -> None:
    secret = "".join(f"{at}{letter}" for at in range(size))[:size]
    known = censor(secret)
    assert known.fragment_count <= math.ceil(size / 4) + 1 or size < 24  # a short secret has a few spellings
    before = known.fragment_count
    known.add_secret(SecretStr(secret))
    assert known.fragment_count == before


@pytest.mark.parametrize("text", ["eyJ", "a", "ab-_/+", "word ", "%41", "\\u0041", "-----BEGIN "])
def test_what_a_text_decodes_to_is_a_few_times_as_long_at_the_most(text: str) -> None:
    text = (text * 1_000)[:1_000]
    assert sum(len(decoded) for run in find_encoded_runs(text, 6) for decoded in run.decodings) <= 4 * len(text)
