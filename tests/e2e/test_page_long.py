"""A channel with two thousand messages: all are there, and an old one changes in its place."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.support.chromium import Window, chromium
from tests.support.local_workspace import Workspace

MANY = 2000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


async def test_two_thousand_messages_are_all_there_and_an_old_one_changes_in_place(
    workspace: Workspace, browser: Browser
) -> None:
    token = {"Authorization": f"Bearer {workspace.variables['SLACK_BOT_TOKEN']}"}
    async with httpx.AsyncClient(base_url=workspace.variables["SLACK_API_URL"], headers=token, timeout=30) as slack:
        first = (await slack.post("chat.postMessage", json={"channel": "C0OPS", "text": "the oldest"})).json()
        for at in range(0, MANY, 50):
            texts = [f"number {number} with *bold* and `code`" for number in range(at, at + 50)]
            await asyncio.gather(
                *(workspace.post("message", channel="C0OPS", user="U0BOB", text=text) for text in texts)
            )
        window = Window(await browser.new_page(viewport={"width": 1280, "height": 860}))
        page = window.page
        await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
        await expect(page.get_by_test_id("message")).to_have_count(MANY + 1, timeout=30_000)
        await expect(page.get_by_test_id("message").last).to_be_in_viewport()
        oldest = page.get_by_test_id("message").first
        await oldest.scroll_into_view_if_needed()
        await expect(oldest).to_contain_text("the oldest")
        change = {"channel": "C0OPS", "ts": first["ts"], "text": "the oldest, changed"}
        await slack.post("chat.update", json=change)
        await expect(oldest).to_contain_text("the oldest, changed")
        await expect(oldest).to_be_in_viewport()  # nothing jumped
        await window.type("and one more")
        await expect(page.get_by_test_id("message")).to_have_count(MANY + 2)
    assert window.complaints == []
