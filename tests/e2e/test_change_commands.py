"""create, update, enable, disable, delete: from the form or the command to what the local Segment then has."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SECRET, StartBot
from tests.support.local_workspace import Process, Workspace, buttons, until, values

#: What Alice types into the form of a Snowflake warehouse.
SNOWFLAKE = {
    "name": "new-snowflake",
    "account_id": "acme-new",
    "username": "SEGMENT",
    "warehouse": "LOADING",
    "database_name": "PROFILES",
    "password": "LOADER",
}


#: Deleting and looking are shown over both ways in; what differs between those is below what is shown here.
SOCKET = [pytest.mark.usefixtures("bot"), pytest.mark.parametrize("way", ["socket"], indirect=True)]


async def open_create(workspace: Workspace, kind: str = "Snowflake") -> dict[str, object]:
    """The form for a new warehouse in prod, with the settings of that type."""
    await workspace.command("create prod")
    view = await workspace.view(having="Choose a type")
    await workspace.choose(view, "type", kind)
    return await workspace.view(having="Schema name")


class TestCreating:
    pytestmark = SOCKET

    async def test_a_new_warehouse(self, workspace: Workspace) -> None:
        view = await open_create(workspace)
        answer = await workspace.submit(view, **SNOWFLAKE, schema_name="profiles_new")
        assert answer["ok"], answer
        card = await workspace.sees("new-snowflake is created", user="U0BOB", thread_ts=None)
        assert "asked by <@U0ALICE>" in card["text"]
        assert "read back as asked" in card["text"]
        await workspace.closed()
        made = (await workspace.warehouses())["new-snowflake"]
        assert made["settings"]["account"] == "acme-new"
        assert made["secrets"] == {"password": "set"}
        assert (made["enabled"], made["schemaName"]) == (True, "profiles_new")
        told = await workspace.sees("the outcome of", user="U0BOB")
        assert told["thread_ts"] == card["ts"]
        assert "password _hidden_" in told["text"]

    async def test_no_secret_passes_through_slack(self, workspace: Workspace, bot: Process) -> None:
        await workspace.submit(await open_create(workspace), **SNOWFLAKE)
        await workspace.sees("the outcome of")
        assert SECRET not in json.dumps(await workspace.get("log"))
        assert SECRET not in bot.text

    async def test_a_connection_is_tried_without_closing_the_form(self, workspace: Workspace) -> None:
        view = await open_create(workspace)
        typed = await workspace.fill(view, **{**SNOWFLAKE, "account_id": "unreachable"})
        await workspace.press(view, "Test connection", values=typed)
        await workspace.view(having="can't connect")
        typed = await workspace.fill(view, **SNOWFLAKE)
        await workspace.press(view, "Test connection", values=typed)
        again = await workspace.view(having="Segment can connect")
        assert "new-snowflake" not in await workspace.warehouses()
        assert (await workspace.submit(again, **SNOWFLAKE))["ok"]
        await workspace.sees("new-snowflake is created")

    async def test_segments_complaint_lands_on_the_input_it_names(self, workspace: Workspace) -> None:
        view = await open_create(workspace, "Redshift")
        typed = {
            "name": "new-redshift",
            "hostname": "db.example.com",
            "port": "many",
            "database_name": "d",
            "username": "u",
            "password": "LOADER",
        }
        answer = await workspace.submit(view, **typed)
        assert answer["response_action"] == "errors"
        (block,) = answer["errors"]
        assert block.endswith(":port")
        assert "new-redshift" not in await workspace.warehouses()
        await workspace.sees("Not created: new-redshift", user="U0BOB")
        assert (await workspace.submit(view, **{**typed, "port": "5439"}))["ok"]
        await workspace.sees("new-redshift is created")

    async def test_a_slow_segment_leaves_the_form_with_a_word_and_then_the_outcome(self, workspace: Workspace) -> None:
        await workspace.fault("segment", "POST /spaces", delay=3.5)
        view = await open_create(workspace)
        assert (await workspace.submit(view, **SNOWFLAKE))["response_action"] == "update"
        await workspace.view(having="You can close this")
        await workspace.view(having="the outcome is on its card")
        await workspace.sees("new-snowflake is created")

    async def test_a_slow_refusal_brings_the_form_back_with_what_was_typed(self, workspace: Workspace) -> None:
        await workspace.fault(
            "segment", "POST /spaces", delay=3, status=422, error="no such account", field="settings.account"
        )
        view = await open_create(workspace)
        await workspace.submit(view, **SNOWFLAKE)
        again = await workspace.view(having="no such account")
        ids = [block["block_id"] for block in again["blocks"]]
        at = next(index for index, name in enumerate(ids) if name.endswith(":account"))
        assert ids[at + 1].startswith("error:")
        assert again["state"]["values"][ids[at]]["value"]["value"] == "acme-new"
        assert (await workspace.submit(again))["ok"]
        await workspace.sees("new-snowflake is created")

    async def test_where_nobody_would_see_it_nothing_is_created_and_nothing_typed_is_lost(
        self, workspace: Workspace
    ) -> None:
        await workspace.command("create prod", channel="C0QUIET")
        view = await workspace.view(having="Choose a type")
        await workspace.choose(view, "type", "Snowflake")
        view = await workspace.view(having="Schema name")
        await workspace.submit(view, **SNOWFLAKE)
        again = await workspace.view(having="/invite @warehouse")
        assert "new-snowflake" not in await workspace.warehouses()
        await workspace.post("message", channel="C0QUIET", user="U0ALICE", text="/invite @warehouse")
        assert (await workspace.submit(again))["ok"]
        await workspace.sees("new-snowflake is created", channel="C0QUIET")

    async def test_a_type_whose_keys_are_guesses_says_so_and_takes_them(self, workspace: Workspace) -> None:
        view = await open_create(workspace, "Databricks")
        assert "guess" in json.dumps(view)
        lines = (
            "hostname = dbc.example.com\nhttp_path = /sql/1\nport = 443\ncatalog = main\n"
            "client_id = c1\npassword = secret:LOADER"
        )
        assert (await workspace.submit(view, name="new-bricks", other_settings=lines))["ok"]
        await workspace.sees("new-bricks is created")
        assert (await workspace.warehouses())["new-bricks"]["secrets"] == {"password": "set"}

    async def test_a_form_delivered_twice_creates_once(self, workspace: Workspace) -> None:
        view = await open_create(workspace)
        await workspace.post("submit", user="U0ALICE", values=await workspace.fill(view, **SNOWFLAKE), redeliver=True)
        await workspace.sees("the outcome of")
        assert len(await workspace.calls("POST /spaces")) == 1
        assert len([each for each in await workspace.messages() if "is created" in each["text"]]) <= 2

    @pytest.mark.parametrize("how", [{"drop": "after"}, {"body": "{", "status": 200}, {"body": "half an ans"}])
    async def test_an_answer_lost_after_the_effect_is_not_called_a_failure(
        self, workspace: Workspace, how: dict[str, object]
    ) -> None:
        await workspace.fault("segment", "POST /spaces", **how)
        await workspace.submit(await open_create(workspace), **SNOWFLAKE)
        await workspace.sees("new-snowflake is created")
        assert len(await workspace.calls("POST /spaces")) == 1

    async def test_an_answer_lost_before_the_effect_is_not_called_done(self, workspace: Workspace) -> None:
        await workspace.fault("segment", "POST /spaces", drop="before")
        await workspace.submit(await open_create(workspace), **SNOWFLAKE)
        await workspace.sees("Outcome unknown")
        assert "new-snowflake is created" not in str(await workspace.messages())
        assert len(await workspace.calls("POST /spaces")) == 1


async def test_a_file_is_a_secret_for_those_whom_the_policy_lets_use_it(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    (tmp_path / "held" / "snowflake").mkdir(parents=True)
    (tmp_path / "held" / "snowflake" / "loader").write_text(f"{SECRET}\n")
    (tmp_path / "policy.toml").write_text('[secrets]\n"snowflake/*" = ["@data-oncall"]')
    bot = await start_bot(SECRETS_DIR=str(tmp_path / "held"), POLICY_FILE=str(tmp_path / "policy.toml"))
    typed = {**SNOWFLAKE, "password": "file:snowflake/loader"}
    assert "there is no secret that you may use" in json.dumps(await open_create(workspace))
    await workspace.command("create prod", "U0BOB")
    await workspace.choose(await workspace.view("U0BOB", having="Choose a type"), "type", "Snowflake", "U0BOB")
    await workspace.submit(await workspace.view("U0BOB", having="Schema name"), "U0BOB", **typed)
    await workspace.sees("new-snowflake is created", thread_ts=None)
    assert (await workspace.warehouses())["new-snowflake"]["secrets"] == {"password": "set"}
    assert SECRET not in json.dumps(await workspace.get("log"))
    assert SECRET not in bot.text


async def test_without_secrets_the_form_says_where_they_belong(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot(WAREHOUSE_SECRET_LOADER="")
    assert "WAREHOUSE_SECRET_" in json.dumps(await open_create(workspace))


class TestUpdating:
    pytestmark = SOCKET

    async def test_a_change_of_the_database_is_approved_by_another(self, workspace: Workspace) -> None:
        before = (await workspace.warehouses())["prod-snowflake"]
        await workspace.command("update prod-snowflake")
        view = await workspace.view(having="Account ID")
        refused = await workspace.submit(view, database_name="PROFILES_V2")
        assert list(refused["errors"]) == ["reason"]
        assert (await workspace.submit(view, database_name="PROFILES_V2", why="more room"))["ok"]
        card = await workspace.sees("asks to update prod-snowflake", user="U0BOB")
        assert "→ PROFILES_V2" in card["text"]
        assert "settings stay as they are" in card["text"]
        assert buttons(card) == ["Approve update", "Deny", "Cancel"]
        assert (await workspace.warehouses())["prod-snowflake"] == before
        await workspace.click(card, "Approve update", "U0BOB", confirm=True)
        done = await workspace.sees("prod-snowflake is updated", thread_ts=None)
        assert done["ts"] == card["ts"]
        assert "approved by <@U0BOB>" in done["text"]
        assert buttons(done) == ["Undo…"]
        after = (await workspace.warehouses())["prod-snowflake"]
        assert after["settings"] == {**before["settings"], "database": "PROFILES_V2"}
        assert after["credentialsReplaced"] == before["credentialsReplaced"]
        told = await workspace.sees("the outcome of")
        assert "database PROFILES_V2" in told["text"]

    async def test_a_rename_needs_nobody(self, workspace: Workspace) -> None:
        await workspace.command("update prod-snowflake")
        assert (await workspace.submit(await workspace.view(having="Account ID"), name="renamed"))["ok"]
        await workspace.sees("prod-snowflake is updated", thread_ts=None)
        assert "renamed" in await workspace.warehouses()

    async def test_nothing_changed_is_said_and_not_sent(self, workspace: Workspace) -> None:
        await workspace.command("update prod-snowflake")
        await workspace.submit(await workspace.view(having="Account ID"))
        view = await workspace.view(having="Nothing is changed yet")
        await workspace.submit(view, database_name="V2")
        again = await workspace.view(having="want to know why")
        assert "Nothing is changed yet" not in json.dumps(again)
        assert await workspace.calls("PATCH") == []

    async def test_credentials_are_replaced_from_a_secret_by_its_name(self, workspace: Workspace) -> None:
        await workspace.command("update prod-snowflake")
        await workspace.submit(await workspace.view(having="Account ID"), password="LOADER", why="rotated")
        card = await workspace.sees("Password → secret LOADER", user="U0BOB")
        await workspace.click(card, "Approve update", "U0CAROL", confirm=True)
        await workspace.sees("prod-snowflake is updated", thread_ts=None)
        after = (await workspace.warehouses())["prod-snowflake"]
        assert after["credentialsReplaced"]
        assert SECRET not in json.dumps(await workspace.get("log"))

    async def test_enabling_needs_nobody_and_disabling_does(self, workspace: Workspace) -> None:
        await workspace.command("enable legacy-redshift")
        await workspace.sees("legacy-redshift is enabled", user="U0BOB")
        assert (await workspace.warehouses())["legacy-redshift"]["enabled"] is True
        await workspace.command("enable legacy-redshift")
        await workspace.sees("legacy-redshift is already on; nothing was sent", ephemeral=True)
        await workspace.command("disable legacy-redshift --reason moved")
        card = await workspace.sees("asks to disable legacy-redshift", user="U0BOB")
        assert "sync on → off" in card["text"]
        await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
        await workspace.sees("legacy-redshift is disabled")
        assert (await workspace.warehouses())["legacy-redshift"]["enabled"] is False

    async def test_what_changed_outside_since_it_was_asked_is_left_alone(self, workspace: Workspace) -> None:
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
        await workspace.command("update prod-snowflake")
        await workspace.submit(await workspace.view(having="Account ID"), name="renamed")
        await workspace.sees("prod-snowflake is updated", thread_ts=None)
        await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
        said = await workspace.sees("changed since it was asked")
        assert "name prod-snowflake → renamed" in said["text"]
        assert (await workspace.warehouses())["renamed"]["enabled"] is True


async def test_what_the_bot_can_not_find_out_is_told_by_an_approver(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text('[execution]\nlook_again = "1s"\n[secrets]\nLOADER = ["everyone"]\n')
    await start_bot(POLICY_FILE=str(tmp_path / "policy.toml"), WAREHOUSE_SECRET_LOADER=SECRET)
    await workspace.command("update prod-snowflake")
    await workspace.submit(await workspace.view(having="Account ID"), password="LOADER", why="rotated")
    card = await workspace.sees("Password → secret LOADER", user="U0BOB")
    await workspace.fault("segment", "PATCH /spaces", times=None, drop="after")
    await workspace.click(card, "Approve update", "U0CAROL", confirm=True)
    unknown = await workspace.sees("Outcome unknown", user="U0BOB", thread_ts=None)
    assert unknown["ts"] == card["ts"]

    async def settleable() -> dict[str, Any] | None:
        shown = [each for each in await workspace.messages("U0BOB") if each["ts"] == card["ts"]]
        return shown[0] if "Settle…" in buttons(shown[0]) else None

    await workspace.click(await until(settleable), "Settle…", "U0BOB")
    view = await workspace.view("U0BOB", having="What happened")
    answer = await workspace.submit(view, "U0BOB", what_happened="It was done", why="the sync runs with it")
    assert answer["ok"], answer
    done = await workspace.sees("told by <@U0BOB>: _the sync runs with it_", user="U0BOB", thread_ts=None)
    assert done["text"].startswith("✅ prod-snowflake is updated")


class TestDeleting:
    pytestmark = pytest.mark.usefixtures("bot")

    async def test_a_deletion_from_asking_to_gone(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved", user="U0BOB")
        card = await workspace.sees("asks to delete legacy-redshift")
        assert "credentials can't be read back" in card["text"]
        assert "0 of 1 approvals" in card["text"]
        assert "why: _moved_" in card["text"]
        # Bob is an approver, and it is his own request.
        await workspace.click(card, "Approve deletion", "U0BOB")
        await workspace.sees("somebody else has to decide it", user="U0BOB", ephemeral=True)
        # Alice is not an approver.
        await workspace.click(card, "Approve deletion", "U0ALICE")
        await workspace.sees("can decide this request", ephemeral=True)
        wrong = await workspace.approve_deletion(card, "U0CAROL", name="legacy")
        assert wrong["response_action"] == "errors"
        assert "legacy-redshift" in await workspace.warehouses()
        await workspace.approve_deletion(card, "U0CAROL")
        done = await workspace.sees("legacy-redshift is deleted", thread_ts=None)
        assert done["ts"] == card["ts"]
        assert "approved by <@U0CAROL>" in done["text"]
        assert "verified gone" in done["text"]
        assert "legacy-redshift" not in await workspace.warehouses()
        assert len(await workspace.calls("DELETE /spaces")) == 1
        gone = "asked by <@U0BOB>, approved by <@U0CAROL>). /warehouse history legacy-redshift tells more"
        await workspace.command("show Legacy-Redshift")
        await workspace.sees(gone, ephemeral=True)
        await workspace.command("delete Legacy-Redshift", user="U0BOB")
        await workspace.view("U0BOB", having="`legacy-redshift` was deleted <!date^")
        await workspace.command("history Legacy-Redshift")
        told = await workspace.sees("is no longer there", ephemeral=True)
        assert "legacy-redshift is deleted" in told["text"]
        assert "why: _moved_" in told["text"]

    async def test_pressing_often_is_one_call(self, workspace: Workspace) -> None:
        await workspace.fault("segment", "DELETE /spaces", delay=1)
        await workspace.command("delete legacy-redshift --reason moved")
        card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
        typed = {}
        for user in ("U0BOB", "U0CAROL"):
            await workspace.click(card, "Approve deletion", user)
            view = await workspace.view(user, having="Type its name")
            typed[user] = values(view, type_its_name="legacy-redshift")
        await asyncio.gather(
            *(workspace.post("submit", user=user, values=named, redeliver=True) for user, named in typed.items())
        )
        await workspace.sees("legacy-redshift is deleted", thread_ts=None)
        assert len(await workspace.calls("DELETE /spaces")) == 1

    async def test_pressing_thirty_times_is_one_call(self, workspace: Workspace) -> None:
        await workspace.fault("segment", "PATCH /spaces", delay=1)
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
        presses = [workspace.click(card, "Approve disabling", user, confirm=True) for user in ("U0BOB", "U0CAROL") * 15]
        await asyncio.gather(*presses)
        await workspace.sees("prod-snowflake is disabled", thread_ts=None)
        assert len(await workspace.calls("PATCH /spaces")) == 1
        heard = [each["text"] for user in ("U0BOB", "U0CAROL") for each in await workspace.messages(user)]
        assert any("approved this" in text for text in heard)

    async def test_a_press_of_somebody_whom_slack_is_slow_to_tell_about_does_nothing_and_says_so(
        self, workspace: Workspace
    ) -> None:
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
        await workspace.fault("slack", "users.info", delay=4)
        pressed = await workspace.click(card, "Approve disabling", "U0GUEST", confirm=True)
        assert pressed["ok"]
        await workspace.sees("Slack can't say right now who you are", user="U0GUEST", ephemeral=True)
        assert await workspace.calls("PATCH /spaces") == []

    async def test_denying_and_cancelling_end_it(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved")
        card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
        await workspace.click(card, "Cancel", "U0BOB")
        await workspace.sees("can cancel it", user="U0BOB", ephemeral=True)
        await workspace.click(card, "Deny", "U0BOB")
        await workspace.submit(await workspace.view("U0BOB", having="Why"), "U0BOB", why="still feeds a report")
        denied = await workspace.sees("denied by <@U0BOB>: _still feeds a report_", thread_ts=None)
        assert buttons(denied) == []
        await workspace.command("delete legacy-redshift --reason moved")
        card = await workspace.sees("asks to delete legacy-redshift")
        await workspace.click(card, "Cancel", "U0ALICE")
        await workspace.sees("cancelled by <@U0ALICE>")
        assert "legacy-redshift" in await workspace.warehouses()

    async def test_a_command_delivered_twice_asks_once(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved", redeliver=True)
        await workspace.sees("asks to delete legacy-redshift")
        await asyncio.sleep(0.3)
        cards = [each for each in await workspace.messages() if "asks to delete" in each["text"]]
        assert len(cards) == 1

    async def test_in_a_direct_message_no_approver_would_see_it_so_nothing_is_asked(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved", channel="D0ALICE")
        await workspace.sees("nobody who could give it reads a direct message", channel="D0ALICE", ephemeral=True)
        await workspace.command("pending")
        await workspace.sees("No open requests", ephemeral=True)

    async def test_where_nobody_would_see_it_nothing_is_asked(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved", channel="C0QUIET")
        await workspace.sees("/invite @warehouse", channel="C0QUIET", ephemeral=True)
        await workspace.command("pending")
        await workspace.sees("No open requests", ephemeral=True)

    async def test_people_of_another_company_decide_nothing(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift --reason moved", channel="C0SHARED")
        card = await workspace.sees("asks to delete legacy-redshift", channel="C0SHARED")
        await workspace.click(card, "Approve deletion", "U0MALLORY", "C0SHARED")
        await workspace.sees("Only members of this workspace", user="U0MALLORY", channel="C0SHARED", ephemeral=True)
        assert "legacy-redshift" in await workspace.warehouses()


async def test_without_approvers_nothing_destructive_can_be_asked(workspace: Workspace, start_bot: StartBot) -> None:
    bot = await start_bot(APPROVERS="")
    await bot.saw("no approvers")
    await workspace.command("delete legacy-redshift --reason moved")
    await workspace.sees("Nobody is configured to approve this", ephemeral=True)


async def test_cards_go_where_the_approvers_are(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot(APPROVALS_CHANNEL="C0SHARED")
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB", channel="C0SHARED")
    await workspace.approve_deletion(card, "U0BOB", "C0SHARED")
    await workspace.sees("legacy-redshift is deleted", channel="C0SHARED")
    await workspace.sees("<@U0ALICE>, the outcome of", channel="C0OPS")


async def test_only_the_spaces_that_are_allowed_are_seen(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot(SEGMENT_SPACES="staging")
    await workspace.command("list")
    await workspace.sees("2 in staging")
    await workspace.command("delete prod-snowflake --reason moved")
    await workspace.sees("I don't know a warehouse prod-snowflake", ephemeral=True)


async def _none_left(workspace: Workspace) -> bool | None:
    return not (await workspace.get("faults"))["faults"] or None


class TestAfterwards:
    pytestmark = SOCKET

    async def test_without_a_reason_the_command_asks_for_one(self, workspace: Workspace) -> None:
        await workspace.command("delete legacy-redshift")
        view = await workspace.view(having="Why")
        assert list((await workspace.submit(view))["errors"]) == [view["blocks"][1]["block_id"]]
        await workspace.submit(view, why="moved to Snowflake")
        card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB", thread_ts=None)
        assert "why: _moved to Snowflake_" in card["text"]
        assert "open until" in card["text"]

    async def test_a_superseded_request_can_be_asked_again_with_the_new_state(self, workspace: Workspace) -> None:
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB", thread_ts=None)
        await workspace.command("update prod-snowflake")
        await workspace.submit(await workspace.view(having="Account ID"), name="renamed")
        await workspace.sees("prod-snowflake is updated", thread_ts=None)
        await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
        said = await workspace.sees("changed since it was asked", thread_ts=None)
        await workspace.click(said, "Ask again with this state", "U0ALICE")
        card = await workspace.sees("asks to disable renamed", user="U0BOB", thread_ts=None)
        await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
        await workspace.sees("renamed is disabled", thread_ts=None)

    async def test_what_another_asks_again_keeps_the_words_of_the_first_and_the_old_card_leads_there(
        self, workspace: Workspace
    ) -> None:
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", thread_ts=None)
        await workspace.click(card, "Cancel", "U0ALICE")
        ended = await workspace.sees("asked and cancelled by <@U0ALICE>", thread_ts=None)
        await workspace.click(ended, "Ask again", "U0BOB")
        again = await workspace.sees("<@U0BOB> asks to disable prod-snowflake", user="U0CAROL", thread_ts=None)
        assert "why (said by <@U0ALICE>): _moved_" in again["text"]
        led = await workspace.sees("asked again by <@U0BOB> as W-", thread_ts=None)
        assert led["ts"] == card["ts"]
        assert "|its card>" in led["text"]
        assert buttons(led) == []

    async def test_a_button_that_asked_again_already_leads_to_what_was_asked(self, workspace: Workspace) -> None:
        await workspace.command("disable prod-snowflake --reason moved")
        await workspace.click(await workspace.sees("asks to disable", thread_ts=None), "Cancel", "U0ALICE")
        ended = await workspace.sees("asked and cancelled by <@U0ALICE>", thread_ts=None)
        await workspace.fault("slack", "chat.update", error="internal_error")
        await workspace.click(ended, "Ask again", "U0BOB")
        again = await workspace.sees("<@U0BOB> asks to disable", thread_ts=None)
        await until(lambda: _none_left(workspace))
        await workspace.click(again, "Cancel", "U0BOB")
        await workspace.sees("asked and cancelled by <@U0BOB>", thread_ts=None)
        await workspace.click(ended, "Ask again", "U0CAROL")
        late = await workspace.sees("asked again by <@U0BOB> as W-", user="U0CAROL", ephemeral=True)
        assert "|its card>" in late["text"]
        assert not [each for each in await workspace.messages() if "asks to disable" in each["text"]]

    async def test_an_update_can_be_taken_back(self, workspace: Workspace) -> None:
        before = (await workspace.warehouses())["prod-snowflake"]["settings"]
        await workspace.command("update prod-snowflake")
        await workspace.submit(await workspace.view(having="Account ID"), database_name="V2", why="more room")
        card = await workspace.sees("asks to update prod-snowflake", user="U0BOB", thread_ts=None)
        await workspace.click(card, "Approve update", "U0BOB", confirm=True)
        done = await workspace.sees("prod-snowflake is updated", thread_ts=None)
        await workspace.click(done, "Undo…", "U0ALICE")
        answer = await workspace.submit(await workspace.view(having="undo W-"))
        assert answer["ok"], answer
        card = await workspace.sees("asks to update prod-snowflake", user="U0BOB", thread_ts=None)
        await workspace.click(card, "Approve update", "U0BOB", confirm=True)

        async def taken_back() -> bool | None:
            return (await workspace.warehouses())["prod-snowflake"]["settings"] == before or None

        assert await until(taken_back)

    async def test_a_deleted_warehouse_can_be_made_again_with_its_secrets_chosen_anew(
        self, workspace: Workspace
    ) -> None:
        await workspace.command("delete prod-snowflake --reason moved")
        card = await workspace.sees("asks to delete prod-snowflake", user="U0BOB", thread_ts=None)
        await workspace.approve_deletion(card, "U0BOB", name="prod-snowflake")
        done = await workspace.sees("prod-snowflake is deleted", thread_ts=None)
        await workspace.click(done, "Recreate…", "U0ALICE")
        view = await workspace.view(having="acme-prod")
        assert (await workspace.submit(view, password="LOADER"))["ok"]
        await workspace.sees("prod-snowflake is created", thread_ts=None)
        assert (await workspace.warehouses())["prod-snowflake"]["settings"]["account"].startswith("acme-prod")
        await workspace.command("history prod-snowflake")
        text = (await workspace.sees("Segment's audit trail", ephemeral=True))["text"]
        now, before = text.split("prod-snowflake is no longer there · space prod · id ")
        assert ("is created" in now, "is deleted" in now, "· on · space prod · id" in now) == (True, False, True)
        assert ("is created" in before, "is deleted" in before, "why: _moved_" in before) == (False, True, True)
