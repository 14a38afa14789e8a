"""The page of the local workspace in a real browser: the main job, with two people in two windows."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

from tests.e2e.conftest import StartBot
from tests.support.workspace import Workspace

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, or Playwright's own; where there is neither, the test says that it was left out."""
    async with async_playwright() as playwright:
        try:
            made = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        except BrowserError:
            if os.environ.get("CI"):
                raise
            pytest.skip("no Chromium here: apt install chromium, or playwright install chromium")
        yield made
        await made.close()


class Window:
    """One person's window, with what its console complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def type(self, text: str) -> None:
        composer = self.page.get_by_test_id("composer")
        await composer.fill(text)
        await composer.press("Enter")

    async def sees(self, words: str) -> None:
        await expect(self.page.get_by_test_id("message").filter(has_text=words).last).to_be_visible(timeout=30_000)


async def window(browser: Browser, workspace: Workspace, user: str) -> Window:
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    opened = Window(page)
    await page.goto(f"{workspace.url}/#user={user}&channel=C0OPS")
    return opened


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_the_main_job_in_two_windows(workspace: Workspace, start_bot: StartBot, browser: Browser) -> None:
    await start_bot()
    alice, bob = await window(browser, workspace, "U0ALICE"), await window(browser, workspace, "U0BOB")
    await alice.type("/warehouse show prod-snowflake")
    await alice.sees("prod-snowflake · Snowflake · on")

    await alice.type("/warehouse create prod")
    form = alice.page.get_by_test_id("modal")
    await form.get_by_label("Type").select_option(label="Snowflake")
    for label, value in {
        "Name": "new-snowflake",
        "Account ID": "acme-new",
        "Username": "SEGMENT",
        "Database name": "PROFILES",
    }.items():
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_label("Warehouse", exact=True).fill("LOADING")
    await form.get_by_label("Password").select_option(label="LOADER")
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("Segment can connect")).to_be_visible(timeout=30_000)
    await alice.page.get_by_test_id("modal-submit").click()
    await bob.sees("new-snowflake is created")
    with suppress(AssertionError):
        await expect(form).to_be_hidden(timeout=5_000)
    if await form.is_visible():  # on a slow machine it stays, to say that it took a while
        await alice.page.get_by_test_id("modal-close").first.click()

    await alice.type("/warehouse delete legacy-redshift --reason “moved to Snowflake, DATA-412”")
    await bob.sees("asks to delete legacy-redshift")
    await bob.page.get_by_role("button", name="Approve deletion").click()
    await bob.page.get_by_test_id("modal").get_by_label("Type its name").fill("legacy-redshift")
    await bob.page.get_by_test_id("modal-submit").click()
    await alice.sees("legacy-redshift is deleted")
    rows = alice.page.get_by_test_id("segment-warehouse").filter(has_text="legacy-redshift")
    await expect(rows).to_have_count(0, timeout=30_000)
    await picture(alice.page, "picture")
    assert alice.complaints == []
    assert bob.complaints == []
