"""Which connections are closed, and when: decided from what happened on each, without a socket."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.connection_limits import (
    ConnectionActivity,
    ConnectionGuard,
    ConnectionLimits,
    OpenConnections,
    choose_largest_request,
    choose_victim,
    compute_deadline,
)

LIMITS = ConnectionLimits(
    request_seconds=10, idle_seconds=75, response_seconds=10, body_bytes=1000, unread_bytes=100, connections=3
)

ACTIVITIES = st.builds(
    ConnectionActivity,
    idle_since=st.floats(0, 100),
    request_began=st.none() | st.floats(0, 100),
    unread_bytes=st.integers(0, 1000),
    has_finished_request=st.booleans(),
    is_handling_request=st.booleans(),
    blocked_since=st.none() | st.floats(0, 100),
)


@pytest.mark.parametrize(
    ("activity", "ends"),
    [
        (ConnectionActivity(idle_since=5), 15),
        (ConnectionActivity(idle_since=5, request_began=9), 19),
        (ConnectionActivity(idle_since=5, has_finished_request=True), 80),
        (ConnectionActivity(idle_since=5, has_finished_request=True, request_began=50), 60),
        (ConnectionActivity(idle_since=5, is_handling_request=True), None),
        (ConnectionActivity(idle_since=5, is_handling_request=True, blocked_since=7), 17),
        (ConnectionActivity(idle_since=5, has_finished_request=True, blocked_since=7), 17),
    ],
    ids=["nothing came", "unfinished", "idle", "unfinished after another", "being handled", "unread", "unread at rest"],
)
def test_a_connection_ends_when_its_client_is_late_and_not_when_the_bot_is(
    activity: ConnectionActivity, ends: float | None
) -> None:
    assert compute_deadline(activity, LIMITS) == ends


@given(st.dictionaries(st.integers(), ACTIVITIES, max_size=8))
def test_the_victim_is_the_oldest_that_never_finished_a_request_and_never_one_that_is_handled(
    activities: Mapping[int, ConnectionActivity],
) -> None:
    victim = choose_victim(activities)
    waiting = [each for each in activities.values() if not each.is_handling_request]
    if victim is None:
        assert not waiting
        return
    chosen = activities[victim]
    assert not chosen.is_handling_request
    rivals = [each for each in waiting if not each.has_finished_request] or waiting
    assert chosen.idle_since == min(each.idle_since for each in rivals)
    assert chosen.has_finished_request == all(each.has_finished_request for each in waiting)


@given(st.dictionaries(st.integers(), ACTIVITIES, max_size=8))
def test_the_largest_unfinished_request_goes_first(activities: Mapping[int, ConnectionActivity]) -> None:
    largest = choose_largest_request(activities)
    most = max((each.unread_bytes for each in activities.values()), default=0)
    assert (activities[largest].unread_bytes if largest is not None else 0) == most


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


def connect(connections: OpenConnections) -> tuple[ConnectionGuard, Wire]:
    guard, wire = connections.accept(Inner()), Wire()
    guard.connection_made(wire)
    return guard, wire


async def test_a_new_connection_takes_the_place_of_the_oldest_that_is_not_being_served() -> None:
    connections = OpenConnections(LIMITS)
    (first, one), (_, two), (_, three) = (connect(connections) for _ in range(3))
    first.begin_request()
    _, four = connect(connections)
    assert [each.aborted for each in (one, two, three, four)] == [False, True, False, False]
    assert len(connections) == LIMITS.connections


async def test_a_new_connection_is_closed_where_every_other_is_being_served() -> None:
    connections = OpenConnections(LIMITS)
    for _ in range(3):
        guard, _ = connect(connections)
        guard.begin_request()
    _, late = connect(connections)
    assert late.aborted
    assert len(connections) == LIMITS.connections


async def test_unfinished_requests_take_a_bounded_memory_together() -> None:
    connections = OpenConnections(LIMITS)
    (small, one), (large, two) = (connect(connections) for _ in range(2))
    small.data_received(b"x" * 40)
    large.data_received(b"x" * 60)
    assert not one.aborted
    assert not two.aborted
    small.data_received(b"x")
    assert (one.aborted, two.aborted) == (False, True)
    small.begin_request()
    small.data_received(b"x" * 100)
    assert not one.aborted


async def test_an_answer_that_nobody_takes_is_given_up_also_after_it_was_sent() -> None:
    connections = OpenConnections(LIMITS)
    guard, wire = connect(connections)
    guard.begin_request()
    now = asyncio.get_running_loop().time()
    wire.closing = True
    connections.close_late(now)
    connections.close_late(now + LIMITS.response_seconds)
    assert not wire.aborted
    connections.close_late(now + LIMITS.response_seconds + 5)
    assert wire.aborted


async def test_what_is_read_again_is_not_given_up() -> None:
    connections = OpenConnections(LIMITS)
    guard, wire = connect(connections)
    guard.begin_request()
    guard.pause_writing()
    guard.resume_writing()
    connections.close_late(asyncio.get_running_loop().time() + 1000)
    assert not wire.aborted
