"""Slack failing on every kind of call: nothing is lost, and the card is right in the end."""

from typing import Any

import pytest

from tests.support.local_workspace import Workspace, buttons, until

pytestmark = [pytest.mark.usefixtures("bot"), pytest.mark.parametrize("way", ["socket"], indirect=True)]

BOT = "U0WAREHOUSE"


async def asked(workspace: Workspace) -> dict[str, Any]:
    await workspace.command("disable prod-snowflake --reason moved")
    return await workspace.sees("asks to disable prod-snowflake", user="U0BOB", thread_ts=None)


async def shows(workspace: Workspace, ts: str, words: str) -> dict[str, Any]:
    """The message at `ts`, once it says `words`."""

    async def it() -> dict[str, Any] | None:
        found = [each for each in await workspace.messages("U0BOB") if each["ts"] == ts]
        return found[0] if found and words in found[0]["text"] else None

    return await until(it)


async def test_a_card_that_can_not_be_repainted_is_right_in_the_end(workspace: Workspace) -> None:
    card = await asked(workspace)
    await workspace.fault("slack", "chat.update", times=3, error="internal_error")
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    await shows(workspace, card["ts"], "prod-snowflake is disabled")


async def test_a_card_that_can_not_be_posted_comes_later_and_the_one_who_asked_is_told(workspace: Workspace) -> None:
    await workspace.fault("slack", "chat.postMessage", error="internal_error")
    await workspace.command("disable prod-snowflake --reason moved")
    await workspace.sees("Slack refused chat.postMessage", ephemeral=True)
    await workspace.sees("asks to disable prod-snowflake", thread_ts=None)
    assert await workspace.calls("PATCH /spaces") == []


async def test_a_card_posted_twice_because_its_answer_was_lost_counts_wherever_it_is_pressed(
    workspace: Workspace,
) -> None:
    await workspace.fault("slack", "chat.postMessage", drop="after")
    await workspace.command("disable prod-snowflake --reason moved")

    async def both() -> list[dict[str, Any]] | None:
        found = [each for each in await workspace.messages("U0BOB") if "asks to disable" in each["text"]]
        return found if len(found) == 2 else None

    stray, card = await until(both)
    await workspace.click(stray, "Approve disabling", "U0BOB", confirm=True)
    await shows(workspace, card["ts"], "prod-snowflake is disabled")
    left = await shows(workspace, stray["ts"], "|its card>")
    assert buttons(left) == []
    assert len(await workspace.calls("PATCH /spaces")) == 1


async def test_who_can_not_be_told_in_the_channel_is_told_directly(workspace: Workspace) -> None:
    card = await asked(workspace)
    await workspace.fault("slack", "response_url", status=500)
    await workspace.fault("slack", "chat.postEphemeral", error="internal_error")
    await workspace.click(card, "Approve disabling", "U0ALICE", confirm=True)
    await workspace.sees("can decide this request", channel="D0ALICE")


async def test_where_the_bot_was_thrown_out_the_outcome_is_told_directly(workspace: Workspace) -> None:
    card = await asked(workspace)
    await workspace.post("membership", channel="C0OPS", user=BOT, member=False)
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("prod-snowflake is disabled", channel="D0ALICE")
    await workspace.post("membership", channel="C0OPS", user=BOT, member=True)
    await shows(workspace, card["ts"], "prod-snowflake is disabled")


async def test_who_closes_a_form_while_it_is_filled_hears_nothing_more_of_it(workspace: Workspace) -> None:
    await workspace.fault("segment", "GET /spaces", delay=1)
    await workspace.command("update prod-snowflake")
    await workspace.view(having="Asking Segment")
    await workspace.post("close", user="U0ALICE")

    async def refused() -> bool | None:
        updates = await workspace.calls("views.update")
        return any(each["answer"].get("error") == "not_found" for each in updates) or None

    await until(refused)
    await workspace.command("help")
    await workspace.sees("/warehouse list", ephemeral=True)
    assert not [each for each in await workspace.messages() if "views.update" in each["text"]]


async def test_who_asked_is_told_directly_that_the_bot_was_thrown_out_before_the_card_was_there(
    workspace: Workspace,
) -> None:
    await workspace.fault("slack", "chat.postMessage", times=None, error="internal_error")
    await workspace.command("disable prod-snowflake --reason moved")
    await workspace.sees("Slack refused chat.postMessage", ephemeral=True)
    await workspace.post("membership", channel="C0OPS", user=BOT, member=False)
    await workspace.clear_faults()
    told = await workspace.sees("Not disabled: prod-snowflake", channel="D0ALICE")
    assert "I'm not in <#C0OPS>" in told["text"]
    await workspace.command("pending")
    await workspace.sees("No open requests", ephemeral=True)


async def test_what_a_dialog_that_was_closed_came_to_is_told_in_the_channel(workspace: Workspace) -> None:
    await workspace.command("delete legacy-redshift", channel="C0QUIET")
    view = await workspace.view(having="Why")
    await workspace.fault("slack", "chat.postMessage", delay=3)
    assert (await workspace.submit(view, why="moved"))["response_action"] == "update"
    await workspace.sees("/invite @warehouse", channel="C0QUIET", ephemeral=True)
