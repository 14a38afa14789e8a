"""The state table: every move from every state, and what a late click is told."""

import re
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


def through(*moves: Transition, needed: int = 1) -> Request:
    made = request(needed=needed)
    for move in moves:
        made = advance(made, move)
    return made


SUCCEED = Succeed(at=later(3), warehouse_id="w", verified=True)
FAIL = Fail(at=later(3), reason="no")
LOSE = MarkUnknown(at=later(3), reason="lost", again_at=later(33))
EVERY_MOVE = (
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
    State.DENIED: through(Deny(by="U0BOB", at=later(1))),
    State.CANCELLED: through(Cancel(by="U0ALICE", at=later(1))),
    State.SUPERSEDED: through(approve(), Supersede(at=later(2))),
    State.SUCCEEDED: through(approve(), claim(), SUCCEED),
    State.FAILED: through(approve(), claim(), FAIL),
}


@pytest.mark.parametrize(
    ("state", "move"), list(product(IN_STATE, EVERY_MOVE)), ids=lambda value: str(getattr(value, "kind", value))
)
def test_what_has_ended_takes_no_move(state: State, move: Transition) -> None:
    before = IN_STATE[state]
    with pytest.raises(RequestClosed):
        advance(before, move)
    assert before == IN_STATE[state]


def test_the_way_to_success() -> None:
    waiting = request()
    assert (waiting.state, waiting.is_ready) == (State.PENDING, False)
    ready = advance(waiting, approve())
    assert (ready.state, ready.is_ready) == (State.PENDING, True)
    executing = advance(ready, claim())
    assert executing.state is State.EXECUTING
    assert advance(executing, SUCCEED).state is State.SUCCEEDED


def test_a_request_that_needs_nobody_is_ready_at_once() -> None:
    assert request(needed=0).is_ready


def test_a_quorum_needs_different_people() -> None:
    half = through(approve("U0BOB"), needed=2)
    assert not half.is_ready
    with pytest.raises(RequestClosed):
        advance(half, approve("U0BOB", 2))
    assert advance(half, approve("U0CAROL", 2)).is_ready


def test_nobody_claims_before_the_quorum() -> None:
    with pytest.raises(RequestClosed):
        advance(request(), claim())


def test_once_approved_it_can_be_neither_denied_nor_cancelled_nor_approved_again() -> None:
    ready = through(approve())
    for move in (Deny(by="U0CAROL", at=later(2)), Cancel(by="U0ALICE", at=later(2)), approve("U0CAROL", 2)):
        with pytest.raises(RequestClosed):
            advance(ready, move)


def test_a_claim_is_won_once_until_its_lease_ends() -> None:
    claimed = through(approve(), claim("p1", 2))
    with pytest.raises(RequestClosed):
        advance(claimed, claim("p2", 3))
    assert not is_takeover_due(claimed, later(3))
    after_lease = 2 + LEASE.total_seconds()
    assert is_takeover_due(claimed, later(after_lease))
    assert advance(claimed, claim("p2", after_lease)).last_claim == claim("p2", after_lease)


def test_a_lost_answer_is_looked_for_when_it_is_time_and_by_one() -> None:
    lost = through(approve(), claim(), LOSE)
    assert (lost.state, lost.unknown_count) == (State.UNKNOWN, 1)
    with pytest.raises(RequestClosed):
        advance(lost, claim("p2", 10))
    looking = advance(lost, claim("p2", 33))
    with pytest.raises(RequestClosed):
        advance(looking, claim("p3", 34))
    assert advance(looking, SUCCEED).state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (IN_STATE[State.DENIED], "<@U0BOB> denied this 59 s ago; nothing was done."),
        (IN_STATE[State.CANCELLED], "<@U0ALICE> cancelled this 59 s ago."),
        (IN_STATE[State.SUCCEEDED], "<@U0BOB> approved this; it was done 57 s ago."),
        (IN_STATE[State.FAILED], "This failed 57 s ago; nothing changed."),
        (IN_STATE[State.SUPERSEDED], "The warehouse changed after this was asked; found 58 s ago, nothing was done."),
        (through(approve(), claim()), "<@U0BOB> approved this; it is running."),
        (
            through(approve(), claim(), LOSE),
            "Segment's answer was lost 57 s ago; the bot is looking for what came of it.",
        ),
        (through(approve()), "<@U0BOB> approved this 59 s ago."),
    ],
)
def test_a_late_click_hears_what_happened(made: Request, says: str) -> None:
    assert describe_status(made, later(60)) == says


@given(st.lists(st.sampled_from(EVERY_MOVE), max_size=12))
def test_no_sequence_of_moves_executes_twice_or_leaves_the_table(moves: list[Transition]) -> None:
    made = request()
    for move in moves:
        try:
            after = advance(made, move)
        except RequestClosed:
            continue
        assert STATE_TABLE[made.state, type(move)] is after.state
        assert after.version == made.version + 1
        made = after
    claims = [move for move in made.history if isinstance(move, Claim)]
    assert len(claims) <= 1  # all of them come at one moment, within one lease
    assert not claims or any(isinstance(move, Approve) for move in made.history)


def test_open_means_that_something_is_still_to_come() -> None:
    assert {state for state, _ in STATE_TABLE} == OPEN_STATES


def test_a_request_survives_being_written_down() -> None:
    made = through(approve(), claim(), LOSE)
    assert Request.model_validate_json(made.model_dump_json()) == made
    assert made.asked_at == NOON


def test_the_docs_show_the_table_that_is_in_force() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "requests.md").read_text()
    assert f"```mermaid\n{draw_state_diagram()}\n```" in docs


def test_the_tests_that_the_docs_name_are_there() -> None:
    root = Path(__file__).parents[3]
    docs = (root / "docs" / "requests.md").read_text()
    for file, _, name in re.findall(r"`(tests/[\w/]+\.py)(::[\w:]*?(\w+))?`", docs):
        assert (root / file).is_file()
        assert not name or re.search(rf"(def|class) {name}\b", (root / file).read_text()), f"{file}: {name}"
