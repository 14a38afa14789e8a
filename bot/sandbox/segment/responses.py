"""An answer on its way out, and what a fault makes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.faults import Fault
from bot.sandbox.segment.errors import ApiError, build_error, build_rate_limit_data
from bot.sandbox.segment.operations import OperationResult
from bot.sandbox.segment.routes import JSON, Route


@dataclass(frozen=True)
class ApiResponse:
    """Status, body and headers; `raw` stands in for the body where a fault says so."""

    status: int
    content: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    body_override: str | None = None

    def to_aiohttp(self) -> web.Response:
        """What aiohttp sends."""
        text = json.dumps(self.content) if self.body_override is None else self.body_override
        headers = {**self.headers, "Content-Type": self.content_type}
        return web.Response(status=self.status, body=text.encode("utf-8", "replace"), headers=headers)


def build_success_response(
    answer: OperationResult, route: Route, accept: str, headers: Mapping[str, str]
) -> ApiResponse:
    """The reply of a call that went well, in the version asked for if the operation is spoken in it."""
    return ApiResponse(answer.status, {"data": dict(answer.data)}, headers, _version(route, accept))


def build_error_response(refusal: ApiError) -> ApiResponse:
    """The reply of a call that was refused."""
    return ApiResponse(refusal.status, refusal.envelope, refusal.headers)


def build_fault_response(fault: Fault, status: int) -> ApiResponse:
    """The error that a fault asks for, in place of the call's effect."""
    data = build_rate_limit_data(consumed=21, ms_before_next=(fault.retry_after or 0) * 1000) if status == 429 else None
    refusal = ApiError(status, build_error(status, fault.error, fault.field, data), headers=_retry_after(fault))
    return build_error_response(refusal)


def apply_fault(reply: ApiResponse, fault: Fault) -> ApiResponse:
    """What a fault makes of the reply of a call that had its effect: other bytes, another status, or neither."""
    headers = {**reply.headers, **_retry_after(fault)}
    return replace(reply, status=fault.status or reply.status, headers=headers, body_override=fault.body)


def _retry_after(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def _version(route: Route, accept: str) -> str:
    asked = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return next((version for version in asked if version in route.media_types), JSON)
