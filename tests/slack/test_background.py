"""Tasks that go on after the ack: kept, waited for, and not waited for without need."""

import asyncio

from bot.slack.background import Patience, Work


async def test_a_pause_ends_by_itself_or_with_the_bot() -> None:
    work = Work()
    assert await work.pause(0)
    pausing = work.spawn(work.pause(3600), "pause")
    await work.drain(60)
    assert not pausing.result()


async def test_what_is_under_way_is_finished_and_what_takes_too_long_is_cancelled() -> None:
    work, done = Work(), asyncio.Event()

    async def quick() -> None:
        await asyncio.sleep(0)
        done.set()

    work.spawn(quick(), "quick")
    stuck = work.spawn(asyncio.sleep(3600), "stuck")
    await work.drain(0.05)
    assert done.is_set()
    assert stuck.cancelled()


async def test_patience_is_shared_by_what_comes_one_after_the_other() -> None:
    patience = Patience(30)
    assert await patience.lasts(asyncio.ensure_future(asyncio.sleep(0)))
    stuck = asyncio.ensure_future(asyncio.sleep(3600))
    assert not await Patience(0).lasts(stuck)
    assert not stuck.done()
    stuck.cancel()
