"""Tasks that go on after the ack: kept, waited for, and not waited for without need."""

import asyncio

from bot.slack.background import BackgroundTasks, Deadline


async def test_a_pause_ends_by_itself_or_with_the_bot() -> None:
    work = BackgroundTasks()
    assert await work.sleep(0)
    pausing = work.spawn(work.sleep(3600), "pause")
    await work.drain(60)
    assert not pausing.result()


async def test_what_is_under_way_is_finished_and_what_takes_too_long_is_cancelled() -> None:
    work, done = BackgroundTasks(), asyncio.Event()

    async def quick() -> None:
        await asyncio.sleep(0)
        done.set()

    work.spawn(quick(), "quick")
    stuck = work.spawn(asyncio.sleep(3600), "stuck")
    await work.drain(0.05)
    assert done.is_set()
    assert stuck.cancelled()


async def test_patience_is_shared_by_what_comes_one_after_the_other() -> None:
    patience = Deadline(30)
    assert await patience.wait_for(asyncio.ensure_future(asyncio.sleep(0)))
    stuck = asyncio.ensure_future(asyncio.sleep(3600))
    assert not await Deadline(0).wait_for(stuck)
    assert not stuck.done()
    stuck.cancel()
