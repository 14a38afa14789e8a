"""Deliver payloads to the bot over Socket Mode or signed HTTP, and wait for their acks."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.sandbox.clock import Clock
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.traffic_log import TrafficLog

ACK_TIMEOUT = 3.0
_POLL_INTERVAL = 0.02


@dataclass(frozen=True)
class Ack:
    """The result of a delivery: `body` is the bot's response, `error` what the person sees without an ack."""

    body: Mapping[str, Any] | None = None
    error: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the bot acknowledged the payload in time."""
        return self.error is None


class Redelivery(StrEnum):
    """Whether and when a payload is delivered a second time.

    AFTER_ACK: after the first ack, marked as another attempt. CONCURRENT: both at once, and nothing distinguishes
    them; over Socket Mode each has its own envelope, on another connection if there is one.
    """

    NONE = "not"
    AFTER_ACK = "after"
    CONCURRENT = "beside"


class Transport(Protocol):
    """A way to deliver payloads to the bot."""

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Send a payload (`kind` is the envelope's type) and wait for its ack without a time limit."""
        ...


class Delivery:
    """Sends each payload once over the current transport, and records it with its ack, without `verification_token`."""

    def __init__(
        self, transport: Transport, clock: Clock, traffic: TrafficLog, changes: ChangeNotifier, verification_token: str
    ) -> None:
        self.transport = transport
        self._clock = clock
        self._traffic = traffic
        self._changes = changes
        self._verification_token = verification_token

    async def send(self, kind: str, name: str, payload: Mapping[str, Any], *, attempt: int = 0) -> Ack:
        """Deliver one payload, called `name` in the traffic log. An ack after 3 s is a timeout."""
        # The log entry contains this dict: its position is the time of sending, and it shows the ack once it arrives.
        result: dict[str, object] = {"waiting": True}
        self._traffic.record("slack", "to_bot", name, dict(payload), result)
        try:
            ack = await self._await_ack(
                self.transport.send(kind, {"token": self._verification_token, **payload}, attempt)
            )
            result |= {"ok": True, "ack": ack.body} if ack.is_ok else {"ok": False, "error": ack.error}
        finally:
            del result["waiting"]
            self._changes.notify()
        return ack

    async def _await_ack(self, sending: Coroutine[Any, Any, Ack]) -> Ack:
        deadline = self._clock.now() + ACK_TIMEOUT
        task = asyncio.create_task(sending)
        # Poll, because a person may move the clock meanwhile.
        while not task.done() and self._clock.now() < deadline:
            await asyncio.wait({task}, timeout=_POLL_INTERVAL)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        return Ack(error="operation_timeout")
