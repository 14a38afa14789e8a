"""The responses of all routes have the security headers."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.headers import SECURITY_HEADERS
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        yield session


def has_all(answer: aiohttp.ClientResponse) -> bool:
    return all(answer.headers.getall(name) == [value] for name, value in SECURITY_HEADERS.items())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/static/main.js", 200),
        ("/static/nothing.js", 404),
        ("/nothing", 404),
        ("/archives/C0OPS/p1", 302),
        ("/_control/state", 200),
        ("/_control/events", 200),
        ("/_control/nothing", 404),
        ("/api/api.test", 200),
        ("/response/x", 405),
        ("/segment/spaces", 401),
    ],
)
async def test_every_answer_has_the_security_headers(session: aiohttp.ClientSession, path: str, status: int) -> None:
    async with session.get(path, allow_redirects=False) as answer:
        assert (answer.status, has_all(answer)) == (status, True)


async def test_accepted_and_refused_websockets_have_the_security_headers(session: aiohttp.ClientSession) -> None:
    async with session.get("/link") as answer:
        assert has_all(answer)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect("/link?ticket=none")
    assert refused.value.headers is not None
    assert refused.value.headers.items() >= SECURITY_HEADERS.items()


async def test_the_response_of_a_failing_handler_has_the_security_headers(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(LocalWorkspace, "reset", lambda _self: 1 / 0)
    async with session.post("/_control/reset") as answer:
        assert (answer.status, has_all(answer)) == (500, True)


def test_the_content_security_policy_allows_only_the_own_origin() -> None:
    assert SECURITY_HEADERS["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    assert SECURITY_HEADERS["X-Frame-Options"] == "DENY"
    assert SECURITY_HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
    assert SECURITY_HEADERS["X-Content-Type-Options"] == "nosniff"
