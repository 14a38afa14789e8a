"""Handle one call of the bot: apply faults, respond, and record it in the traffic log."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web

from bot.sandbox.fault_injection import abort_connection, build_retry_after_header, perform_with_fault
from bot.sandbox.faults import Fault
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import SlackError

log = logging.getLogger(__name__)

_CODES = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


@dataclass(frozen=True)
class ApiResponse:
    """A response: JSON, or plain text if `body` is a string. A fault sets `raw_body`, which replaces `body`."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_body: str | None = None


CallHandler = Callable[[], ApiResponse]


async def answer_call(
    slack: LocalSlack, request: web.Request, name: str, params: object, handle_call: CallHandler
) -> web.StreamResponse:
    """Answer the call `name`, apply a fault that is due, and record the call."""
    fault = slack.faults.take_due("slack", name)
    response = await _respond(fault, name, handle_call)
    if response is not None:
        return send_response(slack, name, params, response)
    _record(slack, name, params, "(connection dropped)", None)
    return abort_connection(request)


def send_response(slack: LocalSlack, name: str, params: object, response: ApiResponse) -> web.Response:
    """Answer the call `name` with `response`, and record it."""
    _record(slack, name, params, response.raw_body or response.body, response.status)
    return _to_http_response(response)


def _record(slack: LocalSlack, name: str, params: object, body: object, status: int | None) -> None:
    slack.traffic.record("slack", "from_bot", name, params, body, status)
    slack.changes.notify()


def abort_connection(request: web.Request) -> web.Response:
    """Close the connection at once, and return a response for the handler to return."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # aiohttp requires a response, although the connection is closed


async def _respond(fault: Fault | None, name: str, handle_call: CallHandler) -> ApiResponse | None:
    if fault is None:
        return _call_handler(name, handle_call)
    await asyncio.sleep(fault.delay)
    if fault.drop == "before":
        return None
    if _is_refusal(fault):
        return _build_refusal(fault)
    response = _call_handler(name, handle_call)
    if fault.drop == "after":
        return None
    return replace(response, status=fault.status or response.status, raw_body=fault.body)


def _is_refusal(fault: Fault) -> bool:
    # With a body or a drop, the call takes effect and only its response is wrong.
    has_error = fault.error is not None or fault.retry_after is not None or (fault.status or 200) >= 400
    return has_error and fault.body is None and fault.drop is None


def _build_refusal(fault: Fault) -> ApiResponse:
    status = fault.status or (429 if fault.retry_after is not None else 200)
    body = {"ok": False, "error": fault.error or _CODES.get(status, "fatal_error")}
    return ApiResponse(body, status, build_retry_after_header(fault))


def _change(reply: ApiResponse, fault: Fault) -> ApiResponse:
    return replace(reply, status=fault.status or reply.status, raw_body=fault.body)


def _call_handler(name: str, handle_call: CallHandler) -> ApiResponse:
    try:
        return handle_call()
    except SlackError as error:
        return ApiResponse(error.to_response_body())
    except Exception:
        log.exception("the local Slack failed at %s", name)
        return ApiResponse({"ok": False, "error": "internal_error"}, 500)


def _to_http_response(response: ApiResponse) -> web.Response:
    text, content_type = json.dumps(response.body), "application/json"
    if isinstance(response.body, str):
        text, content_type = response.body, "text/plain"
    if response.raw_body is not None:
        text = response.raw_body  # the content type stays that of the original response
    return web.Response(status=response.status, text=text, content_type=content_type, headers=response.headers)
