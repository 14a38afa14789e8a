"""Answer the HTTP calls of the local Segment: faults, authorization, rate limit, operation, traffic log."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.clock import Clock
from bot.sandbox.fault_injection import abort_connection, perform_with_fault
from bot.sandbox.faults import Faults
from bot.sandbox.segment.errors import ApiError, build_error
from bot.sandbox.segment.masking import mask_secrets
from bot.sandbox.segment.operations import Call
from bot.sandbox.segment.request_bodies import parse_json_object, payload_too_large, read_body
from bot.sandbox.segment.responses import (
    ApiResponse,
    apply_fault,
    build_error_response,
    build_fault_response,
    build_success_response,
)
from bot.sandbox.segment.routes import Route
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.traffic_log import TrafficLog

SEGMENT_PREFIX = "/segment"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RequestHandler:
    """Answers HTTP calls; a failure of the local Segment itself is logged, and answered with 500 `unknown`."""

    state: SegmentState
    clock: Clock
    faults: Faults
    traffic: TrafficLog

    async def handle(self, route: Route | None, request: web.Request) -> web.StreamResponse:
        """Answer one call; `route` is None where the contract has no such operation."""
        name = get_call_name(request)
        raw_body = await read_body(request)
        fault = self.faults.take_due("segment", name)
        response = await perform_with_fault(
            fault, lambda: self._perform(route, request, raw_body), build_fault_response, apply_fault
        )
        payload = _describe_request(request, raw_body)
        if response is None:
            self.traffic.record("segment", "from_bot", name, payload, "(connection dropped)", None)
            return abort_connection(request)
        answer = mask_secrets(response.content) if response.body_override is None else response.body_override
        self.traffic.record("segment", "from_bot", name, payload, answer, response.status)
        return response.to_aiohttp()

    def _perform(self, route: Route | None, request: web.Request, raw_body: bytes | None) -> ApiResponse:
        try:
            return self._perform_operation(route, request, raw_body)
        except ApiError as error:
            return build_error_response(error)
        except Exception:
            log.exception("the local Segment failed at %s", get_call_name(request))
            return build_error_response(ApiError(500, build_error(500)))

    def _perform_operation(self, route: Route | None, request: web.Request, raw_body: bytes | None) -> ApiResponse:
        self._authorize(request)
        rate_headers = self.state.rate_limiter.consume(self.clock.now(), self.state.switches.rate_limit_per_minute)
        if route is None:
            raise ApiError(404, build_error(404, f"Cannot {get_call_name(request)}"))
        if raw_body is None:
            raise payload_too_large()
        body = parse_json_object(raw_body, request.content_type) if route.has_body else {}
        call = Call(self.state, self.clock.utc_now(), request.match_info, request.query, body)
        return build_success_response(route.handler(call), route, request.headers.get("Accept", ""), rate_headers)

    def _authorize(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self.state.token:
            raise ApiError(401, build_error(401))


def get_call_name(request: web.Request) -> str:
    """Return the call's name in faults and in the traffic log: "METHOD /path", without the prefix of the mount."""
    return f"{request.method} {request.path.removeprefix(SEGMENT_PREFIX) or '/'}"


def _describe_request(request: web.Request, raw_body: bytes | None) -> Mapping[str, object]:
    description: dict[str, object] = {}
    if request.query:
        description["query"] = mask_secrets(dict(request.query))
    if raw_body is None:
        description["body"] = "(too large)"
    elif raw_body:
        description["body"] = _describe_body(raw_body, request.content_type)
    return description


def _describe_body(raw_body: bytes, content_type: str) -> object:
    try:
        return mask_secrets(parse_json_object(raw_body, content_type))
    except ApiError:
        # A body that can't be parsed can't be masked, so only its size is recorded.
        return f"({len(raw_body)} bytes that are not a JSON object)"
