"""Who may talk to the local workspace: this machine, and no page of another origin in its browser."""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a Host that is no loopback name (DNS rebinding) and an Origin that isn't this very server."""
    host = request.headers.get("Host", "")
    if _hostname(f"http://{host}") not in _LOOPBACK:
        return _refused("this workspace answers to 127.0.0.1 and localhost only")
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return _refused("this workspace doesn't answer to pages of another origin")
    return await handler(request)


def is_loopback(url: str) -> bool:
    """Whether `url` is a plain HTTP address on this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname in _LOOPBACK and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _refused(words: str) -> web.Response:
    return web.json_response({"ok": False, "error": words}, status=403)
