"""The state table: every transition from every state, and the status that a late click is answered with."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import RequestClosed
from bot.domain.requests.diagram import draw_state_diagram
from bot.domain.requests.request import OPEN_STATES, Request, State
from bot.domain.requests.state_table import STATE_TABLE, advance
from bot.domain.requests.status_text import describe_status
from bot.domain.requests.timers import is_takeover_due
from bot.domain.requests.transitions import (
    Approve,
    Cancel,
    Claim,
    Deny,
    Fail,
    MarkUnknown,
    Succeed,
    Supersede,
    Transition,
)
from tests.support.samples import NOON, later, request

LEASE = timedelta(minutes=5)


def approve(by: str = "U0BOB", seconds: float = 1) -> Approve:
    return Approve(by=by, at=later(seconds))


def claim(by: str = "p1", seconds: float = 2) -> Claim:
    return Claim(by=by, at=later(seconds), until=later(seconds) + LEASE)


def request_after(*transitions: Transition, needed: int = 1) -> Request:
    current = request(needed=needed)
    for transition in transitions:
        current = advance(current, transition)
    return current


SUCCEED = Succeed(at=later(3), warehouse_id="w", verified=True)
FAIL = Fail(at=later(3), reason="no")
MARK_UNKNOWN = MarkUnknown(at=later(3), reason="lost", again_at=later(33))
EVERY_TRANSITION = (
    approve("U0CAROL", 4),
    Deny(by="U0BOB", at=later(4)),
    Cancel(by="U0ALICE", at=later(4)),
    Supersede(at=later(4)),
    claim(seconds=4),
    Succeed(at=later(4), warehouse_id="w", verified=True),
    Fail(at=later(4), reason="no"),
    MarkUnknown(at=later(4), reason="lost", again_at=later(34)),
)
IN_STATE = {
    State.DENIED: request_after(Deny(by="U0BOB", at=later(1))),
    State.CANCELLED: request_after(Cancel(by="U0ALICE", at=later(1))),
    State.SUPERSEDED: request_after(approve(), Supersede(at=later(2))),
    State.SUCCEEDED: request_after(approve(), claim(), SUCCEED),
    State.FAILED: request_after(approve(), claim(), FAIL),
}


@pytest.mark.parametrize(
    ("state", "transition"),
    list(product(IN_STATE, EVERY_TRANSITION)),
    ids=lambda value: str(getattr(value, "kind", value)),
)
def test_a_request_that_has_ended_allows_no_transition(state: State, transition: Transition) -> None:
    before = IN_STATE[state]
    with pytest.raises(RequestClosed):
        advance(before, transition)
    assert before == IN_STATE[state]


def test_a_request_is_approved_then_claimed_then_succeeds() -> None:
    waiting = request()
    assert (waiting.state, waiting.is_ready) == (State.PENDING, False)
    ready = advance(waiting, approve())
    assert (ready.state, ready.is_ready) == (State.PENDING, True)
    executing = advance(ready, claim())
    assert executing.state is State.EXECUTING
    assert advance(executing, SUCCEED).state is State.SUCCEEDED


def test_a_request_that_needs_no_approval_is_ready_at_once() -> None:
    assert request(needed=0).is_ready


def test_a_quorum_needs_different_people() -> None:
    half = request_after(approve("U0BOB"), needed=2)
    assert not half.is_ready
    with pytest.raises(RequestClosed):
        advance(half, approve("U0BOB", 2))
    assert advance(half, approve("U0CAROL", 2)).is_ready


def test_a_claim_before_the_quorum_is_refused() -> None:
    with pytest.raises(RequestClosed):
        advance(request(), claim())


def test_an_approved_request_can_not_be_denied_cancelled_or_approved_again() -> None:
    ready = request_after(approve())
    for transition in (Deny(by="U0CAROL", at=later(2)), Cancel(by="U0ALICE", at=later(2)), approve("U0CAROL", 2)):
        with pytest.raises(RequestClosed):
            advance(ready, transition)


def test_a_second_claim_is_refused_until_the_lease_ends() -> None:
    claimed = request_after(approve(), claim("p1", 2))
    with pytest.raises(RequestClosed):
        advance(claimed, claim("p2", 3))
    assert not is_takeover_due(claimed, later(3))
    after_lease = 2 + LEASE.total_seconds()
    assert is_takeover_due(claimed, later(after_lease))
    assert advance(claimed, claim("p2", after_lease)).last_claim == claim("p2", after_lease)


def test_an_unknown_outcome_is_verified_when_due_and_by_one_process() -> None:
    unknown = request_after(approve(), claim(), MARK_UNKNOWN)
    assert (unknown.state, unknown.unknown_count) == (State.UNKNOWN, 1)
    with pytest.raises(RequestClosed):
        advance(unknown, claim("p2", 10))
    verifying = advance(unknown, claim("p2", 33))
    with pytest.raises(RequestClosed):
        advance(verifying, claim("p3", 34))
    assert advance(verifying, SUCCEED).state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("current", "status"),
    [
        (IN_STATE[State.DENIED], "<@U0BOB> denied this 59 s ago; nothing was done."),
        (IN_STATE[State.CANCELLED], "<@U0ALICE> cancelled this 59 s ago."),
        (IN_STATE[State.SUCCEEDED], "<@U0BOB> approved this; it was done 57 s ago."),
        (IN_STATE[State.FAILED], "This failed 57 s ago; nothing changed."),
        (IN_STATE[State.SUPERSEDED], "The warehouse changed after this was asked; found 58 s ago, nothing was done."),
        (request_after(approve(), claim()), "<@U0BOB> approved this; it is running."),
        (
            request_after(approve(), claim(), MARK_UNKNOWN),
            "Segment's answer was lost 57 s ago; the bot is looking for what came of it.",
        ),
        (request_after(approve()), "<@U0BOB> approved this 59 s ago."),
    ],
)
def test_the_status_says_what_happened(current: Request, status: str) -> None:
    assert describe_status(current, later(60)) == status


@given(st.lists(st.sampled_from(EVERY_TRANSITION), max_size=12))
def test_no_sequence_of_transitions_executes_twice_or_leaves_the_table(transitions: list[Transition]) -> None:
    current = request()
    for transition in transitions:
        try:
            after = advance(current, transition)
        except RequestClosed:
            continue
        assert STATE_TABLE[current.state, type(transition)] is after.state
        assert after.version == current.version + 1
        current = after
    claims = [transition for transition in current.history if isinstance(transition, Claim)]
    assert len(claims) <= 1  # all of them have the same time, within one lease
    assert not claims or any(isinstance(transition, Approve) for transition in current.history)


def test_exactly_the_open_states_have_transitions() -> None:
    assert {state for state, _ in STATE_TABLE} == OPEN_STATES


def test_a_request_survives_serialization() -> None:
    current = request_after(approve(), claim(), MARK_UNKNOWN)
    assert Request.model_validate_json(current.model_dump_json()) == current
    assert current.asked_at == NOON


def test_the_docs_show_the_current_state_table() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "requests.md").read_text()
    assert f"```mermaid\n{draw_state_diagram()}\n```" in docs
