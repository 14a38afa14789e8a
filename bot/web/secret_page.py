"""PUBLIC_URL/secret/<token>: works once, for one person's one field, and shows nothing."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import structlog
from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from bot.domain.errors import BotError, InvalidLink, InvalidSecretValue, StoreFailed
from bot.domain.one_time_secrets import MAX_VALUE_LENGTH
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import FormNotifier
from bot.web import secret_page_html as page
from bot.web.server import get_body

log = structlog.get_logger(__name__)

#: Requests that one address may make in a minute. A person makes three.
_PER_MINUTE = RateLimitItemPerMinute(60)

#: Bytes of a form: each of its characters may take twelve, written as browsers write them.
_LARGEST = 12 * MAX_VALUE_LENGTH + 4096

#: Seconds for Slack to show that a value has come.
_SHOW = 2.0

_COOKIE, _NONCE = "warehouse-bot-form", re.compile(r"[A-Za-z0-9_-]{32}")

#: What browsers send the page's form as. A file in another kind of form would be written to the disk as it is.
_KIND = "application/x-www-form-urlencoded"

_HEADERS = {
    "Content-Security-Policy": page.CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SecretPage:
    """Serves the pages of `handovers` below `public_url`, and shows in `forms` what has come."""

    def __init__(self, handovers: OneTimeSecrets, forms: FormNotifier, public_url: str) -> None:
        self._handovers = handovers
        self._forms = forms
        address = urlsplit(public_url)
        self._path = f"{address.path.rstrip('/')}/secret"
        self._secure = address.scheme == "https"
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def add_routes(self, app: web.Application) -> None:
        """Serve the pages from `app`, beside what it serves already."""
        app.router.add_get(f"{self._path}/received", self._answering(self._received))
        app.router.add_get(f"{self._path}/{{token}}", self._answering(self._ask))
        app.router.add_post(f"{self._path}/{{token}}", self._answering(self._take))
        app.router.add_route("*", f"{self._path}{{rest:(/.*)?}}", self._answering(self._nothing))

    def _answering(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                response = await self._limited(request, handler)
            except Exception as error:  # noqa: BLE001 - whatever it is, aiohttp's own answer would lack the headers
                response = _refusal(error)
            response.headers.update(_HEADERS)
            if self._secure:
                response.headers["Strict-Transport-Security"] = "max-age=31536000"
            return response

        return answer

    async def _limited(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not await self._limiter.hit(_PER_MINUTE, request.remote or ""):
            raise web.HTTPTooManyRequests
        return await handler(request)

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        handover = await self._handovers.find_by_token(request.match_info["token"])
        return self._with_nonce(request, lambda nonce: page.render_entry_page(handover, nonce))

    async def _take(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        form = _form(request)
        if not _own(request, form.get("nonce", "")):
            raise web.HTTPForbidden
        try:
            handover = await self._handovers.redeem_link(token, form.get("value", ""))
        except InvalidSecretValue as error:
            offered, says = await self._handovers.find_by_token(token), error.user_message
            return self._with_nonce(request, lambda nonce: page.render_entry_page(offered, nonce, says), 422)
        log.info("secret handed in", handover=handover.id, user=handover.person)
        try:
            async with asyncio.timeout(_SHOW):
                await self._forms.show_secret_received(handover)
        except TimeoutError:
            log.warning("form not redrawn", handover=handover.id)
        return web.Response(status=303, headers={"Location": f"{self._path}/received"})

    async def _received(self, _request: web.Request) -> web.StreamResponse:
        return _html(page.render_received_page())

    async def _nothing(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound

    def _with_nonce(self, request: web.Request, draw: Callable[[str], str], status: int = 200) -> web.Response:
        nonce = _cookie(request) or secrets.token_urlsafe(24)
        response = _html(draw(nonce), status)
        response.set_cookie(
            _COOKIE, nonce, max_age=3600, path=self._path, httponly=True, samesite="Strict", secure=self._secure
        )
        return response


def _form(request: web.Request) -> Mapping[str, str]:
    body = get_body(request)
    if len(body) > _LARGEST:
        raise web.HTTPRequestEntityTooLarge(_LARGEST, len(body))
    if request.content_type != _KIND:
        raise web.HTTPUnsupportedMediaType
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=9))
    except ValueError:  # no UTF-8, or more than the page's form has
        raise web.HTTPBadRequest from None


def _own(request: web.Request, nonce: str) -> bool:
    """Whether a page of ours sent this: it has the cookie that came with it, and the browser tells of no other site."""
    cookie = _cookie(request)
    same = bool(cookie) and secrets.compare_digest(cookie.encode(), nonce.encode())
    return same and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _cookie(request: web.Request) -> str:
    """The page's own cookie; empty where it is none that a page of ours made."""
    cookie = request.cookies.get(_COOKIE, "")
    return cookie if _NONCE.fullmatch(cookie) else ""


def _refusal(error: Exception) -> web.Response:
    match error:
        case InvalidLink():
            return _html(page.render_error_page("This link does not work", error.user_message), 410)
        case StoreFailed():
            return _html(
                page.render_error_page("Not kept", "The bot's database does not answer. Try again in a minute."), 503
            )
        case BotError():
            return _html(page.render_error_page("Not kept", error.user_message), 500)
        case web.HTTPTooManyRequests():
            return _html(page.render_error_page("Too many tries", "Wait a minute, then open the link again."), 429)
        case web.HTTPForbidden():
            says = "This did not come from the page itself, or its cookie is missing. Open the link in Slack again."
            return _html(page.render_error_page("Not taken", says), 403)
        case web.HTTPRequestEntityTooLarge():
            return _html(
                page.render_error_page(
                    "Too long", f"{MAX_VALUE_LENGTH:,} characters are the most. Open the link again."
                ),
                413,
            )
        case web.HTTPRequestTimeout():
            return _html(page.render_error_page("Not kept", "It took too long to arrive. Open the link again."), 408)
        case web.HTTPException():
            return _html(
                page.render_error_page(HTTPStatus(error.status).phrase, "Open the link in Slack again."), error.status
            )
        case _:
            log.error("page failed", error=type(error).__name__)
            return _html(
                page.render_error_page("Not kept", "Something went wrong inside the bot; its log says what."), 500
            )


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
