"""The page of the local workspace for everybody: axe-core finds nothing, and the keyboard alone does the main job."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import StartBot
from tests.support.chromium import Window, chromium
from tests.support.local_workspace import Workspace, until

AXE = Path(__file__).parents[1] / "sandbox/clients/node_modules/axe-core/axe.min.js"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core; where npm did not bring it the tests say that they were left out, and fail in CI."""
    if not AXE.exists() and not os.environ.get("CI"):
        pytest.skip("no axe-core here: make test brings it where npm is installed")
    return AXE.read_text()


class Checked(Window):
    """A window that is looked through by axe-core."""

    def __init__(self, page: Page, axe: str) -> None:
        super().__init__(page)
        self._axe = axe
        self.found: list[str] = []

    async def look(self, where: str) -> None:
        """Note what axe-core has to say of what is shown now."""
        await self.page.evaluate(self._axe)
        result: Any = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        self.found += [f"{where}: {each['id']} at {each['nodes'][0]['target']}" for each in result["violations"]]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(
    workspace: Workspace,
    start_bot: StartBot,
    browser: Browser,
    axe: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    await start_bot()
    page = await browser.new_page(viewport={"width": width, "height": 860}, color_scheme=scheme)
    window = Checked(page, axe)
    await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
    await expect(page.get_by_test_id("channel-C0OPS")).to_be_visible()
    await window.look("an empty channel")
    await window.type("/warehouse list")
    await window.sees("page 1 of 1")
    await window.type("/warehouse disable prod-snowflake --reason moved")
    await window.sees("asks to disable prod-snowflake")
    await window.type("/warehouse delet")
    await window.sees("Did you mean")
    await window.look("messages")
    await page.locator("button[aria-haspopup]").first.click()
    await window.look("a menu")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Approve disabling").last.click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    await window.look("a confirm dialog")
    await page.keyboard.press("Escape")
    await window.type("/warehouse create prod")
    form = page.get_by_test_id("modal")
    await form.get_by_label("Type", exact=True).select_option(label="Postgres")
    await form.get_by_label("Hostname").fill("db")
    await page.get_by_test_id("modal-submit").click()
    await window.look("a form with errors")
    await page.get_by_test_id("modal-close").first.click()
    await expect(form).to_be_hidden()
    for tab in ("segment", "traffic", "workspace"):
        await show_panel(page)
        await page.get_by_test_id(f"tab-{tab}").click()
        await window.look(tab)
    await hide_panel(page, width)
    await page.get_by_test_id("home-link").click()
    await expect(page.get_by_test_id("home-link")).to_have_attribute("aria-current", "page")
    await window.look("App Home")
    assert window.found == []
    assert window.complaints == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def show_panel(page: Page) -> None:
    if not await page.get_by_test_id("tab-segment").is_visible():
        await page.get_by_test_id("panel-toggle").click()


async def hide_panel(page: Page, width: int) -> None:
    if width < 900:  # where it covers everything else
        await page.get_by_role("button", name="Close the inspector").click()


class Keyboard:
    """A person without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def reach(self, name: str, key: str = "Tab") -> None:
        """Move the focus with `key` until it is on what is called `name`, and visibly so."""
        for _ in range(150):
            await self.page.keyboard.press(key)
            called: Any = await self.page.evaluate(
                "() => { const it = document.activeElement; const label = it.labels?.[0]?.textContent ?? '';"
                " return (it.getAttribute('aria-label') ?? '') + '|' + it.textContent + '|' + label }"
            )
            if name in str(called).split("|") or any(part.strip() == name for part in str(called).split("|")):
                shown: Any = await self.page.evaluate(
                    "() => { const style = getComputedStyle(document.activeElement);"
                    " return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
                )
                assert shown, f"nothing shows that {name} has the focus"
                return
        raise AssertionError(f"{name!r} can't be reached by {key}")


async def test_the_keyboard_alone_does_the_main_job(
    workspace: Workspace, start_bot: StartBot, browser: Browser
) -> None:
    await start_bot()
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    window, keys = Window(page), Keyboard(page)
    await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
    await expect(page.get_by_test_id("channel-C0OPS")).to_be_visible()
    await keys.reach("Message")
    await page.keyboard.type("/warehouse delete legacy-redshift --reason moved")
    await page.keyboard.press("Enter")
    await window.sees("asks to delete legacy-redshift")
    await keys.reach("Act as", "Shift+Tab")
    await page.keyboard.type("Bob")
    await expect(page.get_by_test_id("act-as")).to_have_value("U0BOB")
    await keys.reach("Approve deletion")
    await page.keyboard.press("Enter")
    form = page.get_by_test_id("modal")
    await expect(form.get_by_label("Type its name")).to_be_visible()
    await keys.reach("Type its name")
    await page.keyboard.type("legacy-redshift")
    await page.keyboard.press("Enter")
    await window.sees("legacy-redshift is deleted")
    await expect(form).to_be_hidden()

    async def kept() -> bool | None:
        return await page.evaluate("document.activeElement.closest('#middle') !== null") or None

    assert await until(kept), "the focus is lost"
    assert window.complaints == []


async def test_escape_closes_a_form_and_gives_the_focus_back(
    workspace: Workspace, start_bot: StartBot, browser: Browser
) -> None:
    await start_bot()
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    window = Window(page)
    await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
    await window.type("/warehouse create prod")
    form = page.get_by_test_id("modal")
    await expect(form.get_by_label("Type", exact=True)).to_be_visible()
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement.closest('#modal') !== null || document.activeElement === document.body"
        )
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()
    assert await page.evaluate("document.activeElement.id") == "text"


async def test_a_channel_with_something_new_is_marked_until_it_is_seen(
    workspace: Workspace, start_bot: StartBot, browser: Browser
) -> None:
    await start_bot()
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
    partners = page.get_by_test_id("channel-C0SHARED")
    await expect(partners).to_have_text("#partners")
    await workspace.post("message", channel="C0SHARED", user="U0ALICE", text="my own")
    await workspace.post("message", channel="C0OPS", user="U0BOB", text="where I am")
    await expect(page.get_by_text("where I am")).to_be_visible()
    await expect(partners).to_have_text("#partners")
    await workspace.post("message", channel="C0SHARED", user="U0BOB", text="hello")
    await expect(partners).to_have_text("#partners, new messages")
    await expect(page.get_by_test_id("channel-C0OPS")).to_have_text("#data-ops")
    await partners.click()
    await expect(page.get_by_text("hello")).to_be_visible()
    await page.get_by_test_id("channel-C0OPS").click()
    await expect(page.get_by_test_id("channel-C0OPS")).to_have_attribute("aria-current", "page")
    await expect(partners).to_have_text("#partners")
