"""Which connections are closed, and when: decided from what happened on each, without a socket."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.connection_limits import Activity, Connections, Guard, Limits, choose_largest, choose_victim, deadline

LIMITS = Limits(request=10, idle=75, answer=10, body=1000, unread=100, connections=3)

ACTIVITIES = st.builds(
    Activity,
    since=st.floats(0, 100),
    began=st.none() | st.floats(0, 100),
    unread=st.integers(0, 1000),
    has_finished=st.booleans(),
    is_handled=st.booleans(),
    blocked=st.none() | st.floats(0, 100),
)


@pytest.mark.parametrize(
    ("activity", "ends"),
    [
        (Activity(since=5), 15),
        (Activity(since=5, began=9), 19),
        (Activity(since=5, has_finished=True), 80),
        (Activity(since=5, has_finished=True, began=50), 60),
        (Activity(since=5, is_handled=True), None),
        (Activity(since=5, is_handled=True, blocked=7), 17),
        (Activity(since=5, has_finished=True, blocked=7), 17),
    ],
    ids=["nothing came", "unfinished", "idle", "unfinished after another", "being handled", "unread", "unread at rest"],
)
def test_a_connection_ends_when_its_client_is_late_and_not_when_the_bot_is(
    activity: Activity, ends: float | None
) -> None:
    assert deadline(activity, LIMITS) == ends


@given(st.dictionaries(st.integers(), ACTIVITIES, max_size=8))
def test_the_victim_is_the_oldest_that_never_finished_a_request_and_never_one_that_is_handled(
    activities: Mapping[int, Activity],
) -> None:
    victim = choose_victim(activities)
    waiting = [each for each in activities.values() if not each.is_handled]
    if victim is None:
        assert not waiting
        return
    chosen = activities[victim]
    assert not chosen.is_handled
    rivals = [each for each in waiting if not each.has_finished] or waiting
    assert chosen.since == min(each.since for each in rivals)
    assert chosen.has_finished == all(each.has_finished for each in waiting)


@given(st.dictionaries(st.integers(), ACTIVITIES, max_size=8))
def test_the_largest_unfinished_request_goes_first(activities: Mapping[int, Activity]) -> None:
    largest = choose_largest(activities)
    most = max((each.unread for each in activities.values()), default=0)
    assert (activities[largest].unread if largest is not None else 0) == most


class Inner(asyncio.Protocol):
    """Takes everything and answers nothing."""


class Wire(asyncio.Transport):
    """A connection that is only closed."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = self.closing = False

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.closing


def connect(connections: Connections) -> tuple[Guard, Wire]:
    guard, wire = connections.accept(Inner()), Wire()
    guard.connection_made(wire)
    return guard, wire


async def test_a_new_connection_takes_the_place_of_the_oldest_that_is_not_being_served() -> None:
    connections = Connections(LIMITS)
    (first, one), (_, two), (_, three) = (connect(connections) for _ in range(3))
    first.begin()
    _, four = connect(connections)
    assert [each.aborted for each in (one, two, three, four)] == [False, True, False, False]
    assert len(connections) == LIMITS.connections


async def test_a_new_connection_is_closed_where_every_other_is_being_served() -> None:
    connections = Connections(LIMITS)
    for _ in range(3):
        guard, _ = connect(connections)
        guard.begin()
    _, late = connect(connections)
    assert late.aborted
    assert len(connections) == LIMITS.connections


async def test_unfinished_requests_take_a_bounded_memory_together() -> None:
    connections = Connections(LIMITS)
    (small, one), (large, two) = (connect(connections) for _ in range(2))
    small.data_received(b"x" * 40)
    large.data_received(b"x" * 60)
    assert not one.aborted
    assert not two.aborted
    small.data_received(b"x")
    assert (one.aborted, two.aborted) == (False, True)
    small.begin()
    small.data_received(b"x" * 100)
    assert not one.aborted


async def test_an_answer_that_nobody_takes_is_given_up_also_after_it_was_sent() -> None:
    connections = Connections(LIMITS)
    guard, wire = connect(connections)
    guard.begin()
    now = asyncio.get_running_loop().time()
    wire.closing = True
    connections.cut_late(now)
    connections.cut_late(now + LIMITS.answer)
    assert not wire.aborted
    connections.cut_late(now + LIMITS.answer + 5)
    assert wire.aborted


async def test_what_is_read_again_is_not_given_up() -> None:
    connections = Connections(LIMITS)
    guard, wire = connect(connections)
    guard.begin()
    guard.pause_writing()
    guard.resume_writing()
    connections.cut_late(asyncio.get_running_loop().time() + 1000)
    assert not wire.aborted
