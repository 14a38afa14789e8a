"""What the page does in small: permalinks, Home, menus and boxes that go back, and the composer's completion."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.support.chromium import Window, chromium
from tests.support.local_workspace import Workspace

OPTIONS = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("One", "Two")]
SURE = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "plain_text", "text": "Really?"},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "Back"},
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def workspace(demo: str) -> AsyncIterator[Workspace]:
    async with httpx.AsyncClient(timeout=30) as http:
        made = Workspace(demo, {}, http)
        await made.post("reset")
        yield made


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def alice(workspace: Workspace, browser: Browser) -> AsyncIterator[Window]:
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    window = Window(page)
    await page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
    yield window
    await page.close()
    assert window.complaints == []


async def post(workspace: Workspace, text: str, *elements: dict[str, Any]) -> str:
    """Let the bot's token post a message; its ts."""
    blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    blocks += [{"type": "actions", "block_id": "acts", "elements": list(elements)}] if elements else []
    state = await workspace.get("state")
    headers = {"Authorization": f"Bearer {state['app']['botToken']}"}
    async with httpx.AsyncClient(base_url=f"{workspace.url}/api/", headers=headers) as http:
        sent = await http.post("chat.postMessage", json={"channel": "C0OPS", "text": text, "blocks": blocks})
    answer = sent.json()
    assert answer["ok"], answer
    return str(answer["ts"])


async def test_a_permalink_keeps_the_person_and_finds_the_message(workspace: Workspace, alice: Window) -> None:
    ts = await post(workspace, "the one that is looked for")
    link = f"{workspace.url}/archives/C0OPS/p{ts.replace('.', '')}"
    for number in range(30):
        await workspace.post("message", channel="C0OPS", user="U0BOB", text=f"message {number}")
    await post(workspace, f"see <{link}|what was said>")
    await alice.page.get_by_test_id("act-as").select_option("U0BOB")
    link_there = alice.page.get_by_role("link", name="what was said")
    await expect(link_there).to_have_attribute("href", re.compile("U0BOB"))  # drawn for Bob by now
    await link_there.click()
    found = alice.page.locator(f'[data-ts="{ts}"]')
    await expect(found).to_be_focused()
    await expect(found).to_be_in_viewport()
    assert await alice.page.get_by_test_id("act-as").input_value() == "U0BOB"


async def test_nothing_is_pressed_or_said_as_who_one_was(workspace: Workspace, alice: Window) -> None:
    """Between choosing whom to act as and being shown what they see, a press or a word would be somebody else's."""
    page, drawn, sent = alice.page, asyncio.Event(), list[Any]()

    async def late(route: Route) -> None:
        await drawn.wait()
        await route.continue_()

    async def spot(of: Locator) -> tuple[float, float]:
        box = await of.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    await post(workspace, "press", {"type": "button", "action_id": "go", "text": OPTIONS[0]["text"]})
    button, composer = page.get_by_role("log").get_by_role("button"), page.get_by_test_id("composer")
    await expect(button).to_be_visible()
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    await page.route("**/_control/messages/**", late)
    await page.get_by_test_id("act-as").select_option("U0BOB")
    await page.mouse.click(*await spot(button))
    await page.mouse.click(*await spot(composer))
    await page.keyboard.type("too early")
    await page.keyboard.press("Enter")
    assert sent == []
    drawn.set()
    await button.click()
    await composer.fill("as Bob")
    await composer.press("Enter")
    await expect(page.get_by_text("as Bob")).to_be_visible()
    assert [each["user"] for each in sent] == ["U0BOB", "U0BOB"]


async def test_whom_one_chose_to_act_as_outlasts_what_was_being_read(workspace: Workspace, alice: Window) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await answered.wait()
        await route.continue_()

    await expect(alice.page.get_by_test_id("channel-C0OPS")).to_be_visible()
    await alice.page.route("**/_control/newest/U0ALICE", late)
    await workspace.post("message", channel="C0OPS", user="U0BOB", text="something new")
    await asked.wait()
    await alice.page.get_by_test_id("act-as").select_option("U0BOB")
    answered.set()
    await expect(alice.page).to_have_title(re.compile("Bob"))
    await expect(alice.page.get_by_test_id("act-as")).to_have_value("U0BOB")


async def test_what_was_being_written_keeps_the_focus_in_another_channel(workspace: Workspace, alice: Window) -> None:
    await expect(alice.page.get_by_test_id("channel-C0OPS")).to_be_visible()
    composer = alice.page.get_by_test_id("composer")
    await composer.focus()
    await alice.page.evaluate("location.hash = location.hash.replace('C0OPS', 'C0SHARED')")
    await expect(alice.page.get_by_test_id("channel-C0SHARED")).to_have_attribute("aria-current", "page")
    await expect(composer).to_be_focused()


async def test_home_opens_at_once(alice: Window) -> None:
    await alice.page.get_by_test_id("home-link").click()
    await expect(alice.page.locator("#home").get_by_text("Profiles Sync warehouses, from Slack")).to_be_visible()


@pytest.mark.parametrize("kind", ["checkboxes", "radio_buttons"])
async def test_a_box_goes_back_when_the_person_thinks_better_of_it(
    workspace: Workspace, alice: Window, kind: str
) -> None:
    await post(workspace, "choose", {"type": kind, "action_id": "box", "options": OPTIONS, "confirm": SURE})
    box = alice.page.get_by_label("Two")
    await box.click()
    await alice.page.get_by_test_id("confirm").get_by_role("button", name="Back").click()
    await expect(box).not_to_be_checked()


async def test_a_menu_of_people_offers_them_and_goes_back(workspace: Workspace, alice: Window) -> None:
    await post(workspace, "who", {"type": "users_select", "action_id": "who", "initial_user": "U0BOB", "confirm": SURE})
    menu = alice.page.get_by_role("log").get_by_role("combobox")
    await expect(menu.locator("option:checked")).to_have_text("Bob Brandt")
    await menu.select_option(label="Carol Chen")
    await alice.page.get_by_test_id("confirm").get_by_role("button", name="Back").click()
    await expect(menu.locator("option:checked")).to_have_text("Bob Brandt")


async def test_a_search_offers_what_the_bot_suggests(workspace: Workspace, alice: Window) -> None:
    asked: list[Any] = []

    async def suggest(route: Route) -> None:
        asked.append(route.request.post_data_json)
        await route.fulfill(json={"ok": True, "options": OPTIONS})

    async def interact(route: Route) -> None:
        asked.append(route.request.post_data_json)
        await route.fulfill(json={"ok": True})

    await alice.page.route("**/_control/suggest", suggest)
    await alice.page.route("**/_control/interact", interact)
    await post(workspace, "search", {"type": "external_select", "action_id": "find", "min_query_length": 1})
    box = alice.page.get_by_role("log").get_by_role("combobox")
    await box.press_sequentially("T")
    await expect(alice.page.locator("datalist option")).to_have_count(2)
    await box.fill("Two")
    await box.fill("no such thing")
    await box.blur()
    await expect(box).to_have_value("Two")
    assert asked[0]["value"] == "T"
    assert [each["action"]["selected_option"] for each in asked if "selected_option" in each["action"]] == [OPTIONS[1]]


async def completions(page: Page, text: str) -> list[str]:
    """What the composer offers for `text`."""
    await page.get_by_test_id("composer").fill(text)
    return await page.locator("#completions:not([hidden]) code").all_inner_texts()


OFFERED = {
    "/ware": ["/warehouse"],
    "/warehouse d": ["disable", "delete"],
    "/warehouse help up": ["update"],
    "/warehouse create st": ["staging"],
    "/warehouse list p": ["prod"],
    "/warehouse show LEGACY": ["legacy-redshift"],
    "/warehouse show redshift": ["legacy-redshift", "analytics-redshift"],
    "/warehouse show crm-postgres": [],
    "/warehouse show crm-postgres ": ["--private"],
    "/warehouse list --": ["--type", "--disabled", "--enabled", "--find", "--private"],
    "/warehouse list --disabled --": ["--type", "--find", "--private"],
    "/warehouse list --type S": ["Snowflake"],
    "/warehouse list --type=s": ["Snowflake"],
    "/warehouse list --find pro": [],
    "/warehouse delete legacy-redshift --": ["--reason"],
    '/warehouse delete "legacy': ["legacy-redshift"],
    "/warehouse nonsense x": [],
    "hello /warehouse": [],
}


async def test_the_composer_completes_what_the_bot_declares(workspace: Workspace, alice: Window) -> None:
    await expect(alice.page.get_by_test_id("segment-warehouse")).to_have_count(10)
    assert {text: await completions(alice.page, text) for text in OFFERED} == OFFERED


async def test_a_completion_is_picked_with_the_keyboard(workspace: Workspace, alice: Window) -> None:
    await expect(alice.page.get_by_test_id("segment-warehouse")).to_have_count(10)
    composer = alice.page.get_by_test_id("composer")
    for typed, key in (("/w", "Tab"), ("del", "Tab"), ("leg", "ArrowDown+Enter"), (" --", "Tab")):
        await composer.press_sequentially(typed)
        for each in key.split("+"):
            await composer.press(each)
    await expect(composer).to_have_value("/warehouse delete legacy-redshift --reason ")


async def test_a_name_with_blanks_is_quoted(workspace: Workspace, alice: Window) -> None:
    await workspace.post("segment/change", warehouse="crm-postgres", name="crm of old")
    await expect(alice.page.get_by_test_id("segment-warehouse").filter(has_text="crm of old")).to_be_visible()
    composer = alice.page.get_by_test_id("composer")
    await composer.fill("/warehouse show crm")
    await composer.press("Tab")
    await expect(composer).to_have_value('/warehouse show "crm of old"')
