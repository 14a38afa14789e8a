"""The guard refuses requests that a browser sends for other sites, and serves clients that are not browsers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.headers import SECURITY_HEADERS
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

PATHS = ["/", "/static/main.js", "/_control/state", "/_control/events", "/api/auth.test", "/segment/spaces", "/link"]

Headers = dict[str, str]


@pytest.fixture
async def sandbox() -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as started:
        yield started


async def answer(sandbox: LocalWorkspace, path: str, *headers: str, method: str = "GET") -> tuple[int, Headers, bytes]:
    """Send a request with only these header lines; return status, headers and the first bytes of the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *headers, "", ""]).encode())
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    response_headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.read(int(response_headers.get("Content-Length", 0)))
    writer.close()
    return int(status.split()[1]), response_headers, body


def own(sandbox: LocalWorkspace) -> str:
    return f"Host: 127.0.0.1:{sandbox.port}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "evil.example@127.0.0.1:{port}",
        "127.0.0.1:{port}@evil.example",
        "127.0.0.1:{port}/evil.example",
        "127.0.0.1:{port}?evil.example",
        "127.0.0.1:{port}#evil.example",
        "127.0.0.1:{port}\\evil.example",
        "127.0.0.1, evil.example",
        "127.0.0.1:{port}:80",
        "127.0.0.1:",
        "127.0.0.1:x",
        "[::1",
        "[127.0.0.1]:{port}",
        "::1",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "[::]:{port}",
        "127.0.0.2:{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "0x7f000001:{port}",
        "10.0.0.1:{port}",
        "localhost.:{port}",
        "local host",
        "[",
        "",
    ],
)
async def test_another_host_header_is_refused(sandbox: LocalWorkspace, path: str, host: str) -> None:
    status, _, body = await answer(sandbox, path, f"Host: {host.format(port=sandbox.port)}")
    assert status in {400, 403}
    assert sandbox.bot_token.encode() not in body


async def test_a_request_without_a_host_or_with_two_is_refused(sandbox: LocalWorkspace) -> None:
    assert (await answer(sandbox, "/_control/state"))[0] in {400, 403}
    assert (await answer(sandbox, "/_control/state", own(sandbox), "Host: evil.example"))[0] in {400, 403}
    assert (await answer(sandbox, "/_control/state", "Host: evil.example", own(sandbox)))[0] in {400, 403}


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}", "localhost"]
)
async def test_the_own_page_is_accepted_under_each_name_of_this_machine(sandbox: LocalWorkspace, host: str) -> None:
    name = host.format(port=sandbox.port)
    for origin in (f"http://{name}", f"HTTP://{name.lower()}"):
        headers = (f"Host: {name}", f"Origin: {origin}", "Sec-Fetch-Site: same-origin")
        assert (await answer(sandbox, "/_control/state", *headers))[0] == 200
        assert (await answer(sandbox, "/_control/reset", *headers, method="POST"))[0] == 200


@pytest.mark.parametrize("path", [*PATHS, "/_control/reset", "/response/x"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1",  # another server on this machine is another origin
        "http://127.0.0.1:1",
        "http://localhost:{port}",  # the Host says 127.0.0.1
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example/http://127.0.0.1:{port}",
        "http://user@127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port} https://evil.example",
        "file://",
    ],
)
async def test_pages_of_another_origin_are_refused(sandbox: LocalWorkspace, path: str, origin: str) -> None:
    line = "Origin: " + origin.format(port=sandbox.port)
    for method in ("GET", "POST", "OPTIONS"):
        assert (await answer(sandbox, path, own(sandbox), line, method=method))[0] == 403


async def test_a_page_of_another_origin_opens_no_websocket_even_with_a_ticket(sandbox: LocalWorkspace) -> None:
    handshake = (
        own(sandbox),
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    path = f"/link?ticket={sandbox.slack.socket_tickets.issue()}"
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        assert (await answer(sandbox, path, *handshake, f"Origin: {origin}"))[0] == 403
    assert (await answer(sandbox, path, *handshake, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: websocket"))[
        0
    ] == 403
    assert (await answer(sandbox, path, *handshake))[0] == 101


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none-of-these", ""])
async def test_fetches_for_another_site_are_refused(sandbox: LocalWorkspace, site: str) -> None:
    for mode, target in (("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")):
        fetched = (f"Sec-Fetch-Site: {site}", f"Sec-Fetch-Mode: {mode}", f"Sec-Fetch-Dest: {target}")
        for path in PATHS:
            assert (await answer(sandbox, path, own(sandbox), *fetched))[0] == 403
    assert (await answer(sandbox, "/_control/reset", own(sandbox), f"Sec-Fetch-Site: {site}", method="POST"))[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_on_another_site_opens_the_page_and_nothing_else(sandbox: LocalWorkspace, site: str) -> None:
    visit = (own(sandbox), f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    assert (await answer(sandbox, "/", *visit))[0] == 200
    assert (await answer(sandbox, "/archives/C0OPS/p1700000000000001", *visit))[0] == 302
    for path in ("/_control/state", "/api/auth.test", "/segment/spaces", "/static/main.js", "/nothing"):
        assert (await answer(sandbox, path, *visit))[0] == 403
    assert (await answer(sandbox, "/", *visit, method="POST"))[0] == 403


async def test_clients_that_are_not_browsers_need_no_such_headers(sandbox: LocalWorkspace) -> None:
    assert (await answer(sandbox, "/_control/reset", own(sandbox), method="POST"))[0] == 200
    assert (await answer(sandbox, "/api/api.test", own(sandbox), method="POST"))[0] == 200
    typed = ("Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    assert (await answer(sandbox, "/_control/state", own(sandbox), *typed))[0] == 200


async def test_a_refusal_has_the_security_headers(sandbox: LocalWorkspace) -> None:
    status, headers, _ = await answer(sandbox, "/", own(sandbox), "Origin: null")
    assert (status, headers.items() >= SECURITY_HEADERS.items()) == (403, True)
