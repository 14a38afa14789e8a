"""A real browser: Debian's Chromium, or Playwright's own; and one person's window in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser; where there is none, the test says that it was left out, and fails in CI."""
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
        """Say `text` in the channel that is open."""
        composer = self.page.get_by_test_id("composer")
        await composer.fill(text)
        await composer.press("Enter")

    async def sees(self, words: str) -> None:
        """Wait for a message with `words`."""
        await expect(self.page.get_by_test_id("message").filter(has_text=words).last).to_be_visible(timeout=30_000)

    async def picture(self, name: str) -> None:
        """Keep a screenshot where SCREENSHOTS names a folder."""
        if folder := os.environ.get("SCREENSHOTS"):
            await self.page.screenshot(path=Path(folder) / f"{name}.png")
