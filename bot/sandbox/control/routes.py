"""The control API, under `/_control`: acting as the workspace's people, changing it, looking at what became of it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.control.parsing import Wants
from bot.sandbox.control.people import PEOPLE
from bot.sandbox.control.queries import LOOKING, events
from bot.sandbox.control.switches import SWITCHES
from bot.sandbox.control.workspace import WORLD
from bot.sandbox.slack.errors import Impossible

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Answer = dict[str, Any]
Act = Callable[["Sandbox", Wants], Awaitable[Answer]]

PREFIX = "/_control"


def control_routes(sandbox: "Sandbox") -> list[web.RouteDef]:
    """Every route of the control API."""
    acts: list[tuple[str, str, Act]] = [*LOOKING, *PEOPLE, *WORLD, *SWITCHES]
    routes = [web.route(method, PREFIX + path, _handler(sandbox, act)) for method, path, act in acts]
    stream = web.get(PREFIX + "/events", partial(events, sandbox), allow_head=False)
    nothing = web.route("*", PREFIX + "/{tail:.*}", _nothing_there)
    return [*routes, stream, nothing]


def _handler(sandbox: "Sandbox", act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            answer = await act(sandbox, await Wants.of(request))
        except Impossible as reason:
            return _refused(reason.words, reason.status)
        return web.json_response(answer)

    return handle


async def _nothing_there(request: web.Request) -> web.Response:
    return _refused(f"the control API has no {request.method} {request.path}", 404)


def _refused(words: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": words}, status=status)
