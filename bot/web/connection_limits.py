"""Bound what clients of the HTTP server can hold: time, memory and open files, whether or not they ever finish.

aiohttp has no timeout for a request's headers and no limit on connections, so both are kept where connections are
accepted: a `Guard` stands between asyncio's transport and aiohttp's protocol, sees every byte, and closes what is late.
"""

import asyncio
from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)


class ConnectionLimits(NamedTuple):
    """What clients may take, in seconds, bytes and connections.

    A request has `request` seconds from its first byte to its last; so has a new connection on which nothing comes.
    Between two requests a connection may rest for `idle` seconds, longer than the 60 s of common load balancers: where
    the server closes first, the balancer's next request fails. An answer that nobody reads is kept for `answer`
    seconds. A late client may read for `farewell` seconds that it is late, before its connection is closed.

    A body has up to `body` bytes, as in Bolt's own server; all requests that are not complete yet, up to `unread`.
    """

    request_seconds: float = 10.0
    idle_seconds: float = 75.0
    response_seconds: float = 10.0
    grace_seconds: float = 2.0
    body_bytes: int = 1024 * 1024
    unread_bytes: int = 64 * 1024 * 1024
    connections: int = 1000


class ConnectionActivity(NamedTuple):
    """What happens on one connection. Moments are seconds of one monotonic clock.

    `since` is when it was accepted, or answered last. `began` is when the first byte of an unfinished request came, and
    `unread` its size so far. `blocked` is when the client stopped taking what is sent to it.
    """

    idle_since: float
    request_began: float | None = None
    unread_bytes: int = 0
    has_finished_request: bool = False
    is_handling_request: bool = False
    blocked_since: float | None = None


def compute_deadline(activity: ConnectionActivity, limits: ConnectionLimits) -> float | None:
    """The moment at which the client has taken too long; None while it is the bot that has something to do."""
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
    """The connection to close for a new one: the oldest of those without a complete request; None where each has one.

    Those that never finished a request go first, so that slow clients push out one another.
    """
    waiting = {key: each for key, each in activities.items() if not each.is_handling_request}
    return min(waiting, key=lambda key: (waiting[key].has_finished_request, waiting[key].idle_since), default=None)


def choose_largest_request(activities: Mapping[Key, ConnectionActivity]) -> Key | None:
    """The connection with the largest unfinished request; None where there is no such request."""
    unread = {key: each.unread_bytes for key, each in activities.items() if each.unread_bytes}
    return max(unread, key=lambda key: unread[key], default=None)


class OpenConnections:
    """The open connections of one server, kept within `limits`."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._guards: dict[asyncio.Protocol, ConnectionGuard] = {}
        self._unread = 0

    def __len__(self) -> int:
        return len(self._guards)

    def accept(self, inner: asyncio.Protocol) -> "ConnectionGuard":
        """The protocol for a connection that was just accepted, in front of aiohttp's own."""
        return ConnectionGuard(inner, self)

    def get_guard(self, protocol: object) -> "ConnectionGuard":
        """The guard of aiohttp's `protocol`.

        Raises:
            ConnectionResetError: the connection is gone.
        """
        guard = self._guards.get(cast("asyncio.Protocol", protocol))
        if guard is None:
            raise ConnectionResetError("the client is gone")
        return guard

    def add(self, guard: "ConnectionGuard") -> None:
        """Keep `guard`; where there are too many, in place of another, or not at all if all others are being served."""
        if len(self._guards) >= self.limits.connections:
            victim = choose_victim(self._activities())
            if victim is None:
                guard.abort()
                return
            self._guards[victim].abort()
        self._guards[guard.inner] = guard

    def remove(self, guard: "ConnectionGuard") -> None:
        """Forget a connection that ends."""
        self._guards.pop(guard.inner, None)

    def add_unread_bytes(self, more: int) -> None:
        """Take note that unfinished requests have grown by `more` bytes; close the largest while they are too large."""
        self._unread += more
        while self._unread > self.limits.unread_bytes:
            largest = choose_largest_request(self._activities())
            if largest is None:
                return
            self._guards[largest].abort()

    def close_late(self, now: float) -> None:
        """Close every connection whose client has taken too long."""
        for guard in list(self._guards.values()):
            end = compute_deadline(guard.refresh_activity(now), self.limits)
            if end is not None and now >= end + self.limits.grace_seconds:
                guard.abort()

    async def close_late_periodically(self) -> None:
        """Close what is late, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.5)
            self.close_late(loop.time())

    def _activities(self) -> Mapping[asyncio.Protocol, ConnectionActivity]:
        return {protocol: guard.activity for protocol, guard in self._guards.items()}


class ConnectionGuard(asyncio.Protocol):
    """Passes everything on between a connection and aiohttp's protocol `inner`, and keeps account of it."""

    def __init__(self, inner: asyncio.Protocol, connections: OpenConnections) -> None:
        self.inner = inner
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.activity = ConnectionActivity(idle_since=self._loop.time())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection, if there is room."""
        self._transport = cast("asyncio.Transport", transport)
        self.inner.connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes; the first byte of a request starts its time."""
        was = self.activity
        began = self._loop.time() if was.request_began is None else was.request_began
        # While a request is handled, the next one may come already: it is timed from the answer on.
        self.activity = was._replace(request_began=began, unread_bytes=was.unread_bytes + len(data))
        self._connections.add_unread_bytes(len(data))
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on that the client sends nothing more."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Take note that the client does not read."""
        self.activity = self.activity._replace(blocked_since=self._loop.time())
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Take note that the client reads again."""
        self.activity = self.activity._replace(blocked_since=None)
        self.inner.resume_writing()

    @property
    def request_deadline(self) -> float:
        """The moment of the event loop's clock until which the request that has begun may be read."""
        began = self.activity.request_began
        return (self._loop.time() if began is None else began) + self._connections.limits.request_seconds

    def begin_request(self) -> None:
        """Take note that a request is complete, and is handled."""
        self._connections.add_unread_bytes(-self.activity.unread_bytes)
        self.activity = self.activity._replace(
            request_began=None, unread_bytes=0, has_finished_request=True, is_handling_request=True
        )

    def end_request(self) -> None:
        """Take note that it is answered. What came meanwhile begins now."""
        now = self._loop.time()
        began = None if self.activity.request_began is None else now
        self.activity = self.activity._replace(idle_since=now, request_began=began, is_handling_request=False)

    def refresh_activity(self, now: float) -> ConnectionActivity:
        """The activity at `now`. An answer that aiohttp has done with but that is not taken counts as blocked."""
        if self.activity.blocked_since is None and self._transport and self._transport.is_closing():
            self.activity = self.activity._replace(blocked_since=now)
        return self.activity

    def abort(self) -> None:
        """Close the connection at once."""
        self._forget()
        if self._transport:
            self._transport.abort()

    def _forget(self) -> None:
        self._connections.remove(self)
        self._connections.add_unread_bytes(-self.activity.unread_bytes)
        self.activity = self.activity._replace(unread_bytes=0)
