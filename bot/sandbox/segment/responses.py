"""Build the HTTP responses of the local Segment, and change them as a fault asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.fault_injection import build_retry_after_header
from bot.sandbox.faults import Fault
from bot.sandbox.segment.errors import ApiError, build_error, build_rate_limit_data
from bot.sandbox.segment.operations import OperationResult
from bot.sandbox.segment.routes import JSON, Route


@dataclass(frozen=True)
class ApiResponse:
    """Status, body and headers; a fault sets `body_override`, which is then sent instead of `content`."""

    status: int
    content: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    body_override: str | None = None

    def to_aiohttp(self) -> web.Response:
        """Convert to an aiohttp response."""
        text = json.dumps(self.content) if self.body_override is None else self.body_override
        headers = {**self.headers, "Content-Type": self.content_type}
        return web.Response(status=self.status, body=text.encode("utf-8", "replace"), headers=headers)


def build_success_response(
    result: OperationResult, route: Route, accept: str, headers: Mapping[str, str]
) -> ApiResponse:
    """Build the response to a successful call, in the version that `accept` asks for if the operation has it."""
    return ApiResponse(result.status, {"data": dict(result.data)}, headers, _select_media_type(route, accept))


def build_error_response(error: ApiError) -> ApiResponse:
    """Build the response to a refused call."""
    return ApiResponse(error.status, error.envelope, error.headers)


def build_fault_response(fault: Fault) -> ApiResponse | None:
    """Build the error response that a fault asks for, or return None where its status is no error."""
    status = fault.status
    if status is None or status < 400:
        return None
    data = build_rate_limit_data(consumed=21, ms_before_next=(fault.retry_after or 0) * 1000) if status == 429 else None
    entry = build_error(status, fault.error, fault.field, data)
    return build_error_response(ApiError(status, entry, headers=build_retry_after_header(fault)))


def apply_fault(response: ApiResponse, fault: Fault) -> ApiResponse:
    """Change the status, the `Retry-After` header and the body of a response as a fault asks."""
    headers = {**response.headers, **build_retry_after_header(fault)}
    return replace(response, status=fault.status or response.status, headers=headers, body_override=fault.body)


def _select_media_type(route: Route, accept: str) -> str:
    accepted = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return next((media_type for media_type in accepted if media_type in route.media_types), JSON)
