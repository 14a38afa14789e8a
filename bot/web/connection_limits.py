"""Limit the time, memory and open files that clients of the HTTP server can use.

aiohttp has no timeout for a request's headers and no limit on connections. A `ConnectionGuard` between asyncio's
transport and aiohttp's protocol enforces both: it counts every byte, and late connections are closed.
"""

import asyncio
from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)


class ConnectionLimits(NamedTuple):
    """The limits, in seconds, bytes and connections.

    A request may take `request_seconds` from its first byte to its last; a new connection without a request, as long.
    Between two requests a connection may be idle for `idle_seconds`. That is longer than the 60 s of common load
    balancers: if the server closes first, the balancer's next request fails. A response that the client does not read
    is dropped after `response_seconds`. A late client has `grace_seconds` to read its error response before its
    connection is closed.

    A body has up to `body_bytes`, as in Bolt's own server. All incomplete requests together have up to `unread_bytes`.
    """

    request_seconds: float = 10.0
    idle_seconds: float = 75.0
    response_seconds: float = 10.0
    grace_seconds: float = 2.0
    body_bytes: int = 1024 * 1024
    unread_bytes: int = 64 * 1024 * 1024
    connections: int = 1000


class ConnectionActivity(NamedTuple):
    """The activity of one connection. Times are seconds of one monotonic clock.

    `idle_since` is when the connection was accepted, or its last response was sent. `request_began` is when the first
    byte of an unfinished request arrived, and `unread_bytes` its size so far. `blocked_since` is when the client
    stopped reading.
    """

    idle_since: float
    request_began: float | None = None
    unread_bytes: int = 0
    has_finished_request: bool = False
    is_handling_request: bool = False
    blocked_since: float | None = None


def compute_deadline(activity: ConnectionActivity, limits: ConnectionLimits) -> float | None:
    """Return the time at which the client is late; None while the bot is handling its request."""
    ends = [] if activity.blocked_since is None else [activity.blocked_since + limits.response_seconds]
    if not activity.is_handling_request:
        rest = limits.idle_seconds if activity.has_finished_request else limits.request_seconds
        ends.append(
            activity.idle_since + rest
            if activity.request_began is None
            else activity.request_began + limits.request_seconds
        )
    return min(ends, default=None)


def choose_victim(activities: Mapping[Key, ConnectionActivity]) -> Key | None:
    """Choose the connection to close for a new one: the oldest without a complete request; None if all have one.

    Connections that never finished a request are chosen first, so that slow clients displace each other.
    """
    waiting = {key: each for key, each in activities.items() if not each.is_handling_request}
    return min(waiting, key=lambda key: (waiting[key].has_finished_request, waiting[key].idle_since), default=None)


def choose_largest_request(activities: Mapping[Key, ConnectionActivity]) -> Key | None:
    """Return the connection with the largest unfinished request; None if there is none."""
    unread = {key: each.unread_bytes for key, each in activities.items() if each.unread_bytes}
    return max(unread, key=lambda key: unread[key], default=None)


class OpenConnections:
    """The open connections of one server, within `limits`."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._guards: dict[asyncio.Protocol, ConnectionGuard] = {}
        self._total_unread_bytes = 0

    def __len__(self) -> int:
        return len(self._guards)

    def accept(self, inner: asyncio.Protocol) -> "ConnectionGuard":
        """Return the guard of a new connection, in front of aiohttp's protocol `inner`."""
        return ConnectionGuard(inner, self)

    def get_guard(self, protocol: object) -> "ConnectionGuard":
        """Return the guard of aiohttp's `protocol`.

        Raises:
            ConnectionResetError: the connection is closed.
        """
        guard = self._guards.get(cast("asyncio.Protocol", protocol))
        if guard is None:
            raise ConnectionResetError("the client is gone")
        return guard

    def add(self, guard: "ConnectionGuard") -> None:
        """Register `guard`. At the limit, close another connection, or `guard` if all others are being served."""
        if len(self._guards) >= self.limits.connections:
            victim = choose_victim(self._activities())
            if victim is None:
                guard.abort()
                return
            self._guards[victim].abort()
        self._guards[guard.inner] = guard

    def remove(self, guard: "ConnectionGuard") -> None:
        """Unregister a connection that ends."""
        self._guards.pop(guard.inner, None)

    def add_unread_bytes(self, more: int) -> None:
        """Add to the size of unfinished requests; close the largest ones while the total is over the limit."""
        self._total_unread_bytes += more
        while self._total_unread_bytes > self.limits.unread_bytes:
            largest = choose_largest_request(self._activities())
            if largest is None:
                return
            self._guards[largest].abort()

    def close_late(self, now: float) -> None:
        """Close every connection whose client is late."""
        for guard in list(self._guards.values()):
            end = compute_deadline(guard.refresh_activity(now), self.limits)
            if end is not None and now >= end + self.limits.grace_seconds:
                guard.abort()

    async def close_late_periodically(self) -> None:
        """Close late connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.5)
            self.close_late(loop.time())

    def _activities(self) -> Mapping[asyncio.Protocol, ConnectionActivity]:
        return {protocol: guard.activity for protocol, guard in self._guards.items()}


class ConnectionGuard(asyncio.Protocol):
    """Forwards everything between a connection and aiohttp's protocol `inner`, and records its activity."""

    def __init__(self, inner: asyncio.Protocol, connections: OpenConnections) -> None:
        self.inner = inner
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.activity = ConnectionActivity(idle_since=self._loop.time())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection, within the limit."""
        self._transport = cast("asyncio.Transport", transport)
        self.inner.connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection."""
        self._unregister()
        self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count incoming bytes; the first byte of a request starts its time."""
        was = self.activity
        began = self._loop.time() if was.request_began is None else was.request_began
        # The next request may arrive while one is handled: its time starts with the response.
        self.activity = was._replace(request_began=began, unread_bytes=was.unread_bytes + len(data))
        self._connections.add_unread_bytes(len(data))
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Forward that the client sends nothing more."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Record that the client does not read."""
        self.activity = self.activity._replace(blocked_since=self._loop.time())
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Record that the client reads again."""
        self.activity = self.activity._replace(blocked_since=None)
        self.inner.resume_writing()

    @property
    def request_deadline(self) -> float:
        """The time on the event loop's clock until which the current request may be read."""
        began = self.activity.request_began
        return (self._loop.time() if began is None else began) + self._connections.limits.request_seconds

    def begin_request(self) -> None:
        """Record that a request is complete and is being handled."""
        self._connections.add_unread_bytes(-self.activity.unread_bytes)
        self.activity = self.activity._replace(
            request_began=None, unread_bytes=0, has_finished_request=True, is_handling_request=True
        )

    def end_request(self) -> None:
        """Record that the response is sent. A request that arrived meanwhile begins now."""
        now = self._loop.time()
        began = None if self.activity.request_began is None else now
        self.activity = self.activity._replace(idle_since=now, request_began=began, is_handling_request=False)

    def refresh_activity(self, now: float) -> ConnectionActivity:
        """Return the activity at `now`. A response still unread when aiohttp closes counts as blocked."""
        if self.activity.blocked_since is None and self._transport and self._transport.is_closing():
            self.activity = self.activity._replace(blocked_since=now)
        return self.activity

    def abort(self) -> None:
        """Close the connection at once."""
        self._unregister()
        if self._transport:
            self._transport.abort()

    def _unregister(self) -> None:
        self._connections.remove(self)
        self._connections.add_unread_bytes(-self.activity.unread_bytes)
        self.activity = self.activity._replace(unread_bytes=0)
