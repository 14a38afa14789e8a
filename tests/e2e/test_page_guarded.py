"""Pages of other sites in the same browser: they neither change the workspace nor learn anything of it."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace
from tests.support.chromium import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: What a page can try without anybody's help. It gets the address, a token and a ticket, and tells how each try went.
ATTACKS = """
async ([at, token, ticket]) => {
  const got = {};
  const settled = (name, make) => new Promise((done) => {
    const finish = (what) => { got[name] = what; done(); };
    make(finish);
  });
  const loaded = (name, tag, src) => settled(name, (finish) => {
    const node = document.createElement(tag);
    node.onload = () => finish("loaded");
    node.onerror = () => finish("refused");
    node.src = src;
    document.body.append(node);
  });
  const message = { channel: "C0OPS", user: "U0ALICE", text: "forged" };
  const query = new URLSearchParams({ ...message, token });
  const tried = async (name, path, options) => {
    try {
      const answer = await fetch(at + path, options);
      got[name] = `${answer.type} ${answer.status}`;
    } catch {
      got[name] = "refused";
    }
  };
  const text = { method: "POST", headers: { "Content-Type": "text/plain" }, body: JSON.stringify(message) };
  await loaded("image", "img", `${at}/api/chat.postMessage?${query}`);
  await loaded("script", "script", `${at}/_control/state`);
  await tried("read", "/_control/state", {});
  await tried("command", "/_control/message", text);
  await tried("blind command", "/_control/message", { ...text, mode: "no-cors" });
  await tried("call", "/api/chat.postMessage", { method: "POST", mode: "no-cors", body: query });
  await settled("events", (finish) => {
    const events = new EventSource(`${at}/_control/events`);
    events.onmessage = () => finish("heard");
    events.onerror = () => { events.close(); finish("refused"); };
  });
  await settled("socket", (finish) => {
    const link = new WebSocket(`${at.replace("http", "ws")}/link?ticket=${ticket}`);
    link.onopen = () => finish("opened");
    link.onerror = () => finish("refused");
  });
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: `${at}/_control/message`, enctype: "text/plain", target: "form" });
  const field = document.createElement("input");
  Object.assign(field, { name: '{"channel":"C0OPS","user":"U0ALICE","text":"forged","x":"', value: '"}' });
  form.append(field);
  const frame = document.createElement("iframe");
  frame.name = "form";
  document.body.append(form, frame);
  await new Promise((done) => { frame.onload = done; form.submit(); });
  const page = document.createElement("iframe");
  page.name = "page";
  page.src = `${at}/`;
  await new Promise((done) => { page.onload = done; document.body.append(page); });
  return got;
}
"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sandbox() -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def elsewhere() -> AsyncIterator[int]:
    """The port of another server on this machine, which serves an empty page under each of its names."""
    app = web.Application()
    app.router.add_get("/", _empty)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await web.SockSite(runner, listening).start()
        yield listening.getsockname()[1]
        await runner.cleanup()


async def _empty(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Elsewhere</title><body>", content_type="text/html")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # the same site on another port, and another site
async def test_a_page_of_another_site_changes_and_learns_nothing(
    sandbox: LocalWorkspace, elsewhere: int, page: Page, host: str
) -> None:
    await page.goto(f"http://{host}:{elsewhere}/")
    ticket = sandbox.slack.socket_tickets.issue()
    got: dict[str, Any] = await page.evaluate(ATTACKS, [sandbox.url, sandbox.bot_token, ticket])
    assert {name: told for name, told in got.items() if told not in {"refused", "opaque 0"}} == {}
    assert sandbox.slack.workspace.list_visible_messages("C0OPS", "U0ALICE") == []
    assert sandbox.slack.socket_tickets.is_valid(ticket)
    assert sandbox.traffic.list_entries() == []
    for frame in page.frames[1:]:
        assert "Workspace" not in await frame.content()


async def test_a_link_elsewhere_leads_to_the_page(sandbox: LocalWorkspace, elsewhere: int, page: Page) -> None:
    await page.goto(f"http://localhost:{elsewhere}/")
    await page.evaluate("(at) => { location.href = at; }", f"{sandbox.url}/archives/C0OPS/p1700000000000001")
    await expect(page.get_by_test_id("composer")).to_be_visible()
