"""Refuse requests that a browser sends for a page of another site.

The workspace has no login, so anybody who can send it a request can act as every person in it. A browser on this
machine sends requests for each page that it shows; `Host`, `Origin` and `Sec-Fetch-Site` identify the page. Clients
that are not browsers (SDKs, curl, tests) send neither `Origin` nor `Sec-Fetch-Site`, and need neither.
"""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.addresses import ListenAddress

#: The names of the routes that a page of another site may link to. They show the page and change nothing.
PAGE_ROUTE_NAMES = frozenset({"page", "permalink"})


def reject_cross_site_requests(address: ListenAddress) -> Middleware:
    """Build the middleware that answers 403 to requests that may come from a page of another site."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = _find_refusal_reason(request, address)
        if reason is not None:
            return web.json_response({"ok": False, "error": reason}, status=403)
        return await handler(request)

    return guard


def _find_refusal_reason(request: web.Request, address: ListenAddress) -> str | None:
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not address.accepts(hosts[0]):
        return "the Host header names another address than this workspace's. Nothing was changed."
    own_origin = f"http://{hosts[0]}".lower()
    if any(origin.lower() != own_origin for origin in request.headers.getall("Origin", [])):
        return "the Origin header names a page of another site. Nothing was changed."
    if not (_is_from_own_page(request) or _is_visit(request)):
        return "the Sec-Fetch-Site header says that a page of another site sent this. Nothing was changed."
    return None


def _is_from_own_page(request: web.Request) -> bool:
    """Whether the sender is the workspace's own page, a person who typed the address, or not a browser."""
    return all(site in {"same-origin", "none"} for site in request.headers.getall("Sec-Fetch-Site", []))


def _is_visit(request: web.Request) -> bool:
    """Whether the request opens the page in a browser tab, as a link on another site does."""
    return (
        request.method == "GET"
        and request.match_info.route.name in PAGE_ROUTE_NAMES
        and request.headers.getall("Sec-Fetch-Mode", []) == ["navigate"]
        and request.headers.getall("Sec-Fetch-Dest", []) == ["document"]
    )
