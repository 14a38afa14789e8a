"""Socket Mode: sends payloads in envelopes over up to ten WebSocket connections, and receives their acks."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.fixtures import APP_ID
from bot.sandbox.slack.socket_pool import SocketPool

MAX_CONNECTIONS = 10
_CLOSE_TIMEOUT = 0.3


class SocketModeTransport:
    """Delivery over the bot's connections. Any connection may receive any payload."""

    def __init__(self) -> None:
        self._pool = SocketPool()
        self._pending_acks: dict[str, asyncio.Future[Ack]] = {}

    @property
    def connection_count(self) -> int:
        """The number of connections that receive payloads."""
        return self._pool.active_count

    async def serve_connection(self, request: web.Request) -> web.StreamResponse:
        """Upgrade `request`, whose ticket is redeemed, and serve the connection until it ends."""
        socket = web.WebSocketResponse(timeout=_CLOSE_TIMEOUT)
        await socket.prepare(request)
        if self.connection_count >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._serve_socket(socket)
        return socket

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Send the payload in an envelope and wait for its ack. Without a connection, the delivery fails at once."""
        if not self.connection_count:
            return Ack(error="dispatch_failed")
        envelope = _build_envelope(kind, payload, attempt)
        pending_ack: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._pending_acks[envelope["envelope_id"]] = pending_ack
        try:
            await self._pool.get_next().send_json(envelope)
            return await pending_ack
        except ConnectionError:
            return Ack(error="dispatch_failed")
        finally:
            del self._pending_acks[envelope["envelope_id"]]

    async def request_disconnect(self, reason: str) -> int:
        """Ask the bot to reconnect, as Slack does every few hours, and return the number of connections asked.

        These connections receive no more payloads and end when the bot closes them. Their acks still count.
        """
        sockets = self._pool.detach_all()
        for socket in sockets:
            with contextlib.suppress(ConnectionError):
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        return len(sockets)

    async def drop_connections(self) -> int:
        """Close every active connection without notice, and return how many there were."""
        return await self._pool.close_active()

    async def close(self) -> None:
        """Close every connection. Deliveries that wait for an ack fail."""
        for pending_ack in self._pending_acks.values():
            if not pending_ack.done():
                pending_ack.set_result(Ack(error="dispatch_failed"))
        await self._pool.close_all()

    async def _serve_socket(self, socket: web.WebSocketResponse) -> None:
        self._pool.add(socket)
        try:
            await socket.send_json(_build_hello(self.connection_count))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive_ack(message.data)
        except ConnectionError:
            pass  # the bot went away: payloads without an ack time out, as with Slack
        finally:
            self._pool.remove(socket)

    def _receive_ack(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        pending_ack = self._pending_acks.get(envelope_id) if isinstance(envelope_id, str) else None
        if pending_ack is not None and not pending_ack.done():
            payload = answer.get("payload")
            pending_ack.set_result(Ack(payload if isinstance(payload, dict) and payload else None))


def _build_hello(connection_count: int) -> dict[str, Any]:
    return {
        "type": "hello",
        "num_connections": connection_count,
        "connection_info": {"app_id": APP_ID},
        "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 18_060},
    }


def _build_envelope(kind: str, payload: Mapping[str, Any], attempt: int) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }
    retry = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
    return envelope | retry
