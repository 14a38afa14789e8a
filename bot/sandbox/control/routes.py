"""The control API, under `/_control`: acting as the workspace's people, changing it, looking at what became of it."""

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
    """Every route of the control API."""
    acts: list[tuple[str, str, ControlHandler]] = [*QUERY_ROUTES, *PEOPLE_ROUTES, *WORKSPACE_ROUTES, *SWITCH_ROUTES]
    routes = [web.route(method, CONTROL_PREFIX + path, _handler(workspace, act)) for method, path, act in acts]
    stream = web.get(CONTROL_PREFIX + "/events", partial(stream_events, workspace), allow_head=False)
    nothing = web.route("*", CONTROL_PREFIX + "/{tail:.*}", _nothing_there)
    return [*routes, stream, nothing]


def _handler(workspace: LocalWorkspace, act: ControlHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            answer = await act(workspace, await ControlRequest.from_http(request))
        except ControlError as reason:
            return _refused(reason.message, reason.status)
        return web.json_response(answer)

    return handle


async def _nothing_there(request: web.Request) -> web.Response:
    return _refused(f"the control API has no {request.method} {request.path}", 404)


def _refused(words: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": words}, status=status)
