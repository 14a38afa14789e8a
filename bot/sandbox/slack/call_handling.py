"""One call of the bot's, from arrival to answer: faults, the answer, the traffic log."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web

from bot.sandbox.faults import Fault
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import SlackError

log = logging.getLogger(__name__)

_CODES = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


@dataclass(frozen=True)
class ApiResponse:
    """An answer on its way out: JSON, or plain text where `body` is a string. A fault puts `raw` in its place."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_body: str | None = None


CallHandler = Callable[[], ApiResponse]


async def answer_call(
    slack: LocalSlack, request: web.Request, name: str, params: object, perform: CallHandler
) -> web.StreamResponse:
    """Answer the call `name`, with whatever goes wrong with it on demand, and record it."""
    fault = slack.faults.take_due("slack", name)
    reply = await _reply(fault, name, perform)
    if reply is not None:
        return send_response(slack, name, params, reply)
    _record(slack, name, params, "(connection dropped)", None)
    return abort_connection(request)


def send_response(slack: LocalSlack, name: str, params: object, reply: ApiResponse) -> web.Response:
    """Answer the call `name` with `reply`, and record it."""
    _record(slack, name, params, reply.raw_body or reply.body, reply.status)
    return _response(reply)


def _record(slack: LocalSlack, name: str, params: object, answer: object, status: int | None) -> None:
    slack.traffic.record("slack", "from_bot", name, params, answer, status)
    slack.changes.notify()


def abort_connection(request: web.Request) -> web.Response:
    """What to return from a handler after cutting its connection off, here and now."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # written to a closed connection: nobody reads it


async def _reply(fault: Fault | None, name: str, perform: CallHandler) -> ApiResponse | None:
    if fault is None:
        return _performed(name, perform)
    await asyncio.sleep(fault.delay)
    if fault.drop == "before":
        return None
    if _is_refusal(fault):
        return _refusal(fault)
    reply = _performed(name, perform)
    if fault.drop == "after":
        return None
    return replace(reply, status=fault.status or reply.status, raw_body=fault.body)


def _is_refusal(fault: Fault) -> bool:
    # With a body, or a drop, the call has its effect and only its answer is spoilt.
    wrong = fault.error is not None or fault.retry_after is not None or (fault.status or 200) >= 400
    return wrong and fault.body is None and fault.drop is None


def _refusal(fault: Fault) -> ApiResponse:
    status = fault.status or (429 if fault.retry_after is not None else 200)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return ApiResponse({"ok": False, "error": fault.error or _CODES.get(status, "fatal_error")}, status, headers)


def _performed(name: str, perform: CallHandler) -> ApiResponse:
    try:
        return perform()
    except SlackError as error:
        return ApiResponse(error.to_response_body())
    except Exception:
        log.exception("the local Slack failed at %s", name)
        return ApiResponse({"ok": False, "error": "internal_error"}, 500)


def _response(reply: ApiResponse) -> web.Response:
    text, content_type = json.dumps(reply.body), "application/json"
    if isinstance(reply.body, str):
        text, content_type = reply.body, "text/plain"
    text = text if reply.raw_body is None else reply.raw_body  # a spoilt answer still claims to be what it was
    return web.Response(status=reply.status, text=text, content_type=content_type, headers=reply.headers)
