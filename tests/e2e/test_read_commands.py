"""help, list, show, pending: as people type them, in the local workspace."""

import httpx
import pytest

from tests.support.local_workspace import Process, Workspace, action, buttons, until

pytestmark = pytest.mark.usefixtures("bot")


async def test_help_is_for_the_one_who_asks(workspace: Workspace) -> None:
    await workspace.command("help")
    said = await workspace.sees("/warehouse list", ephemeral=True)
    for word in ("list", "show", "create", "update", "enable", "disable", "delete", "history", "pending"):
        assert f"/warehouse {word}" in said["text"]
    assert "Profiles Sync warehouses, from Slack" not in str(await workspace.messages("U0BOB"))


async def test_list_is_posted_to_the_channel_with_every_space(workspace: Workspace) -> None:
    await workspace.command("list")
    said = await workspace.sees("10 in prod, staging", user="U0BOB")
    assert said["ephemeral"] is False
    for name in ("prod-snowflake", "legacy-redshift", "staging-postgres"):
        assert name in said["text"]
    assert "1 disabled" in said["text"]
    assert "page 1 of 1" in said["text"]
    assert buttons(said) == ["Refresh"]


async def test_a_list_can_be_narrowed_and_kept_to_oneself(workspace: Workspace) -> None:
    await workspace.command("list prod --type snowflake —private --find “finance”")
    said = await workspace.sees("1 in prod", ephemeral=True)
    assert "finance-snowflake" in said["text"]
    assert "prod-snowflake" not in said["text"]
    await workspace.command("list --disabled")
    assert "legacy-redshift" in (await workspace.sees("only those disabled"))["text"]


async def test_pages_turn_in_place(workspace: Workspace) -> None:
    for number in range(3):
        await _create(workspace, f"extra-{number}")
    await workspace.command("list")
    first = await workspace.sees("page 1 of 2")
    assert buttons(first) == ["Next", "Refresh"]
    await workspace.click(first, "Next", "U0BOB")
    second = await workspace.sees("page 2 of 2")
    assert second["ts"] == first["ts"]
    assert buttons(second) == ["Previous", "Refresh"]
    await workspace.click(second, "Previous", "U0BOB")
    await workspace.sees("page 1 of 2")


async def _create(workspace: Workspace, name: str) -> None:
    state = await workspace.get("state")
    segment = state["segment"]
    space = next(each for each in segment["spaces"] if each["slug"] == "prod")
    async with httpx.AsyncClient() as http:
        made = await http.post(
            f"{segment['url']}/spaces/{space['id']}/profiles-warehouses",
            headers={"Authorization": f"Bearer {segment['token']}"},
            json={
                "metadataId": "aea3c55dsz",
                "name": name,
                "settings": {"hostname": "h", "port": "5439", "database": "d", "username": "u", "password": "p"},
            },
        )
        assert made.status_code == 201, made.text


async def test_a_private_list_turns_its_pages_too(workspace: Workspace) -> None:
    await _create(workspace, "extra")
    await workspace.command("list --private")
    first = await workspace.sees("page 1 of 2", ephemeral=True)
    await workspace.click(first, "Next", "U0ALICE")
    await workspace.sees("page 2 of 2", ephemeral=True)
    assert "page 1 of 2" not in str(await workspace.messages())


async def test_show_posts_one_with_its_secrets_hidden(workspace: Workspace) -> None:
    await workspace.command("show PROD-Snowflake")
    said = await workspace.sees("prod-snowflake · Snowflake · on", user="U0CAROL")
    assert "account acme-prod" in said["text"]
    assert "password _hidden_" in said["text"]
    assert "declared-password" not in str(said)


async def test_a_menu_on_each_row_leads_on(workspace: Workspace) -> None:
    await workspace.command("list prod --find finance")
    row = await workspace.sees("finance-snowflake")
    menu = next(block["accessory"] for block in row["blocks"] if block.get("accessory"))
    assert [each["text"]["text"] for each in menu["options"]] == ["Details", "Update…", "Disable", "Delete"]
    await workspace.click(row, "Details", "U0BOB")
    await workspace.sees("finance-snowflake · Snowflake · on", user="U0BOB")
    await workspace.click(row, "Update…", "U0BOB")
    view = await workspace.view("U0BOB", having="finance-snowflake")
    assert view["callback_id"] == "form:update"


async def test_a_name_that_is_not_there_suggests_the_nearest(workspace: Workspace) -> None:
    await workspace.command("show prod-snoflake")
    said = await workspace.sees("Did you mean prod-snowflake", ephemeral=True)
    await workspace.click(said, "Show it", "U0ALICE")
    await workspace.sees("prod-snowflake · Snowflake", user="U0BOB")


async def test_a_near_miss_never_becomes_a_deletion(workspace: Workspace) -> None:
    await workspace.command("delete prod-snoflake --reason moved")
    assert buttons(await workspace.sees("Did you mean prod-snowflake", ephemeral=True)) == []


async def test_two_of_one_name_ask_which(workspace: Workspace) -> None:
    await _create(workspace, "prod-snowflake")
    await workspace.command("show prod-snowflake")
    said = await workspace.sees("2 warehouses are called prod-snowflake", ephemeral=True)
    rows = [block for block in said["blocks"] if "accessory" in block]
    assert len(rows) == 2
    chosen = {"ts": said["ts"], "blocks": rows[1:]}
    await workspace.post(
        "interact", channel="C0OPS", messageTs=said["ts"], user="U0ALICE", action=action(chosen, "This one")
    )
    await workspace.sees("prod-snowflake · Redshift", user="U0BOB")
    await workspace.command("update prod-snowflake")
    listed = str(await workspace.view(having="Say which by its id"))
    for row in rows:
        assert f"• {row['text']['text'].rpartition(' · ')[2]} · " in listed
    assert "` · Redshift · on · space `prod`" in listed
    assert "` · Snowflake · on · space `prod`" in listed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lst", "Did you mean list"),
        ("list --typ x", "Did you mean --type"),
        ("list nowhere", "I don't know a space nowhere"),
        ("list --type oracle", "I don't know a warehouse type oracle"),
        ("show", "needs a warehouse"),
    ],
)
async def test_what_is_not_understood_is_said_to_that_person_alone(workspace: Workspace, text: str, says: str) -> None:
    await workspace.command(text)
    said = await workspace.sees(says, ephemeral=True)
    assert "/warehouse" in said["text"] or "Did you mean" in said["text"]
    assert says not in str(await workspace.messages("U0BOB"))


async def test_where_the_bot_is_not_it_says_how_to_invite_it(workspace: Workspace) -> None:
    await workspace.command("list", channel="C0QUIET")
    await workspace.sees("/invite @warehouse", channel="C0QUIET", ephemeral=True)
    await workspace.post("message", channel="C0QUIET", user="U0ALICE", text="/invite @warehouse")
    await workspace.command("list", channel="C0QUIET")
    await workspace.sees("page 1 of 1", channel="C0QUIET")


async def test_pending_lists_what_waits(workspace: Workspace) -> None:
    await workspace.command("pending")
    await workspace.sees("No open requests", ephemeral=True)
    await workspace.command("delete legacy-redshift --reason moved")
    await workspace.sees("asks to delete legacy-redshift")

    async def linked() -> str | None:  # the bot knows where its card is a moment after Bob sees it
        await workspace.command("pending", user="U0BOB")
        said = await workspace.sees("1 open request", user="U0BOB", ephemeral=True)
        return said["text"] if "|open>" in said["text"] else None

    assert "0 of 1 approvals" in await until(linked)


async def test_history_shows_both_trails(workspace: Workspace) -> None:
    await workspace.command("enable legacy-redshift")
    await workspace.sees("legacy-redshift is enabled", thread_ts=None)
    await workspace.command("history legacy-redshift")
    said = await workspace.sees("Segment's audit trail", ephemeral=True)
    assert "legacy-redshift is enabled" in said["text"]
    assert "Profiles Sync Warehouse Updated" in said["text"]
    assert "public-api-token/" in said["text"]


async def test_the_home_shows_what_waits(workspace: Workspace) -> None:
    await workspace.command("delete legacy-redshift --reason moved")
    await workspace.sees("asks to delete legacy-redshift")

    async def linked() -> bool | None:  # the bot knows where its card is a moment after others see it
        await workspace.post("open-home", user="U0BOB")
        home = str(await workspace.get("home/U0BOB"))
        return ("legacy-redshift" in home and "|open>" in home) or None

    assert await until(linked)


async def test_the_home_of_another_company_shows_no_requests_and_says_why(workspace: Workspace) -> None:
    await workspace.command("delete legacy-redshift --reason moved", channel="C0SHARED")
    await workspace.sees("asks to delete legacy-redshift", channel="C0SHARED")
    shown = await _home(workspace, "U0MALLORY")
    assert "Requests are shown to the members of this workspace only." in shown
    assert "legacy-redshift" not in shown


async def test_guests_look_at_warehouses_and_see_no_requests_and_no_history(workspace: Workspace) -> None:
    await workspace.command("delete legacy-redshift --reason moved")
    await workspace.sees("asks to delete legacy-redshift")
    shown = await _home(workspace, "U0GUEST")
    assert "Requests and their history are shown to members only." in shown
    assert "legacy-redshift" not in shown
    for command in ("pending", "history legacy-redshift"):
        await workspace.command(command, user="U0GUEST")
        told = await workspace.sees("shown to members only", user="U0GUEST", ephemeral=True)
        assert "legacy-redshift" not in told["text"]
    await workspace.command("show legacy-redshift --private", user="U0GUEST")
    await workspace.sees("legacy-redshift · ", user="U0GUEST", ephemeral=True)


async def _home(workspace: Workspace, user: str) -> str:
    """The Home of that person once the bot has drawn it."""
    await workspace.post("open-home", user=user)

    async def drawn() -> str | None:
        shown = str(await workspace.get(f"home/{user}"))
        return shown if "section" in shown else None

    return await until(drawn)


async def test_guests_look_and_ask_for_nothing(workspace: Workspace) -> None:
    await workspace.command("list", user="U0GUEST")
    await workspace.sees("page 1 of 1", user="U0GUEST")
    await workspace.command("delete legacy-redshift --reason moved", user="U0GUEST")
    await workspace.sees("Guests can look at warehouses", user="U0GUEST", ephemeral=True)


async def test_people_of_another_company_press_nothing(workspace: Workspace) -> None:
    await workspace.command("list prod", channel="C0SHARED")
    said = await workspace.sees("8 in prod", channel="C0SHARED")
    await workspace.click(said, "Refresh", "U0MALLORY", "C0SHARED")
    await workspace.sees("Only members of this workspace", user="U0MALLORY", channel="C0SHARED", ephemeral=True)


async def test_a_slow_or_failing_segment_is_explained(workspace: Workspace) -> None:
    await workspace.fault("segment", "GET /spaces", times=None, status=503)
    await workspace.command("list")
    await workspace.sees("Segment failed (503)", ephemeral=True)


async def test_waiting_for_segment_is_said_and_does_not_keep_the_bot_from_ending(
    workspace: Workspace, bot: Process
) -> None:
    await workspace.fault("segment", "GET /spaces", times=1, status=429, retry_after=16)
    await workspace.command("list")
    await workspace.sees("Segment asks us to wait 16 s. I'll post it here then.", ephemeral=True)
    assert await bot.stop() == 0
    await workspace.sees("The bot is being restarted, so it won't come: ask again.", ephemeral=True)


async def test_nothing_of_a_session_stands_in_the_log(workspace: Workspace, bot: Process) -> None:
    await workspace.command("show prod-snowflake")
    await workspace.sees("prod-snowflake · Snowflake")
    assert "acme-prod" not in bot.text
    assert workspace.variables["SLACK_BOT_TOKEN"] not in bot.text
