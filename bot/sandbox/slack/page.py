"""The page of the local workspace, from the package beside this file."""

import mimetypes
from importlib import resources

from aiohttp import web

_PACKAGE = "bot.sandbox"
_FOLDER = "page"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page_routes() -> list[web.RouteDef]:
    """`/`, and what it needs under `/static/`."""
    return [
        web.get("/", _index),
        web.get("/static/{name}", _static),
        web.get("/archives/{channel}/{message}", _permalink),
    ]


async def _permalink(request: web.Request) -> web.Response:
    """What chat.getPermalink leads to: the message's channel, as whoever the window acts as."""
    raise web.HTTPFound(f"/#channel={request.match_info['channel']}")


async def _index(_request: web.Request) -> web.Response:
    return _file("index.html")


async def _static(request: web.Request) -> web.Response:
    return _file("static", request.match_info["name"])


def _file(*path: str) -> web.Response:
    name = path[-1]
    found = resources.files(_PACKAGE).joinpath(_FOLDER, *path)
    if name.endswith(".py") or "\\" in name or name.startswith(".") or not found.is_file():
        return web.Response(status=404, text="there is no such page here", headers=_HEADERS)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    charset = "utf-8" if kind.startswith("text/") else None
    return web.Response(body=found.read_bytes(), content_type=kind, charset=charset, headers=_HEADERS)
