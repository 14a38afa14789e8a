"""The one-time page PUBLIC_URL/secret/<token>: it takes one value for one person's field, and never shows it."""

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
from bot.web import secret_page_html
from bot.web.server import get_body

log = structlog.get_logger(__name__)

#: Requests that one address may make in a minute. A person makes about three.
_RATE_LIMIT = RateLimitItemPerMinute(60)

#: Maximum size of a form in bytes: percent-encoding turns a character into up to twelve.
_MAX_FORM_BYTES = 12 * MAX_VALUE_LENGTH + 4096

#: Seconds that updating the form in Slack may take.
_FORM_UPDATE_TIMEOUT = 2.0

_COOKIE, _NONCE = "warehouse-bot-form", re.compile(r"[A-Za-z0-9_-]{32}")

#: The content type of the page's form. aiohttp would write a file in a multipart form to the disk unencrypted.
_CONTENT_TYPE = "application/x-www-form-urlencoded"

_HEADERS = {
    "Content-Security-Policy": secret_page_html.CONTENT_SECURITY_POLICY,
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
    """Serves the pages of one-time secrets below `public_url`, and notifies `forms` of values that arrive."""

    def __init__(self, one_time_secrets: OneTimeSecrets, forms: FormNotifier, public_url: str) -> None:
        self._one_time_secrets = one_time_secrets
        self._forms = forms
        address = urlsplit(public_url)
        self._path = f"{address.path.rstrip('/')}/secret"
        self._secure = address.scheme == "https"
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def add_routes(self, app: web.Application) -> None:
        """Add the pages to `app`."""
        app.router.add_get(f"{self._path}/received", self._with_headers(self._show_received_page))
        app.router.add_get(f"{self._path}/{{token}}", self._with_headers(self._show_entry_page))
        app.router.add_post(f"{self._path}/{{token}}", self._with_headers(self._receive_value))
        app.router.add_route("*", f"{self._path}{{rest:(/.*)?}}", self._with_headers(self._not_found))

    def _with_headers(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                response = await self._limit_rate(request, handler)
            except Exception as error:  # noqa: BLE001 - aiohttp's own response would lack the headers
                response = _render_refusal(error)
            response.headers.update(_HEADERS)
            if self._secure:
                response.headers["Strict-Transport-Security"] = "max-age=31536000"
            return response

        return answer

    async def _limit_rate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not await self._limiter.hit(_RATE_LIMIT, request.remote or ""):
            raise web.HTTPTooManyRequests
        return await handler(request)

    async def _show_entry_page(self, request: web.Request) -> web.StreamResponse:
        secret = await self._one_time_secrets.find_by_token(request.match_info["token"])
        return self._with_nonce(request, lambda nonce: secret_page_html.render_entry_page(secret, nonce))

    async def _receive_value(self, request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        form = _read_form(request)
        if not _is_from_page(request, form.get("nonce", "")):
            raise web.HTTPForbidden
        try:
            secret = await self._one_time_secrets.redeem_link(token, form.get("value", ""))
        except InvalidSecretValue as error:
            unused_secret, problem = await self._one_time_secrets.find_by_token(token), error.user_message
            return self._with_nonce(
                request, lambda nonce: secret_page_html.render_entry_page(unused_secret, nonce, problem), 422
            )
        log.info("one-time secret received", one_time_secret_id=secret.id, user=secret.person)
        try:
            async with asyncio.timeout(_FORM_UPDATE_TIMEOUT):
                await self._forms.show_secret_received(secret)
        except TimeoutError:
            log.warning("form update timed out", one_time_secret_id=secret.id)
        return web.Response(status=303, headers={"Location": f"{self._path}/received"})

    async def _show_received_page(self, _request: web.Request) -> web.StreamResponse:
        return _html(secret_page_html.render_received_page())

    async def _not_found(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound

    def _with_nonce(self, request: web.Request, render: Callable[[str], str], status: int = 200) -> web.Response:
        nonce = _read_cookie(request) or secrets.token_urlsafe(24)
        response = _html(render(nonce), status)
        response.set_cookie(
            _COOKIE, nonce, max_age=3600, path=self._path, httponly=True, samesite="Strict", secure=self._secure
        )
        return response


def _read_form(request: web.Request) -> Mapping[str, str]:
    body = get_body(request)
    if len(body) > _MAX_FORM_BYTES:
        raise web.HTTPRequestEntityTooLarge(_MAX_FORM_BYTES, len(body))
    if request.content_type != _CONTENT_TYPE:
        raise web.HTTPUnsupportedMediaType
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=9))
    except ValueError:  # no UTF-8, or too many fields
        raise web.HTTPBadRequest from None


def _is_from_page(request: web.Request, nonce: str) -> bool:
    """Whether the bot's page sent this form: the cookie matches, and the browser names no other site."""
    cookie = _read_cookie(request)
    same = bool(cookie) and secrets.compare_digest(cookie.encode(), nonce.encode())
    return same and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _read_cookie(request: web.Request) -> str:
    """Return the page's cookie; empty if it is missing or malformed."""
    cookie = request.cookies.get(_COOKIE, "")
    return cookie if _NONCE.fullmatch(cookie) else ""


def _render_refusal(error: Exception) -> web.Response:
    title, text, status = _describe_refusal(error)
    return _html(secret_page_html.render_error_page(title, text), status)


def _describe_refusal(error: Exception) -> tuple[str, str, int]:
    """The title and text of the page for `error`, and its HTTP status."""
    match error:
        case InvalidLink():
            return "This link does not work", error.user_message, 410
        case StoreFailed():
            return "Not kept", "The bot's database does not answer. Try again in a minute.", 503
        case BotError():
            return "Not kept", error.user_message, 500
        case web.HTTPTooManyRequests():
            return "Too many tries", "Wait a minute, then open the link again.", 429
        case web.HTTPForbidden():
            text = "This did not come from the page itself, or its cookie is missing. Open the link in Slack again."
            return "Not taken", text, 403
        case web.HTTPRequestEntityTooLarge():
            return "Too long", f"{MAX_VALUE_LENGTH:,} characters are the most. Open the link again.", 413
        case web.HTTPRequestTimeout():
            return "Not kept", "It took too long to arrive. Open the link again.", 408
        case web.HTTPException():
            return HTTPStatus(error.status).phrase, "Open the link in Slack again.", error.status
        case _:
            log.error("one-time page failed", error=type(error).__name__)
            return "Not kept", "Something went wrong inside the bot; its log says what.", 500


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
