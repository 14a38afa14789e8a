"""The upgrade to a WebSocket: a ticket opens one connection, unless it goes wrong on demand."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.fault_injection import abort_connection, build_retry_after_header
from bot.sandbox.faults import Fault
from bot.sandbox.slack.app import LocalSlack

CALL_NAME = "websocket"


async def handle_upgrade(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Upgrade one request and serve its connection to the end; recorded as "websocket", with its ticket.

    A fault for "websocket" waits for a ticket that would do, so `times` counts tickets. With a `status` or `error` it
    refuses, by 403 where it says nothing else, and a ticket refused stays refused: the bot has to ask for another.
    `drop` closes the connection without an answer, "before" the ticket is used or "after"; a client on aiohttp then
    tries once more by itself. A `delay` alone lets the upgrade through.
    """
    if not web.WebSocketResponse().can_prepare(request):
        # A plain GET, as a link sends, must not use up a ticket or a fault.
        return _refused("this address takes WebSocket connections only", 426, {"Upgrade": "websocket"})
    ticket = request.query.get("ticket", "")
    fault = await _due(slack, ticket)
    if fault is not None and fault.drop is not None:
        return _dropped(slack, request, ticket, used=fault.drop == "after")
    refusal = _refusal(fault) if slack.socket_tickets.redeem(ticket) else _refused("this ticket is unknown or was used")
    if refusal is not None:
        _record(slack, ticket, refusal.text, refusal.status)
        return refusal
    _record(slack, ticket, None, 101)
    return await slack.sockets.serve_connection(request)


async def _due(slack: LocalSlack, ticket: str) -> Fault | None:
    fault = slack.faults.take_due("slack", CALL_NAME) if slack.socket_tickets.is_valid(ticket) else None
    if fault is not None:
        await asyncio.sleep(fault.delay)
    return fault


def _refusal(fault: Fault | None) -> web.Response | None:
    if fault is None or (fault.status, fault.error, fault.retry_after, fault.body) == (None,) * 4:
        return None
    status = fault.status or (429 if fault.retry_after is not None else 403)
    words = fault.body or fault.error or "this ticket is refused"
    return _refused(words, status, build_retry_after_header(fault))


def _refused(words: str, status: int = 403, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=words, headers=headers)


def _dropped(slack: LocalSlack, request: web.Request, ticket: str, *, used: bool) -> web.Response:
    if used:
        slack.socket_tickets.redeem(ticket)
    _record(slack, ticket, "(connection dropped)", None)
    return abort_connection(request)


def _record(slack: LocalSlack, ticket: str, answer: str | None, status: int | None) -> None:
    slack.traffic.record("slack", "from_bot", CALL_NAME, {"ticket": ticket}, answer, status)
