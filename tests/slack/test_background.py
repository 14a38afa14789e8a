"""Background tasks: they end, are drained or cancelled, and share a deadline."""

import asyncio

from bot.slack.background import BackgroundTasks, Deadline


async def test_a_sleep_ends_by_itself_or_when_the_bot_stops() -> None:
    background_tasks = BackgroundTasks()
    assert await background_tasks.sleep(0)
    sleeping = background_tasks.spawn(background_tasks.sleep(3600), "sleep")
    await background_tasks.drain(60)
    assert not sleeping.result()


async def test_draining_finishes_tasks_and_cancels_those_that_take_too_long() -> None:
    background_tasks, done = BackgroundTasks(), asyncio.Event()

    async def quick() -> None:
        await asyncio.sleep(0)
        done.set()

    background_tasks.spawn(quick(), "quick")
    stuck = background_tasks.spawn(asyncio.sleep(3600), "stuck")
    await background_tasks.drain(0.05)
    assert done.is_set()
    assert stuck.cancelled()


async def test_a_deadline_is_shared_by_tasks_that_are_waited_for_in_turn() -> None:
    deadline = Deadline(30)
    assert await deadline.wait_for(asyncio.ensure_future(asyncio.sleep(0)))
    stuck = asyncio.ensure_future(asyncio.sleep(3600))
    assert not await Deadline(0).wait_for(stuck)
    assert not stuck.done()
    stuck.cancel()
