"""One call of the bot's, from arrival to answer: faults, the answer, the traffic log."""

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
    reply = await perform_with_fault(fault, lambda: _performed(name, perform), _refuse, _change)
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


def _refuse(fault: Fault) -> ApiResponse | None:
    if fault.error is None and fault.retry_after is None and (fault.status or 200) < 400:
        return None
    status = fault.status or (429 if fault.retry_after is not None else 200)
    body = {"ok": False, "error": fault.error or _CODES.get(status, "fatal_error")}
    return ApiResponse(body, status, build_retry_after_header(fault))


def _change(reply: ApiResponse, fault: Fault) -> ApiResponse:
    return replace(reply, status=fault.status or reply.status, raw_body=fault.body)


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
