"""Socket Mode: single-use tickets, up to ten connections taking turns, envelopes and their acks."""

import asyncio
import contextlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.fixtures import APP_ID

MAX_CONNECTIONS = 10
_GOODBYE = 0.3


class SocketModeTransport:
    """The bot's connections. Any payload may go to any of them."""

    def __init__(self) -> None:
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._up: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._turn = 0

    @property
    def connection_count(self) -> int:
        """How many connections payloads can go to."""
        return len(self._open)

    def issue_ticket(self) -> str:
        """A ticket for one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    def is_valid_ticket(self, ticket: str) -> bool:
        """Whether `ticket` would open a connection."""
        return ticket in self._tickets

    def redeem_ticket(self, ticket: str) -> bool:
        """Use a ticket up; gives whether it was good for a connection."""
        known = self.is_valid_ticket(ticket)
        self._tickets.discard(ticket)
        return known

    async def serve_connection(self, request: web.Request) -> web.StreamResponse:
        """One connection, whose ticket was good, to its end."""
        socket = web.WebSocketResponse(timeout=_GOODBYE)
        await socket.prepare(request)
        if self.connection_count >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._talk(socket)
        return socket

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Put the payload in an envelope and wait for its ack; without a connection it fails at once."""
        if not self._open:
            return Ack(error="dispatch_failed")
        envelope = _envelope(kind, payload, attempt)
        acked: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = acked
        try:
            await self._next().send_json(envelope)
            return await acked
        except ConnectionError:
            return Ack(error="dispatch_failed")
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def request_disconnect(self, reason: str) -> int:
        """Ask the bot to reconnect, as Slack does every few hours; gives how many connections were asked to leave.

        They get no payload any more, and end when the bot closes them; acks still come over them.
        """
        leaving = self._leave()
        for socket in leaving:
            with contextlib.suppress(ConnectionError):
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        return len(leaving)

    async def drop_connections(self) -> int:
        """Close every connection without a word; gives how many there were."""
        dropped = self._leave()
        await _closed(dropped)
        return len(dropped)

    async def close(self) -> None:
        """Close every connection; what still waits for an ack fails."""
        for acked in self._waiting.values():
            if not acked.done():
                acked.set_result(Ack(error="dispatch_failed"))
        self._tickets.clear()
        self._leave()
        await _closed(list(self._up))

    def _leave(self) -> list[web.WebSocketResponse]:
        leaving, self._open = self._open, []
        return leaving

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        self._open.append(socket)
        self._up.add(socket)
        try:
            await socket.send_json(self._hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        except ConnectionError:
            pass  # the bot went away; what it hasn't acked times out, as with Slack
        finally:
            self._up.discard(socket)
            if socket in self._open:
                self._open.remove(socket)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": self.connection_count,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 18_060},
        }

    def _next(self) -> web.WebSocketResponse:
        self._turn += 1
        return self._open[self._turn % self.connection_count]

    def _take(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        acked = self._waiting.get(envelope_id) if isinstance(envelope_id, str) else None
        if acked is not None and not acked.done():
            payload = answer.get("payload")
            acked.set_result(Ack(payload if isinstance(payload, dict) and payload else None))


async def _closed(sockets: Iterable[web.WebSocketResponse]) -> None:
    await asyncio.gather(*(socket.close(code=1001) for socket in sockets), return_exceptions=True)


def _envelope(kind: str, payload: Mapping[str, Any], attempt: int) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }
    retry = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
    return envelope | retry
