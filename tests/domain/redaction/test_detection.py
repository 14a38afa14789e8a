"""Detection of secrets: the files of examples, the published rules, and properties of any text."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction.detection.detector import MAX_SCANNED_LENGTH, looks_secret, redact_detected_secrets
from bot.domain.redaction.detection.published_rules import find_rule_matches, load_rules, match_rule
from bot.domain.redaction.spans import Span, replace_spans
from bot.domain.text import remove_invisible
from tests.support.examples import Example, is_gone, read_examples, read_examples_of_rules

SECRETS, HARMLESS = read_examples("secrets.txt"), read_examples("harmless.txt")
RULE_EXAMPLES = read_examples_of_rules()
RULES = {rule.id: rule for rule in load_rules()}

#: Typical passwords: no blanks, nothing that ends a value in a sentence, and a digit. Words in place of a value, as in
#: `password=undefined`, have no digit.
PASSWORDS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "/@:#!?%*+=_~^$-"), min_size=8, max_size=40
).filter(lambda text: any(map(str.isdigit, text)))


def _is_found(example: Example) -> bool:
    redacted = redact_detected_secrets(example.text)
    return looks_secret(example.text) and all(is_gone(secret, redacted) for secret in example.secrets)


def _is_shown(example: Example) -> bool:
    return not looks_secret(example.text) and redact_detected_secrets(example.text) == example.text


@pytest.mark.parametrize("example", [each for each in SECRETS if not each.is_known_fault], ids=lambda each: each.text)
def test_a_secret_is_found_and_removed_completely(example: Example) -> None:
    assert looks_secret(example.text)
    redacted = redact_detected_secrets(example.text)
    assert [secret for secret in example.secrets if not is_gone(secret, redacted)] == []


@pytest.mark.parametrize("example", [each for each in HARMLESS if not each.is_known_fault], ids=lambda each: each.text)
def test_harmless_text_is_shown_unchanged(example: Example) -> None:
    assert not looks_secret(example.text)
    assert redact_detected_secrets(example.text) == example.text


def test_every_example_marked_as_a_known_fault_still_fails() -> None:
    """Remove the `~` of an example that now passes."""
    assert [each.text for each in SECRETS if each.is_known_fault and _is_found(each)] == []
    assert [each.text for each in HARMLESS if each.is_known_fault and _is_shown(each)] == []


def test_both_rates_are_at_least_those_in_the_docs() -> None:
    assert sum(map(_is_found, SECRETS)) / len(SECRETS) >= 0.93
    assert sum(map(_is_shown, HARMLESS)) / len(HARMLESS) >= 0.96


@pytest.mark.parametrize("rule", RULES)
def test_each_published_rule_finds_its_own_example(rule: str) -> None:
    example = RULE_EXAMPLES[rule]
    spans = list(match_rule(RULES[rule], example.text))
    assert spans
    assert is_gone(example.secrets[0], replace_spans(example.text, spans, "•••"))
    assert list(find_rule_matches(example.text))
    assert _is_found(example)


def test_every_published_rule_has_an_example_and_lower_case_keywords() -> None:
    assert RULE_EXAMPLES.keys() == RULES.keys()
    assert len(RULES) > 200
    assert all(keyword == keyword.lower() for rule in RULES.values() for keyword in rule.keywords)


@given(PASSWORDS)
def test_a_password_between_user_and_host_is_removed(password: str) -> None:
    for text in (f"could not connect to postgres://loader:{password}@db.example.com/profiles", f"loader:{password}@db"):
        if not re.match(r"[0-9]{1,5}[/?#]", password):  # a port and a path
            assert is_gone(password, redact_detected_secrets(text))


@given(PASSWORDS.filter(lambda text: text.strip("*.#x_-X") != "" and text[0] not in "$%"))
def test_a_password_after_its_name_is_removed(password: str) -> None:
    for text in (
        f"password={password}",
        f"Server=acme;UID=loader;PWD={password};Encrypt=yes",
        f'"db_password": "{password}"',
        f"user=loader password='{password}'",
    ):
        assert is_gone(password, redact_detected_secrets(text))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_text_that_does_not_look_secret_is_only_freed_of_invisible_characters(text: str) -> None:
    assert looks_secret(text) or redact_detected_secrets(text) == remove_invisible(text)


def test_text_that_is_too_long_is_hidden_and_cut() -> None:
    assert looks_secret("a b" * MAX_SCANNED_LENGTH)
    redacted = redact_detected_secrets("a b" * MAX_SCANNED_LENGTH)
    assert len(redacted) == MAX_SCANNED_LENGTH + 1
    assert redacted.endswith("…")


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], "abcdef"),
        ([(0, 2)], "•cdef"),
        ([(4, 6), (0, 1)], "•bcd•"),
        ([(1, 3), (2, 4)], "a•ef"),
        ([(1, 3), (3, 4)], "a•ef"),
        ([(0, 6), (2, 3)], "•"),
    ],
)
def test_overlapping_and_adjacent_spans_are_replaced_by_one_mark(spans: list[tuple[int, int]], expected: str) -> None:
    assert replace_spans("abcdef", [Span(*each) for each in spans], "•") == expected


def test_adjacent_spans_can_be_replaced_one_by_one() -> None:
    assert replace_spans("abcdef", [Span(1, 3), Span(3, 4), Span(3, 5)], "•", merge_adjacent=False) == "a••f"
