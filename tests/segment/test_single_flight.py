"""Many callers, one call; and a read after a change that joins none from before it."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.domain import segment_errors as s
from bot.segment.single_flight import SingleFlight
from tests.segment.responses import Segment, data, refusal, wire
from tests.support.samples import PROD, STAGING


def behind(
    gate: asyncio.Event, answer: httpx.Response, began: asyncio.Event | None = None
) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    async def slow(_: httpx.Request) -> httpx.Response:
        if began:
            began.set()
        await gate.wait()
        return answer

    return slow


async def test_a_hundred_callers_are_one_call_and_the_next_is_a_new_one() -> None:
    gate = asyncio.Event()
    segment = Segment(behind(gate, data(profilesWarehouses=[wire()])))
    async with segment.client() as client:
        callers = [asyncio.create_task(client.list_warehouses(PROD)) for _ in range(100)]
        await asyncio.sleep(0)
        callers[0].cancel()  # one who gives up leaves the others theirs
        gate.set()
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert [type(answer) for answer in answers[1:]] == [tuple] * 99
        assert len(segment.asked) == 1
        await client.list_warehouses(PROD)
        assert len(segment.asked) == 2


async def test_an_error_reaches_every_caller() -> None:
    segment = Segment(refusal(403))
    async with segment.client() as client:
        answers = await asyncio.gather(*(client.list_spaces() for _ in range(10)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {s.Forbidden}
    assert len(segment.asked) == 1


async def test_spaces_are_read_each_for_itself() -> None:
    segment = Segment(data(profilesWarehouses=[]))
    async with segment.client() as client:
        await asyncio.gather(client.list_warehouses(PROD), client.list_warehouses(STAGING))
    assert len(segment.asked) == 2


async def test_a_fresh_read_does_not_join_one_that_began_before_and_others_join_the_fresh_one() -> None:
    gates = asyncio.Event(), asyncio.Event()
    began = asyncio.Event(), asyncio.Event()
    segment = Segment(
        behind(gates[0], data(profilesWarehouses=[]), began[0]),
        behind(gates[1], data(profilesWarehouses=[wire()]), began[1]),
    )
    async with segment.client() as client:
        early = asyncio.create_task(client.list_warehouses(PROD))
        await began[0].wait()
        fresh = asyncio.create_task(client.list_warehouses(PROD, fresh=True))
        await began[1].wait()
        gates[0].set()
        assert await early == ()
        late = asyncio.create_task(client.list_warehouses(PROD))  # the early one's end took nothing away
        await asyncio.sleep(0)
        gates[1].set()
        assert [len(answer) for answer in await asyncio.gather(fresh, late)] == [1, 1]
    assert len(segment.asked) == 2


async def test_closing_leaves_nothing_behind_not_even_what_a_fresh_read_took_the_place_of() -> None:
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


async def test_where_every_caller_has_given_up_an_error_bothers_nobody() -> None:
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
    (flight,) = flights._flying
    gate.set()
    await asyncio.wait([flight])
    await asyncio.sleep(0)
    assert not flights._flying  # and its error was seen, or the loop would complain of it
