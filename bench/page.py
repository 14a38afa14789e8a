"""How the page of the local workspace does with two thousand messages in a channel, in a real Chromium.

Long tasks are what holds the page for more than 50 ms (w3.org/TR/longtasks): while one runs, nobody can type or scroll.
"""

import asyncio
import shutil
import time

import httpx
from playwright.async_api import Page, async_playwright

from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

MANY = 2000

WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver((seen) => window.longTasks.push(...seen.getEntries().map((each) => each.duration)))
    .observe({ entryTypes: ["longtask"] });
}"""


async def main() -> None:
    """Print the figures."""
    async with WorkspaceServer(LocalWorkspace(port=0)) as workspace, async_playwright() as playwright:
        await fill(workspace.url)
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await chromium.new_page(viewport={"width": 1280, "height": 860})
        began = time.perf_counter()
        await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
        await page.get_by_text(f"number {MANY - 1} ").wait_for()
        print(f"{MANY:,} messages shown after {time.perf_counter() - began:.2f} s")
        await page.evaluate(WATCH)
        composer = page.get_by_test_id("composer")
        await composer.press_sequentially("/warehouse show prod-snowflake --private", delay=20)
        await tell(page, "typing 40 characters")
        await page.mouse.move(600, 400)
        for _ in range(40):
            await page.mouse.wheel(0, -1500)
            await asyncio.sleep(0.03)
        await tell(page, "scrolling 60,000 pixels")
        await composer.fill("hello")
        await composer.press("Enter")
        await page.get_by_text("hello").wait_for()
        await tell(page, "one message more")
        await chromium.close()


async def fill(url: str) -> None:
    """Two thousand messages of Bob's."""
    async with httpx.AsyncClient(base_url=f"{url}/_control", timeout=60) as http:
        for at in range(0, MANY, 50):
            bodies = [
                {"channel": "C0OPS", "user": "U0BOB", "text": f"number {at + one} of `many`"} for one in range(50)
            ]
            await asyncio.gather(*(http.post("/message", json=body) for body in bodies))


async def tell(page: Page, doing: str) -> None:
    """The long tasks since the last time."""
    await asyncio.sleep(0.5)
    found = await page.evaluate("window.longTasks.splice(0)")
    print(f"{doing}: {len(found)} long tasks" + (f", the longest {max(found):.0f} ms" if found else ""))


if __name__ == "__main__":
    asyncio.run(main())
