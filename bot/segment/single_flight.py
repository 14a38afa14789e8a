"""Share one call between concurrent callers."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Shares running calls, by key. A caller that is cancelled does not cancel the call for the others."""

    def __init__(self) -> None:
        self._current_tasks: dict[Hashable, asyncio.Task[Result]] = {}
        self._all_tasks: set[asyncio.Task[Result]] = set()  # includes those that a fresh call has replaced

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[Result]], *, fresh: bool = False) -> Result:
        """Return the result of the running call for `key`, or else of `fetch`; raise what that call raises.

        With `fresh`, don't join a call that started before this one.
        """
        task = None if fresh else self._current_tasks.get(key)
        if task is None:
            task = asyncio.ensure_future(_run(fetch))
            self._current_tasks[key] = task
            self._all_tasks.add(task)
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel all running calls."""
        tasks = list(self._all_tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: Hashable, task: "asyncio.Task[Result]") -> None:
        self._all_tasks.discard(task)
        if self._current_tasks.get(key) is task:
            del self._current_tasks[key]
        if not task.cancelled():
            task.exception()  # marks it as retrieved, even if every caller was cancelled


async def _run(fetch: Callable[[], Awaitable[Result]]) -> Result:
    return await fetch()
