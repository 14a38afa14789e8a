"""The pool of Socket Mode connections."""

import asyncio

from aiohttp import web


class SocketPool:
    """The bot's WebSocket connections. Active ones receive payloads in turn; detached ones only remain open."""

    def __init__(self) -> None:
        self._active: list[web.WebSocketResponse] = []
        self._open: set[web.WebSocketResponse] = set()
        self._turn = 0

    @property
    def active_count(self) -> int:
        """The number of connections that receive payloads."""
        return len(self._active)

    def add(self, socket: web.WebSocketResponse) -> None:
        """Add an open connection and make it active."""
        self._active.append(socket)
        self._open.add(socket)

    def remove(self, socket: web.WebSocketResponse) -> None:
        """Remove a connection that has ended."""
        self._open.discard(socket)
        if socket in self._active:
            self._active.remove(socket)

    def get_next(self) -> web.WebSocketResponse:
        """Return the active connection whose turn it is. There must be one."""
        self._turn += 1
        return self._active[self._turn % self.active_count]

    def detach_all(self) -> list[web.WebSocketResponse]:
        """Send no more payloads to the active connections, and return them. They stay open."""
        detached, self._active = self._active, []
        return detached

    async def close_active(self) -> int:
        """Close every active connection without notice, and return how many there were."""
        sockets = self.detach_all()
        await _close_sockets(sockets)
        return len(sockets)

    async def close_all(self) -> None:
        """Close every open connection, active or detached."""
        self.detach_all()
        await _close_sockets(list(self._open))


async def _close_sockets(sockets: list[web.WebSocketResponse]) -> None:
    await asyncio.gather(*(socket.close(code=1001) for socket in sockets), return_exceptions=True)
