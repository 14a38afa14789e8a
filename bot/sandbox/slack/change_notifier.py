"""Notify watchers of visible changes in the workspace."""

import asyncio


class ChangeNotifier:
    """A sequence number that grows with every visible change."""

    def __init__(self) -> None:
        self.seq = 0
        self.is_closed = False
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Increase the number and wake the watchers."""
        self.seq += 1
        self._wake()

    def close(self) -> None:
        """Release every watcher."""
        self.is_closed = True
        self._wake()

    async def wait_for_change(self, seq: int) -> int:
        """Wait until the number exceeds `seq` or the workspace closes, and return the number."""
        while self.seq <= seq and not self.is_closed:
            await self._changed.wait()
        return self.seq

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
