"""The world around the bot changes while a request is open: people, groups, channels, messages, deliveries."""

from pathlib import Path

import pytest

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace

SOCKET = pytest.mark.parametrize("way", ["socket"], indirect=True)

ASK = "disable prod-snowflake --reason moved"


@SOCKET
async def test_where_nobody_is_in_the_group_of_the_approvers_nothing_is_asked(
    workspace: Workspace, bot: Process
) -> None:
    await workspace.set_group()
    await workspace.command(ASK)
    refused = await workspace.sees("Nobody can approve this: <!subteam^S0DATA> (nobody is in it)", ephemeral=True)
    assert "Nothing was created." in refused["text"]
    assert len(await workspace.messages("U0ALICE")) == 1


@SOCKET
async def test_who_left_the_group_since_it_was_asked_does_not_decide(workspace: Workspace, bot: Process) -> None:
    await workspace.command(ASK)
    card = await workspace.sees("0 of 1 approvals from <!subteam^S0DATA>")
    await workspace.set_group()
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    void = "The approval of <@U0BOB> no longer counts: they are no longer among the approvers"
    await workspace.sees(void, user="U0BOB", thread_ts=None)
    assert await workspace.calls("PATCH /spaces") == []


@SOCKET
async def test_an_approver_who_became_a_guest_decides_nothing(workspace: Workspace, bot: Process) -> None:
    await workspace.command(ASK)
    card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
    await workspace.make_guest("U0BOB")
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    void = "The approval of <@U0BOB> no longer counts: they are a guest now."
    await workspace.sees(void, user="U0BOB", thread_ts=None)
    assert await workspace.calls("PATCH /spaces") == []


async def test_a_card_that_somebody_deleted_comes_back_with_the_next_reminder(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text('[defaults]\nremind = "1s"\n')
    await start_bot(POLICY_FILE=str(tmp_path / "policy.toml"))
    await workspace.command(ASK)
    card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB", thread_ts=None)
    await workspace.delete(card)
    again = await workspace.sees("0 of 1 approvals", user="U0BOB", thread_ts=None)
    assert again["ts"] != card["ts"]
    await workspace.click(again, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("prod-snowflake is disabled", user="U0BOB", thread_ts=None)


@SOCKET
async def test_in_an_archived_channel_the_outcome_is_told_directly(workspace: Workspace, bot: Process) -> None:
    await workspace.command(ASK)
    card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
    await workspace.archive()
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("prod-snowflake is disabled", channel="D0ALICE")


@SOCKET
async def test_what_is_delivered_twice_at_once_is_done_once(workspace: Workspace, bot: Process) -> None:
    await workspace.command(ASK, redeliver="beside")
    card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True, redeliver="beside")
    await workspace.sees("prod-snowflake is disabled", user="U0BOB", thread_ts=None)
    assert len(await workspace.calls("PATCH /spaces")) == 1
    cards = [each for each in await workspace.messages("U0BOB") if not each.get("thread_ts") and not each["ephemeral"]]
    assert len(cards) == 1
