"""Concurrent callers share one call; a fresh read joins no earlier one."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.domain import segment_errors as s
from bot.segment.single_flight import SingleFlight
from tests.segment.responses import Segment, data, refusal, wire
from tests.support.samples import PROD, STAGING


def wait_for(
    gate: asyncio.Event, response: httpx.Response, started: asyncio.Event | None = None
) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    async def slow(_: httpx.Request) -> httpx.Response:
        if started:
            started.set()
        await gate.wait()
        return response

    return slow


async def test_a_hundred_concurrent_callers_share_one_call_and_a_later_caller_does_not() -> None:
    gate = asyncio.Event()
    segment = Segment(wait_for(gate, data(profilesWarehouses=[wire()])))
    async with segment.client() as client:
        callers = [asyncio.create_task(client.list_warehouses(PROD)) for _ in range(100)]
        await asyncio.sleep(0)
        callers[0].cancel()  # does not cancel the call for the others
        gate.set()
        results = await asyncio.gather(*callers, return_exceptions=True)
        assert [type(result) for result in results[1:]] == [tuple] * 99
        assert len(segment.requests) == 1
        await client.list_warehouses(PROD)
        assert len(segment.requests) == 2


async def test_an_error_reaches_every_caller() -> None:
    segment = Segment(refusal(403))
    async with segment.client() as client:
        results = await asyncio.gather(*(client.list_spaces() for _ in range(10)), return_exceptions=True)
    assert {type(result) for result in results} == {s.Forbidden}
    assert len(segment.requests) == 1


async def test_different_spaces_are_different_calls() -> None:
    segment = Segment(data(profilesWarehouses=[]))
    async with segment.client() as client:
        await asyncio.gather(client.list_warehouses(PROD), client.list_warehouses(STAGING))
    assert len(segment.requests) == 2


async def test_a_fresh_read_joins_no_earlier_one_and_later_callers_join_it() -> None:
    gates = asyncio.Event(), asyncio.Event()
    started = asyncio.Event(), asyncio.Event()
    segment = Segment(
        wait_for(gates[0], data(profilesWarehouses=[]), started[0]),
        wait_for(gates[1], data(profilesWarehouses=[wire()]), started[1]),
    )
    async with segment.client() as client:
        early = asyncio.create_task(client.list_warehouses(PROD))
        await started[0].wait()
        fresh = asyncio.create_task(client.list_warehouses(PROD, fresh=True))
        await started[1].wait()
        gates[0].set()
        assert await early == ()
        # The end of the early call does not remove the fresh one.
        late = asyncio.create_task(client.list_warehouses(PROD))
        await asyncio.sleep(0)
        gates[1].set()
        assert [len(answer) for answer in await asyncio.gather(fresh, late)] == [1, 1]
    assert len(segment.requests) == 2


async def test_closing_cancels_all_calls_even_those_that_were_replaced() -> None:
    flights: SingleFlight[int] = SingleFlight()

    async def never() -> int:
        await asyncio.Event().wait()
        raise AssertionError

    callers = [asyncio.create_task(flights.get("key", never, fresh=True)) for _ in range(3)]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await flights.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_after_every_caller_was_cancelled_is_ignored() -> None:
    gate = asyncio.Event()
    flights: SingleFlight[int] = SingleFlight()

    async def fails() -> int:
        await gate.wait()
        raise s.UnexpectedResponse("listSpaces")

    caller = asyncio.create_task(flights.get("key", fails))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    (flight,) = flights._all_tasks
    gate.set()
    await asyncio.wait([flight])
    await asyncio.sleep(0)
    assert not flights._all_tasks  # and the error was retrieved, or the loop would report it
