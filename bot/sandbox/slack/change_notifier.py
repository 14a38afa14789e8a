"""Word that something visible changed, for whoever watches the workspace."""

import asyncio


class ChangeNotifier:
    """A number that grows with every visible change."""

    def __init__(self) -> None:
        self.seq = 0
        self.is_closed = False
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Tell the watchers that something changed."""
        self.seq += 1
        self._wake()

    def close(self) -> None:
        """Let every watcher go."""
        self.is_closed = True
        self._wake()

    async def wait_for_change(self, seq: int) -> int:
        """Wait until the number is beyond `seq`, or the workspace closes; gives the number."""
        while self.seq <= seq and not self.is_closed:
            await self._changed.wait()
        return self.seq

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
