"""Measure the page of the local workspace with two thousand messages in a channel, in a real Chromium.

A long task blocks the page for more than 50 ms (w3.org/TR/longtasks): meanwhile nobody can type or scroll.
"""

import asyncio
import shutil
import time

import httpx
from playwright.async_api import Page, async_playwright

from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

MESSAGE_COUNT = 2000

OBSERVE_LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ entryTypes: ["longtask"] });
}"""


async def main() -> None:
    """Print the figures."""
    async with Sandbox(port=0) as workspace, async_playwright() as playwright:
        await post_messages(workspace.url)
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await chromium.new_page(viewport={"width": 1280, "height": 860})
        started_at = time.perf_counter()
        await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
        await page.get_by_text(f"number {MESSAGE_COUNT - 1} ").wait_for()
        print(f"{MESSAGE_COUNT:,} messages shown after {time.perf_counter() - started_at:.2f} s")
        await page.evaluate(OBSERVE_LONG_TASKS)
        composer = page.get_by_test_id("composer")
        await composer.press_sequentially("/warehouse show prod-snowflake --private", delay=20)
        await print_long_tasks(page, "typing 40 characters")
        await page.mouse.move(600, 400)
        for _ in range(40):
            await page.mouse.wheel(0, -1500)
            await asyncio.sleep(0.03)
        await print_long_tasks(page, "scrolling 60,000 pixels")
        await composer.fill("hello")
        await composer.press("Enter")
        await page.get_by_text("hello").wait_for()
        await print_long_tasks(page, "one message more")
        await chromium.close()


async def post_messages(url: str) -> None:
    """Post two thousand messages by Bob."""
    async with httpx.AsyncClient(base_url=f"{url}/_control", timeout=60) as http:
        for first in range(0, MESSAGE_COUNT, 50):
            bodies = [
                {"channel": "C0OPS", "user": "U0BOB", "text": f"number {number} of `many`"}
                for number in range(first, first + 50)
            ]
            await asyncio.gather(*(http.post("/message", json=body) for body in bodies))


async def print_long_tasks(page: Page, activity: str) -> None:
    """Print the long tasks since the last call."""
    await asyncio.sleep(0.5)
    durations = await page.evaluate("window.longTasks.splice(0)")
    print(f"{activity}: {len(durations)} long tasks" + (f", the longest {max(durations):.0f} ms" if durations else ""))


if __name__ == "__main__":
    asyncio.run(main())
