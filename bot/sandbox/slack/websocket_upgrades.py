"""Upgrade requests to WebSockets: a ticket opens one connection, unless a fault is due."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.fault_injection import abort_connection, build_retry_after_header
from bot.sandbox.faults import Fault
from bot.sandbox.slack.app import LocalSlack

CALL_NAME = "websocket"


async def handle_upgrade(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Upgrade one request and serve its connection until it ends. The traffic log has it as "websocket".

    A fault for "websocket" applies to valid tickets only, so its `times` counts tickets. With a `status` or `error`
    (403 by default) it refuses the upgrade and uses up the ticket: the bot has to request another one. With `drop` it
    closes the connection without an answer, "before" or "after" the ticket is used up; aiohttp clients then retry once
    by themselves. With only a `delay`, the upgrade succeeds.
    """
    if not web.WebSocketResponse().can_prepare(request):
        # A plain GET, which any link sends, must not use up a ticket or a fault.
        return _refuse("this address takes WebSocket connections only", 426, {"Upgrade": "websocket"})
    ticket = request.query.get("ticket", "")
    fault = await _take_due_fault(slack, ticket)
    if fault is not None and fault.drop is not None:
        return _drop_connection(slack, request, ticket, is_redeemed=fault.drop == "after")
    refusal = (
        _build_fault_response(fault)
        if slack.socket_tickets.redeem(ticket)
        else _refuse("this ticket is unknown or was used")
    )
    if refusal is not None:
        _record(slack, ticket, refusal.text, refusal.status)
        return refusal
    _record(slack, ticket, None, 101)
    return await slack.sockets.serve_connection(request)


async def _take_due_fault(slack: LocalSlack, ticket: str) -> Fault | None:
    fault = slack.faults.take_due("slack", CALL_NAME) if slack.socket_tickets.is_valid(ticket) else None
    if fault is not None:
        await asyncio.sleep(fault.delay)
    return fault


def _build_fault_response(fault: Fault | None) -> web.Response | None:
    if fault is None or (fault.status, fault.error, fault.retry_after, fault.body) == (None,) * 4:
        return None
    status = fault.status or (429 if fault.retry_after is not None else 403)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return _refuse(fault.body or fault.error or "this ticket is refused", status, headers)


def _refuse(message: str, status: int = 403, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=message, headers=headers)


def _drop_connection(slack: LocalSlack, request: web.Request, ticket: str, *, is_redeemed: bool) -> web.Response:
    if is_redeemed:
        slack.socket_tickets.redeem(ticket)
    _record(slack, ticket, "(connection dropped)", None)
    return abort_connection(request)


def _record(slack: LocalSlack, ticket: str, answer: str | None, status: int | None) -> None:
    slack.traffic.record("slack", "from_bot", CALL_NAME, {"ticket": ticket}, answer, status)
