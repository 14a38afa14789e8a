"""The routes of the control API, under `/_control`."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.control.people import PEOPLE_ROUTES
from bot.sandbox.control.queries import QUERY_ROUTES, stream_events
from bot.sandbox.control.switches import SWITCH_ROUTES
from bot.sandbox.control.workspace import WORKSPACE_ROUTES
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace

ControlHandler = Callable[[LocalWorkspace, ControlRequest], Awaitable[JsonObject]]

CONTROL_PREFIX = "/_control"


def build_control_routes(workspace: LocalWorkspace) -> list[web.RouteDef]:
    """Build all routes of the control API; an unknown path is answered with 404 and a message."""
    handlers: list[tuple[str, str, ControlHandler]] = [
        *QUERY_ROUTES,
        *PEOPLE_ROUTES,
        *WORKSPACE_ROUTES,
        *SWITCH_ROUTES,
    ]
    return [
        *(
            web.route(method, CONTROL_PREFIX + path, partial(_answer_call, workspace, handler))
            for method, path, handler in handlers
        ),
        web.get(CONTROL_PREFIX + "/events", partial(stream_events, workspace), allow_head=False),
        web.route("*", CONTROL_PREFIX + "/{tail:.*}", _answer_unknown_path),
    ]


async def _answer_call(workspace: LocalWorkspace, handler: ControlHandler, request: web.Request) -> web.Response:
    try:
        return web.json_response(await handler(workspace, await ControlRequest.from_http(request)))
    except ControlError as error:
        return _build_error_response(error.message, error.status)


async def _answer_unknown_path(request: web.Request) -> web.Response:
    return _build_error_response(f"the control API has no {request.method} {request.path}", 404)


def _build_error_response(message: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": message}, status=status)
