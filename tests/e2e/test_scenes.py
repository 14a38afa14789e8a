"""The five scenes of the page, each played to its end in a real browser beside the bot, as `make demo` runs them."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.support.chromium import Window, chromium
from tests.support.local_workspace import PATIENCE, Workspace

WAIT = PATIENCE * 1000


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


class Player(Window):
    """Somebody who plays scenes."""

    @property
    def dock(self) -> Locator:
        """Where the scene stands, above the conversation."""
        return self.page.locator("#scenes")

    @property
    def form(self) -> Locator:
        """The modal on top."""
        return self.page.get_by_test_id("modal")

    async def begin(self, scene: str) -> None:
        """Choose a scene from the list."""
        await self.page.get_by_test_id(f"scene-{scene}").click()
        await self.at(1)

    async def at(self, step: int) -> None:
        """Wait until that step is the one to do."""
        await expect(self.page.get_by_test_id("scene-progress")).to_contain_text(f"Step {step} of", timeout=WAIT)

    async def act(self, step: int, label: str) -> None:
        """Press the button of that step."""
        await self.at(step)
        await self.dock.get_by_test_id("scene-act").and_(self.page.get_by_text(label)).click()

    async def act_in_form(self, step: int, label: str) -> None:
        """Press the button of that step in the open form."""
        await self.at(step)
        await self.page.get_by_test_id("scene-hint").get_by_text(label, exact=True).click()

    async def press_focused(self, label: str) -> None:
        """Press what the scene pointed at, as a person does: it has the focus."""
        await expect(self.page.locator(".scene-point:focus")).to_have_text(label, timeout=WAIT)
        await self.page.keyboard.press("Enter")

    async def over(self) -> None:
        """Wait for the end."""
        await expect(self.page.get_by_test_id("scene-progress")).to_have_text("Over", timeout=WAIT)
        assert self.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def player(workspace: Workspace, browser: Browser) -> AsyncIterator[Player]:
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    made = Player(page)
    await page.goto(workspace.url)
    yield made
    await page.close()


async def test_a_quick_check(player: Player, workspace: Workspace) -> None:
    await player.begin("check")
    for step in (1, 2, 3):
        await player.act(step, "Send it")
    await player.act(4, "Open Traffic")
    await player.over()
    await player.picture("scene-check")
    assert {entry["name"].split()[0] for entry in await workspace.calls(" /")} == {"GET"}


async def test_a_create(player: Player, workspace: Workspace) -> None:
    await player.begin("create")
    await player.act(1, "Send it")
    await player.act_in_form(2, "Fill it in")
    await player.act_in_form(3, "Test connection")
    await player.act_in_form(4, "Show me where")
    await player.picture("scene-create")
    await player.press_focused("Create")
    await player.act(5, "Open Traffic")
    await player.over()
    assert len(await workspace.calls("POST /spaces")) == 1
    assert "events-snowflake" in await workspace.warehouses()


async def test_an_approved_update(player: Player, workspace: Workspace) -> None:
    await player.begin("update")
    await player.act(1, "Send it")
    await player.act_in_form(2, "Fill it in")
    await player.act_in_form(3, "Show me where")
    await player.press_focused("Save")
    await player.act(4, "Act as Bob")
    await player.act(5, "Show me where")
    await player.picture("scene-update")
    await player.press_focused("Approve update")
    await player.page.get_by_test_id("confirm").get_by_role("button", name="Approve update").click()
    await player.over()
    assert (await workspace.warehouses())["prod-snowflake"]["settings"]["database"] == "PROFILES_NEXT"


async def test_a_deletion_approved_under_drift(player: Player, workspace: Workspace) -> None:
    await player.begin("drift")
    await player.act(1, "Send it")
    await player.act(2, "Turn it on in Segment")
    await player.act(3, "Act as Bob")
    await player.act(4, "Show me where")
    await player.press_focused("Approve deletion")
    await player.act_in_form(5, "Type it for me")
    await player.press_focused("Approve deletion")
    await player.at(6)
    assert "legacy-redshift" in await workspace.warehouses()
    await player.picture("scene-drift")
    await player.act(6, "Ask again as Alice")
    await player.act(7, "Open it as Bob")
    await player.press_focused("Approve deletion")
    await player.over()
    assert "legacy-redshift" not in await workspace.warehouses()


async def test_segment_fails_in_the_middle(player: Player, workspace: Workspace) -> None:
    await player.begin("failing")
    await player.act(1, "Send it")
    await player.act(2, "Turn the outage on")
    await expect(player.page.get_by_test_id("outage-midway")).to_be_checked()
    await expect(player.page.get_by_test_id("faults-on")).to_have_text("1")
    await player.act(3, "Act as Bob")
    await player.act(4, "Show me where")
    await player.press_focused("Approve disabling")
    await player.page.get_by_test_id("confirm").get_by_role("button", name="Approve disabling").click()
    await player.at(5)
    assert not (await workspace.warehouses())["analytics-redshift"]["enabled"]
    await player.picture("scene-failing")
    await player.act(5, "Turn the outage off")
    await expect(player.page.get_by_test_id("outage-midway")).not_to_be_checked()
    await player.act(6, "Move the clock by a minute")
    await player.over()


async def test_a_scene_starts_again_from_the_middle(player: Player, workspace: Workspace) -> None:
    await player.begin("failing")
    await player.act(1, "Send it")
    await player.act(2, "Turn the outage on")
    await player.at(3)
    await player.page.get_by_test_id("scene-again").click()
    await player.at(1)
    assert (await workspace.get("faults"))["faults"] == []
    await player.sees("cancelled by")
    await player.act(1, "Send it")
    await player.at(2)
    await player.page.reload()  # where it stands is kept
    await player.at(2)
    await player.page.get_by_test_id("scene-leave").click()
    await expect(player.page.get_by_test_id("scene-check")).to_be_focused()
    assert player.complaints == []
    # The tests share a bot, in any order: a request that stays open would be in the way of the next one's.
    await workspace.click(await workspace.sees("asks to disable analytics-redshift"), "Cancel", "U0ALICE")
    await workspace.sees("cancelled by")


async def test_a_scene_follows_what_is_done_by_hand_and_in_another_window(player: Player, workspace: Workspace) -> None:
    await player.begin("update")
    await player.type("/warehouse update prod-snowflake")
    await player.at(2)
    await player.form.get_by_label("Database name").fill("PROFILES_NEXT")
    await player.form.get_by_label("Why").fill("by hand")
    await player.at(3)
    await player.page.get_by_test_id("modal-submit").click()
    await player.at(4)
    card = await workspace.sees("asks to update prod-snowflake", "U0BOB")
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await player.over()
    assert await player.page.get_by_test_id("act-as").input_value() == "U0ALICE"


async def test_a_scene_is_played_with_the_keyboard_alone(player: Player) -> None:
    await player.begin("check")
    for step in (1, 2, 3, 4):
        await player.at(step)
        await expect(player.dock.get_by_test_id("scene-act")).to_be_focused()
        await player.page.keyboard.press("Enter")
    await player.over()
    await expect(player.page.locator("#scene-said")).to_contain_text("The scene is over.")


async def test_outages_are_switched_and_the_clock_is_shown(player: Player, workspace: Workspace) -> None:
    await player.page.get_by_test_id("tab-workspace").click()
    for name in ("silent", "late", "lost", "refuses", "waits"):
        await player.page.get_by_test_id(f"outage-{name}").check()
    await expect(player.page.get_by_test_id("faults-on")).to_have_text("5")
    await player.page.get_by_test_id("outage-late").uncheck()
    await expect(player.page.get_by_test_id("faults-on")).to_have_text("4")
    due = (await workspace.get("faults"))["faults"]
    assert [each for each in due if each.get("delay")] == []
    await workspace.fault("slack", "views.open", error="fatal_error")  # by somebody else: it shows, and can be cleared
    await player.page.get_by_role("button", name="Clear this fault: slack views.open").click()
    await player.page.get_by_role("button", name="Clear all faults").click()
    await expect(player.page.get_by_test_id("faults-on")).to_have_count(0)
    await expect(player.page.get_by_test_id("outage-silent")).not_to_be_checked()
    await player.page.get_by_role("button", name="+ 1 hour").click()
    await expect(player.page.get_by_test_id("clock-day")).to_contain_text("1 h ahead of this machine")
    assert player.complaints == []


async def test_segments_panel_is_live(player: Player, workspace: Workspace) -> None:
    calls = player.page.locator("#segment-calls > li")
    await expect(calls).to_have_count(0)
    await workspace.command("list")
    await expect(calls.filter(has_text="GET").first).to_be_visible()
    await expect(player.page.locator("#segment-audit > li").first).to_contain_text("Retrieved")
    await workspace.post("segment/change", warehouse="crm-postgres", enabled=False)
    row = player.page.get_by_test_id("segment-warehouse").filter(has_text="crm-postgres")
    await expect(row).to_have_attribute("data-enabled", "false")
    await expect(player.page.locator("#segment-audit > li").first).to_contain_text("crm-postgres")


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_list_of_scenes_fits(player: Player, width: int) -> None:
    await player.page.set_viewport_size({"width": width, "height": 844})
    await expect(player.page.get_by_test_id("scene-failing")).to_be_visible()
    assert await player.page.evaluate("document.documentElement.scrollWidth") <= width
