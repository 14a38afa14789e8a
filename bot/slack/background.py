"""What goes on after the ack: tasks that somebody owns, whose errors are told, and that end before the bot does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """Keeps every task until it ends. Bolt keeps no strong reference to its own."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = asyncio.Event()

    def spawn(self, job: Coroutine[object, object, Result], name: str) -> asyncio.Task[Result]:
        """Run `job` beside everything else. An exception that it lets through is logged, without its text."""
        task = asyncio.create_task(job, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def sleep(self, seconds: float) -> bool:
        """Wait for so long; False, at once, where the bot ends before that."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return True
        return False

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for what is under way, then cancel the rest; upkeep finishes it after a restart."""
        self._ending.set()
        ends = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := ends - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)  # they may start others
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task failed", task=task.get_name(), error=type(error).__name__, where=_where(error))


def _where(error: BaseException) -> str:
    # The exception's text may quote a payload, so only its place is logged.
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""


class Deadline:
    """So many `seconds` from now on, in which several things in turn may end. Slack waits 3 s for an ack."""

    def __init__(self, seconds: float) -> None:
        self._ends = asyncio.get_running_loop().time() + seconds

    async def wait_for(self, task: asyncio.Task[Result]) -> bool:
        """Whether `task` ends in what is left; it goes on where it does not."""
        left = self._ends - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait({task}, timeout=max(0.0, left))
        return bool(done)
