"""Segment's words about an error: scrubbed of what it was sent and of what the bot knows, and only then cut."""

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


def complaint(message: str, *sent: str, name: str = "t", field: str = "f") -> FieldError:
    """What is kept of `message`, told of a call that sent the secrets `sent`."""
    call = p.validate_connection("m", {str(at): SecretStr(each) for at, each in enumerate(sent)})
    body = json.dumps({"errors": [{"type": name, "message": message, "field": field}]}).encode()
    with pytest.raises(Invalid) as caught:
        p.parse_response(call, 422, {}, body)
    return caught.value.errors[0]


def pieces(secret: str) -> Iterator[str]:
    return (secret[at : at + 4] for at in range(len(secret) - 3))


@given(st.integers(0, 6_000), st.integers(0, 6_000), st.integers(0, 3))
def test_no_cut_leaves_half_a_secret(before: int, between: int, longer: int) -> None:
    # Long secrets shrink to a mask, so what stood behind the first cut moves into what is kept.
    sent, known = SENT * (1 + 100 * longer), KNOWN

    def kept() -> str:
        set_truncate_function(Scrubber(SecretStr(known)).scrub_and_truncate)
        return complaint("." * before + f" {sent} " + "." * between + f" {known} " + "." * 9_000, sent).message

    message = contextvars.copy_context().run(kept)
    assert len(message) <= 500
    assert not [piece for piece in (*pieces(SENT), *pieces(KNOWN)) if piece in message]


def test_a_secret_at_the_end_of_what_is_read_does_not_move_into_what_is_kept() -> None:
    long = KNOWN * 180

    def kept() -> list[str]:
        set_truncate_function(Scrubber(SecretStr(long), SecretStr(KNOWN[::-1])).scrub_and_truncate)
        texts = [f"{long}{'.' * at}{KNOWN[::-1]}{'.' * 9_000}" for at in range(180, 225)]
        return [complaint(text).message for text in texts]

    messages = contextvars.copy_context().run(kept)
    assert not [piece for piece in pieces(KNOWN[::-1]) if piece in "\n".join(messages)]


@pytest.mark.parametrize("weak", ["a", "abc", "postgres", "5439", "denied"])
def test_what_was_sent_is_hidden_in_the_answer_however_weak_it_is(weak: str) -> None:
    assert complaint(f"access to '{weak}' refused", weak).message == "access to '•••' refused"
    assert complaint(f"access to '{weak}' refused", "else").message == f"access to '{weak}' refused"


def test_the_names_in_a_complaint_are_scrubbed_too() -> None:
    error = complaint("no", SENT, name=f"bad {SENT}", field=f"settings.{SENT}" + "x" * 1_000)
    assert error.type == "bad •••"
    assert SENT[:4] not in (error.field or "")


def test_a_short_complaint_stays_as_it_is() -> None:
    assert complaint("port must be a number…", SENT).message == "port must be a number…"
