"""Apply a fault to a call: a delay, a refusal, a changed response or a dropped connection."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from bot.sandbox.faults import Fault

ResponseT = TypeVar("ResponseT")


async def perform_with_fault(
    fault: Fault | None,
    perform: Callable[[], ResponseT],
    refuse: Callable[[Fault], ResponseT | None],
    change: Callable[[ResponseT, Fault], ResponseT],
) -> ResponseT | None:
    """Perform a call with a fault, and return its response; None means that the connection is to be dropped.

    Args:
        fault: The fault, or None to perform the call as it is.
        perform: Gives the call its effect and returns its response.
        refuse: Builds the response to a call that the fault refuses, without an effect; None where it doesn't refuse.
        change: Changes the response after the effect.
    """
    if fault is None:
        return perform()
    await asyncio.sleep(fault.delay)
    if fault.drop == "before":
        return None
    if fault.drop is None and fault.body is None and (refusal := refuse(fault)) is not None:
        return refusal
    response = perform()
    return None if fault.drop == "after" else change(response, fault)


def build_retry_after_header(fault: Fault) -> dict[str, str]:
    """Build the `Retry-After` header that the fault asks for, if any."""
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def abort_connection(request: web.Request) -> web.Response:
    """Close the connection at once, and return a response for the handler to return; nobody receives it."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
