"""What looks like a secret, and striking those that are known."""

import base64
import json
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.secrecy import is_text, length_class, looks_secret
from bot.domain.striking import Censor

SECRETS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "/+=!-_ &<>\"'"), min_size=12, max_size=80
).filter(lambda text: text.strip() == text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_judged(text: str) -> None:
    assert looks_secret(text) in {True, False}
    assert length_class(text) in {"short", "medium", "long"}


@given(SECRETS, st.text(max_size=30), st.text(max_size=30))
def test_a_known_secret_is_struck_however_it_is_written(secret: str, before: str, after: str) -> None:
    censor = Censor(SecretStr(secret))
    spellings = [
        secret,
        secret.swapcase(),
        secret.upper(),
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        secret.encode().hex(),
        base64.b64encode(secret.encode()).decode(),
        secret[:12],
    ]
    for written in spellings:
        left = censor.strike(before + written + after)
        assert written[:12] not in left or written[:12] in before + after


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_of_something_around_a_secret_gives_no_dozen_characters_of_it_away(
    secret: str, before: bytes, after: bytes
) -> None:
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    first, last = -(-len(before) * 8 // 6) + 1, (len(before) + len(secret)) * 8 // 6 - 1
    inside = encoded[first:last]  # the characters that come of the secret alone
    left = Censor(SecretStr(secret)).strike(encoded)
    assert not [at for at in range(len(inside) - 11) if inside[at : at + 12] in left]


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=15, max_size=80), st.data())
def test_no_fifteen_characters_of_a_secret_pass_wherever_it_is_cut(secret: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(secret) - 15))
    cut = secret[at : at + 15]
    assert cut not in Censor(SecretStr(secret)).strike(f"… {cut} …")


def test_letters_that_are_two_when_they_are_small_move_nothing() -> None:
    censor = Censor(SecretStr("canary-hunter2-canary"))
    assert censor.strike("İİİ CANARY-hunter2-canary İ") == "İİİ ••• İ"


@given(st.text(max_size=200))
def test_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Censor(SecretStr("canary-hunter2-canary")).strike(text) == text


def test_what_people_read_is_struck_of_every_secret_and_what_machines_read_of_the_long_ones() -> None:
    censor = Censor(SecretStr("canary-hunter2-canary"), SecretStr("plain"))
    blocks = [{"text": {"type": "plain_text", "text": "in plain view"}, "value": "show canary-hunter2-canary", "n": 1}]
    assert censor.strike_blocks(blocks) == [
        {"text": {"type": "plain_text", "text": "in ••• view"}, "value": "show •••", "n": 1}
    ]
    assert "hunter2" not in repr(censor)


def test_the_lines_of_a_key_are_struck_each() -> None:
    censor = Censor(SecretStr("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"))
    assert "MIIEvQIBADANBgkq" not in censor.strike("Segment could not read MIIEvQIBADANBgkq in line 2")


@pytest.mark.parametrize(
    "word",
    ["plain_text_input", "form:once:password", "https://bot.example.com/", '","channel":"', '"private_metadata"'],
)
def test_a_word_of_slacks_that_somebody_hands_over_breaks_no_form(word: str) -> None:
    origin = json.dumps({"target": {"id": "w_1"}, "channel": "C0OPS"}, separators=(",", ":"))
    element = {"type": "plain_text_input", "action_id": "form:once:password", "url": "https://bot.example.com/secret/1"}
    view = {"type": "modal", "private_metadata": origin, "blocks": [{"type": "input", "element": element}]}
    assert Censor(SecretStr(word)).strike_blocks(view) == view


def test_what_a_form_carries_unseen_is_struck_too() -> None:
    censor = Censor(SecretStr('canary-"hunter2"-canary'))
    origin = json.dumps({"target": {"name": 'planted canary-"hunter2"-canary'}})
    left = censor.strike_blocks({"private_metadata": origin})["private_metadata"]
    assert json.loads(left) == {"target": {"name": "planted •••"}}
    assert censor.strike_blocks({"private_metadata": 'no JSON: canary-"hunter2"-canary'}) == {
        "private_metadata": "no JSON: •••"
    }


@given(st.text(st.characters(), min_size=4))
def test_half_a_pair_of_surrogates_is_struck_like_the_rest(rest: str) -> None:
    assert is_text(rest) == all(not "\ud800" <= letter <= "\udfff" for letter in rest)
    secret = f"{rest}\udcff-hunter2-canary"
    assert "-hunter2-canary" not in Censor(SecretStr(secret)).strike(f"… {secret} …")


@pytest.mark.parametrize("longer", ["hunter22xx", "my-hunter-secret-key"])
def test_a_secret_in_a_longer_one_leaves_nothing_of_that(longer: str) -> None:
    for number in range(20):  # whichever is found first
        others = [SecretStr(f"{longer[: 4 + at]}") for at in range(number % 6)]
        censor = Censor(SecretStr("hunter"), *others, SecretStr(longer))
        assert censor.strike(f"… {longer} …") == "… ••• …"
