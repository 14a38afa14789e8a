"""The page of the local workspace in a real browser: the main job, with two people in two windows."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conftest import StartBot
from tests.support.chromium import Window, chromium
from tests.support.local_workspace import Workspace
from tests.support.secret_page import page_variables


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


async def window(browser: Browser, workspace: Workspace, user: str) -> Window:
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    opened = Window(page)
    await page.goto(f"{workspace.url}/#user={user}&channel=C0OPS")
    return opened


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
    await alice.picture("picture")
    assert alice.complaints == []
    assert bob.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_secret_is_handed_over_on_its_own_page(
    workspace: Workspace, start_bot: StartBot, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    await start_bot(**page_variables())
    alice = await window(browser, workspace, "U0ALICE")
    await alice.page.emulate_media(color_scheme=scheme)
    await alice.type("/warehouse update prod-snowflake")
    form = alice.page.get_by_test_id("modal")
    await form.get_by_role("button", name="Enter it on a one-time page").click()
    await alice.picture(f"link-{scheme}")
    async with alice.page.expect_popup() as opening:
        await form.get_by_role("button", name="Open the page").click()
    page = Window(await opening.value)
    await page.page.emulate_media(color_scheme=scheme)
    field = page.page.get_by_role("textbox", name="Password")
    await expect(field).to_be_focused()
    await page.page.keyboard.type("   ")
    await page.page.keyboard.press("Tab")
    await page.page.keyboard.press("Tab")
    await page.page.keyboard.press("Enter")
    await expect(page.page.get_by_role("alert")).to_have_text("Nothing was entered.")
    await field.fill("canary-p4ssw0rd")
    hidden = await field.evaluate("each => getComputedStyle(each).webkitTextSecurity")
    await page.picture(f"one-time-{scheme}")
    await page.page.get_by_label("Show what I enter").check()
    shown = await field.evaluate("each => getComputedStyle(each).webkitTextSecurity")
    assert (hidden, shown) == ("disc", "none")
    await page.page.get_by_role("button", name="Hand it over").click()
    await expect(page.page.get_by_role("heading", name="Received")).to_be_visible()
    await expect(form.get_by_text("received. It goes with this form")).to_be_visible()
    await alice.picture(f"received-{scheme}")
    assert alice.complaints == []
    assert [each for each in page.complaints if "422" not in each] == []  # which Chromium notes of any refused form
