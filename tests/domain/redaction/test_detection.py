"""What is taken for a secret: the files of examples, the published rules, and what holds for any text."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction.detection.detector import MAX_SCANNED_LENGTH, looks_secret, redact_detected_secrets
from bot.domain.redaction.detection.published_rules import find_rule_matches, load_rules, match_rule
from bot.domain.redaction.detection.spans import replace_spans
from bot.domain.text import remove_invisible
from tests.support.examples import Example, is_gone, read_examples, read_examples_of_rules

SECRETS, HARMLESS = read_examples("secrets.txt"), read_examples("harmless.txt")
OF_RULES = read_examples_of_rules()
RULES = {rule.id: rule for rule in load_rules()}

#: Passwords that people are given: no blanks, nothing that ends a value in a sentence, and a digit. A word that is said
#: in place of a value has none (`password=undefined`).
PASSWORDS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "/@:#!?%*+=_~^$-"), min_size=8, max_size=40
).filter(lambda text: any(map(str.isdigit, text)))


def _is_found(example: Example) -> bool:
    left = redact_detected_secrets(example.text)
    return looks_secret(example.text) and all(is_gone(secret, left) for secret in example.secrets)


def _is_shown(example: Example) -> bool:
    return not looks_secret(example.text) and redact_detected_secrets(example.text) == example.text


@pytest.mark.parametrize("example", [each for each in SECRETS if not each.is_known_fault], ids=lambda each: each.text)
def test_a_secret_is_found_and_nothing_of_it_is_left(example: Example) -> None:
    assert looks_secret(example.text)
    left = redact_detected_secrets(example.text)
    assert [secret for secret in example.secrets if not is_gone(secret, left)] == []


@pytest.mark.parametrize("example", [each for each in HARMLESS if not each.is_known_fault], ids=lambda each: each.text)
def test_what_is_no_secret_is_shown_as_it_is(example: Example) -> None:
    assert not looks_secret(example.text)
    assert redact_detected_secrets(example.text) == example.text


def test_the_faults_that_the_files_of_examples_name_are_still_there() -> None:
    """One that is gone loses its `~`."""
    assert [each.text for each in SECRETS if each.is_known_fault and _is_found(each)] == []
    assert [each.text for each in HARMLESS if each.is_known_fault and _is_shown(each)] == []


def test_both_rates_stay_where_docs_detection_says() -> None:
    assert sum(map(_is_found, SECRETS)) / len(SECRETS) >= 0.93
    assert sum(map(_is_shown, HARMLESS)) / len(HARMLESS) >= 0.96


@pytest.mark.parametrize("rule", RULES)
def test_each_published_rule_finds_its_own_example(rule: str) -> None:
    example = OF_RULES[rule]
    found = list(match_rule(RULES[rule], example.text))
    assert found
    assert is_gone(example.secrets[0], replace_spans(example.text, found, "•••"))
    assert list(find_rule_matches(example.text))  # by a keyword of its
    assert _is_found(example)


def test_the_published_rules_say_whose_they_are() -> None:
    assert OF_RULES.keys() == RULES.keys()
    assert len(RULES) > 200
    assert all(keyword == keyword.lower() for rule in RULES.values() for keyword in rule.keywords)


@given(PASSWORDS)
def test_no_password_passes_between_a_user_and_a_host(password: str) -> None:
    for text in (f"could not connect to postgres://loader:{password}@db.example.com/profiles", f"loader:{password}@db"):
        if not re.match(r"[0-9]{1,5}[/?#]", password):  # a port and a path
            assert is_gone(password, redact_detected_secrets(text))


@given(PASSWORDS.filter(lambda text: text.strip("*.#x_-X") != "" and text[0] not in "$%"))
def test_no_password_passes_behind_its_name(password: str) -> None:
    for text in (
        f"password={password}",
        f"Server=acme;UID=loader;PWD={password};Encrypt=yes",
        f'"db_password": "{password}"',
        f"user=loader password='{password}'",
    ):
        assert is_gone(password, redact_detected_secrets(text))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_does_not_look_secret_is_told_as_it_is(text: str) -> None:
    assert looks_secret(text) or redact_detected_secrets(text) == remove_invisible(text)


def test_what_is_too_long_to_look_through_is_hidden() -> None:
    assert looks_secret("a b" * MAX_SCANNED_LENGTH)
    told = redact_detected_secrets("a b" * MAX_SCANNED_LENGTH)
    assert len(told) == MAX_SCANNED_LENGTH + 1
    assert told.endswith("…")


@pytest.mark.parametrize(
    ("spans", "left"),
    [
        ([], "abcdef"),
        ([(0, 2)], "•cdef"),
        ([(4, 6), (0, 1)], "•bcd•"),
        ([(1, 3), (2, 4)], "a•ef"),
        ([(1, 3), (3, 4)], "a•ef"),
        ([(0, 6), (2, 3)], "•"),
    ],
)
def test_each_part_is_replaced_once(spans: list[tuple[int, int]], left: str) -> None:
    assert replace_spans("abcdef", spans, "•") == left
