"""An answer on its way out, and what a fault makes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.faults import Fault
from bot.sandbox.segment.errors import Refused, entry, points
from bot.sandbox.segment.operations import Answer
from bot.sandbox.segment.routes import JSON, Route


@dataclass(frozen=True)
class Reply:
    """Status, body and headers; `raw` stands in for the body where a fault says so."""

    status: int
    content: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    raw: str | None = None

    def response(self) -> web.Response:
        """What aiohttp sends."""
        text = json.dumps(self.content) if self.raw is None else self.raw
        headers = {**self.headers, "Content-Type": self.content_type}
        return web.Response(status=self.status, body=text.encode("utf-8", "replace"), headers=headers)


def succeeded(answer: Answer, route: Route, accept: str, headers: Mapping[str, str]) -> Reply:
    """The reply of a call that went well, in the version asked for if the operation is spoken in it."""
    return Reply(answer.status, {"data": dict(answer.data)}, headers, _version(route, accept))


def refused(refusal: Refused) -> Reply:
    """The reply of a call that was refused."""
    return Reply(refusal.status, refusal.envelope, refusal.headers)


def failed(fault: Fault, status: int) -> Reply:
    """The error that a fault asks for, in place of the call's effect."""
    data = points(consumed=21, ms_before_next=(fault.retry_after or 0) * 1000) if status == 429 else None
    refusal = Refused(status, entry(status, fault.error, fault.field, data), headers=_retry_after(fault))
    return refused(refusal)


def distorted(reply: Reply, fault: Fault) -> Reply:
    """What a fault makes of the reply of a call that had its effect: other bytes, another status, or neither."""
    headers = {**reply.headers, **_retry_after(fault)}
    return replace(reply, status=fault.status or reply.status, headers=headers, raw=fault.body)


def _retry_after(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def _version(route: Route, accept: str) -> str:
    asked = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return next((version for version in asked if version in route.versions), JSON)
