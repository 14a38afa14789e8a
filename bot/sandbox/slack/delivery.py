"""Payloads on their way to the bot, over Socket Mode or signed HTTP, and the acks that come back in time or don't."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.sandbox.clock import Clock
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.traffic_log import TrafficLog

ACK_TIMEOUT = 3.0
_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Ack:
    """How the bot took a payload: `body` is what it answered with, `error` what the person is told without an ack."""

    body: Mapping[str, Any] | None = None
    error: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it came in time."""
        return self.error is None


class Redelivery(StrEnum):
    """Whether a payload comes a second time.

    AFTER the first one's ack it is marked as another attempt. BESIDE the first one, before either is acked, nothing
    tells the two apart; over Socket Mode each has an envelope of its own, on another connection if there is one.
    """

    NONE = "not"
    AFTER_ACK = "after"
    CONCURRENT = "beside"


class Transport(Protocol):
    """One way to the bot."""

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Hand over a payload (`kind` is the envelope's type) and wait for its ack, however long it takes."""
        ...


class Delivery:
    """Sends each payload once, on the carrier in use, and records it with its ack, without `verification_token`."""

    def __init__(
        self, carrier: Transport, clock: Clock, traffic: TrafficLog, changes: ChangeNotifier, verification_token: str
    ) -> None:
        self.transport = carrier
        self._clock = clock
        self._traffic = traffic
        self._changes = changes
        self._verification_token = verification_token

    async def send(self, kind: str, name: str, payload: Mapping[str, Any], *, attempt: int = 0) -> Ack:
        """Deliver one payload, called `name` in the traffic; an ack later than 3 s counts as none."""
        # The entry holds this very dict, so that it stands where the payload went out and shows the ack that came.
        shown: dict[str, object] = {"waiting": True}
        self._traffic.record("slack", "to_bot", name, dict(payload), shown)
        try:
            ack = await self._in_time(
                self.transport.send(kind, {"token": self._verification_token, **payload}, attempt)
            )
            shown |= {"ok": True, "ack": ack.body} if ack.is_ok else {"ok": False, "error": ack.error}
        finally:
            del shown["waiting"]
            self._changes.notify()
        return ack

    async def _in_time(self, sending: Coroutine[Any, Any, Ack]) -> Ack:
        deadline = self._clock.now() + ACK_TIMEOUT
        task = asyncio.create_task(sending)
        # Looked at every few milliseconds, because the clock may be moved meanwhile.
        while not task.done() and self._clock.now() < deadline:
            await asyncio.wait({task}, timeout=_LOOK_EVERY)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        return Ack(error="operation_timeout")
