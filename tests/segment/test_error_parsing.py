"""Segment's error messages are scrubbed of the sent and the known secrets, and then cut."""

import contextvars
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.redaction.scrubber import Scrubber
from bot.domain.segment_errors import FieldError, Invalid
from bot.domain.text import set_truncate_function
from bot.segment import protocol as p

KNOWN, SENT = "kNoWn7xQ9zW2vB4nM6kJ8", "seNt5hG3fD1sA9pL7oI2u"


def parse_error(message: str, *sent: str, name: str = "t", field: str = "f") -> FieldError:
    """Parse an error with `message` in the response to a call that sent the secrets `sent`."""
    call = p.validate_connection("m", {str(at): SecretStr(each) for at, each in enumerate(sent)})
    body = json.dumps({"errors": [{"type": name, "message": message, "field": field}]}).encode()
    with pytest.raises(Invalid) as caught:
        p.parse_response(call, 422, {}, body)
    return caught.value.errors[0]


def fragments(secret: str) -> Iterator[str]:
    return (secret[at : at + 4] for at in range(len(secret) - 3))


@given(st.integers(0, 6_000), st.integers(0, 6_000), st.integers(0, 3))
def test_no_cut_leaves_half_a_secret(before: int, between: int, longer: int) -> None:
    # A mask is shorter than its secret, so text after the first cut moves into the result.
    sent, known = SENT * (1 + 100 * longer), KNOWN

    def parse() -> str:
        set_truncate_function(Scrubber(SecretStr(known)).scrub_and_truncate)
        return parse_error("." * before + f" {sent} " + "." * between + f" {known} " + "." * 9_000, sent).message

    message = contextvars.copy_context().run(parse)
    assert len(message) <= 500
    assert not [fragment for fragment in (*fragments(SENT), *fragments(KNOWN)) if fragment in message]


def test_a_secret_at_the_end_of_the_excerpt_does_not_move_into_the_message() -> None:
    long = KNOWN * 180

    def parse() -> list[str]:
        set_truncate_function(Scrubber(SecretStr(long), SecretStr(KNOWN[::-1])).scrub_and_truncate)
        texts = [f"{long}{'.' * at}{KNOWN[::-1]}{'.' * 9_000}" for at in range(180, 225)]
        return [parse_error(text).message for text in texts]

    messages = contextvars.copy_context().run(parse)
    assert not [fragment for fragment in fragments(KNOWN[::-1]) if fragment in "\n".join(messages)]


@pytest.mark.parametrize("weak", ["a", "abc", "postgres", "5439", "denied"])
def test_a_weak_secret_is_hidden_in_the_response_to_the_call_that_sent_it(weak: str) -> None:
    assert parse_error(f"access to '{weak}' refused", weak).message == "access to '•••' refused"
    assert parse_error(f"access to '{weak}' refused", "else").message == f"access to '{weak}' refused"


def test_the_type_and_field_of_an_error_are_scrubbed() -> None:
    error = parse_error("no", SENT, name=f"bad {SENT}", field=f"settings.{SENT}" + "x" * 1_000)
    assert error.type == "bad •••"
    assert SENT[:4] not in (error.field or "")


def test_a_short_message_is_unchanged() -> None:
    assert parse_error("port must be a number…", SENT).message == "port must be a number…"
