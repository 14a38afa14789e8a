"""Many callers, one call: whoever asks while an answer is under way gets that answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Shares answers under way, by key. A caller who gives up leaves the others theirs."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Result]] = {}
        self._flying: set[asyncio.Task[Result]] = set()  # those too that a fresh one has taken the place of

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[Result]], *, fresh: bool = False) -> Result:
        """The answer of `read`, or of the call for `key` that is under way; raises what that call raises.

        With `fresh`, a call that began before this one is not joined.
        """
        task = None if fresh else self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(fetch))
            self._under_way[key] = task
            self._flying.add(task)
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._flying)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: Hashable, task: "asyncio.Task[Result]") -> None:
        self._flying.discard(task)
        if self._under_way.get(key) is task:
            del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen, even where every caller has given up


async def _awaited(read: Callable[[], Awaitable[Result]]) -> Result:
    return await read()
