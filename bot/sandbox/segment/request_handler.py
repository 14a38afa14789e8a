"""One HTTP call from arrival to answer: faults, the token, the rate limit, the operation, the traffic log."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, Faults
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
    """Answers calls. Never with a traceback: what goes wrong here is a 500 `unknown`, and is logged."""

    state: SegmentState
    clock: Clock
    faults: Faults
    traffic: TrafficLog

    async def handle(self, route: Route | None, request: web.Request) -> web.StreamResponse:
        """Answer one call; `route` is None where the contract has no such operation."""
        name = get_call_name(request)
        raw = await read_body(request)
        fault = self.faults.take_due("segment", name)
        reply = await self._reply(route, request, raw, fault)
        if reply is None:
            self._record(name, request, raw, "(connection dropped)", None)
            return _dropped(request)
        answer = mask_secrets(reply.content) if reply.body_override is None else reply.body_override
        self._record(name, request, raw, answer, reply.status)
        return reply.to_aiohttp()

    async def _reply(
        self, route: Route | None, request: web.Request, raw: bytes | None, fault: Fault | None
    ) -> ApiResponse | None:
        if fault is None:
            return self._answer(route, request, raw)
        await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            return None
        if _is_refusal(fault) and fault.status is not None:
            return build_fault_response(fault, fault.status)
        reply = self._answer(route, request, raw)
        return None if fault.drop == "after" else apply_fault(reply, fault)

    def _answer(self, route: Route | None, request: web.Request, raw: bytes | None) -> ApiResponse:
        try:
            return self._performed(route, request, raw)
        except ApiError as refusal:
            return build_error_response(refusal)
        except Exception:
            log.exception("the local Segment failed at %s", get_call_name(request))
            return build_error_response(ApiError(500, build_error(500)))

    def _performed(self, route: Route | None, request: web.Request, raw: bytes | None) -> ApiResponse:
        self._authorize(request)
        rate = self.state.rate_limiter.consume(self.clock.now(), self.state.switches.rate_limit_per_minute)
        if route is None:
            raise ApiError(404, build_error(404, f"Cannot {get_call_name(request)}"))
        if raw is None:
            raise payload_too_large()
        body = parse_json_object(raw, request.content_type) if route.has_body else {}
        call = Call(self.state, self.clock.utc_now(), request.match_info, request.query, body)
        return build_success_response(route.handler(call), route, request.headers.get("Accept", ""), rate)

    def _authorize(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self.state.token:
            raise ApiError(401, build_error(401))

    def _record(self, name: str, request: web.Request, raw: bytes | None, answer: object, status: int | None) -> None:
        self.traffic.record("segment", "from_bot", name, _payload(request, raw), answer, status)


def get_call_name(request: web.Request) -> str:
    """How faults and the traffic log call it: the method and the path, without the prefix it is mounted under."""
    return f"{request.method} {request.path.removeprefix(SEGMENT_PREFIX) or '/'}"


def _is_refusal(fault: Fault) -> bool:
    # With a body, or a drop, or a status that is no error, the call has its effect and only its answer is spoilt.
    return fault.status is not None and fault.status >= 400 and fault.body is None and fault.drop is None


def _payload(request: web.Request, raw: bytes | None) -> Mapping[str, object]:
    payload: dict[str, object] = {}
    if request.query:
        payload["query"] = mask_secrets(dict(request.query))
    if raw is None:
        payload["body"] = "(too large)"
    elif raw:
        payload["body"] = _body(raw, request.content_type)
    return payload


def _body(raw: bytes, content_type: str) -> object:
    try:
        body: Mapping[str, JsonValue] = parse_json_object(raw, content_type)
    except ApiError:
        # What can't be read can't be masked either.
        return f"({len(raw)} bytes that are not a JSON object)"
    return mask_secrets(body)


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # written to a closed connection: nobody reads it
