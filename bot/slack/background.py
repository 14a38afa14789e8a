"""Background tasks that run after the ack, are logged when they fail, and end before the bot does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """Keeps a reference to every task until it ends; asyncio and Bolt keep only weak ones."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()

    def spawn(self, job: Coroutine[object, object, Result], name: str) -> asyncio.Task[Result]:
        """Run `job` in a task. An exception that it raises is logged without its text."""
        task = asyncio.create_task(job, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def sleep(self, seconds: float) -> bool:
        """Sleep for `seconds`, and return True; return False at once when the bot stops."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for the tasks to end, then cancel the rest; upkeep finishes those after a restart."""
        self._stopping.set()
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks and (remaining := deadline - asyncio.get_running_loop().time()) > 0:
            # A task may spawn others, so the set is read again after each one that ends.
            await asyncio.wait(self._tasks, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task failed", task=task.get_name(), error=type(error).__name__, where=_locate(error))


def _locate(error: BaseException) -> str:
    # The exception's text may quote a payload, so only its place in the code is logged.
    traceback = error.__traceback__
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_qualname}:{traceback.tb_lineno}" if traceback else ""


class Deadline:
    """A limit of `seconds` from now on for tasks that are waited for in turn. Slack waits 3 s for an ack."""

    def __init__(self, seconds: float) -> None:
        self._end = asyncio.get_running_loop().time() + seconds

    async def wait_for(self, task: asyncio.Task[Result]) -> bool:
        """Wait for `task`, and tell whether it ended in the remaining time; it keeps running if it did not."""
        remaining = self._end - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait({task}, timeout=max(0.0, remaining))
        return bool(done)
