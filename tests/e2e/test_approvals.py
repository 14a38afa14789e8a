"""Who may approve what, from outside: people who change, repeat, come from elsewhere, and say nothing."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace, until


def policy(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return {"POLICY_FILE": str(file)}


async def refusals(tmp_path: Path) -> list[tuple[str, str]]:
    """The refused attempts in the audit trail: what was tried, and by whom."""
    exported = await Process.start("audit", "export", cwd=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/bot.db")
    assert await exported.ended() == 0
    entries = [json.loads(line)["entry"] for line in exported.out]
    return [(each["action"], each["actor"]) for each in entries if each["refused"]]


async def test_asking_again_launders_no_approval(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot()
    await workspace.command("disable prod-snowflake --reason moved", user="U0BOB")
    card = await workspace.sees("asks to disable prod-snowflake")
    await workspace.click(card, "Cancel", "U0BOB")
    ended = await workspace.sees("asked and cancelled by <@U0BOB>", thread_ts=None)
    await workspace.click(ended, "Ask again", "U0ALICE")
    again = await workspace.sees("<@U0ALICE> asks to disable prod-snowflake", thread_ts=None)
    await workspace.click(again, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("This repeats what you asked for", user="U0BOB", ephemeral=True)
    assert await workspace.calls("PATCH /spaces") == []
    await workspace.click(again, "Approve disabling", "U0CAROL", confirm=True)
    await workspace.sees("prod-snowflake is disabled", thread_ts=None)


async def test_a_vote_of_somebody_who_was_deactivated_since_is_said_not_to_count(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(**policy(tmp_path, "[defaults]\napprovals = 2"))
    await workspace.command("disable prod-snowflake --reason moved")
    card = await workspace.sees("0 of 2 approvals")
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("1 of 2 approvals")
    await workspace.post("deactivate", user="U0BOB")
    await workspace.click(card, "Approve disabling", "U0CAROL", confirm=True)
    void = "The approval of <@U0BOB> no longer counts: the account is deactivated."
    shown = await workspace.sees(void, thread_ts=None)
    assert "1 of 2 approvals" in shown["text"]
    assert (await workspace.sees(void, thread_ts=card["ts"]))["text"].startswith("<!subteam^S0DATA>")
    assert await workspace.calls("PATCH /spaces") == []


async def test_a_change_of_two_kinds_is_held_to_both_rules(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    rules = "[actions.rename]\napprovals = 1\n[actions.update]\napprovals = 1\n[actions.disable]\napprovals = 2"
    await start_bot(**policy(tmp_path, rules))
    await workspace.command("update prod-snowflake")
    form = await workspace.view(having="Account ID")
    await workspace.submit(form, name="renamed", sync=False, why="moved")
    card = await workspace.sees("asks to update prod-snowflake")
    assert "0 of 1 approvals from <!subteam^S0DATA> for the new name" in card["text"]
    assert "0 of 2 approvals from <!subteam^S0DATA> for the disabling" in card["text"]
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    half = await workspace.sees("1 of 2 approvals from <!subteam^S0DATA> for the disabling")
    assert "1 of 1 approvals from <!subteam^S0DATA> for the new name" in half["text"]
    assert await workspace.calls("PATCH /spaces") == []


async def test_a_reason_that_nobody_sees_is_none(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot()
    await workspace.command('disable prod-snowflake --reason "\u200b"')
    await workspace.sees("its approvers want to know why. Nothing was done.", ephemeral=True)
    await workspace.command("disable prod-snowflake")
    asked = await workspace.submit(await workspace.view(having="You ask to disable"), why="\u2800")
    assert list(asked["errors"]) == ["reason"]
    await workspace.post("close", user="U0ALICE", all=True)
    await workspace.command("disable prod-snowflake --reason moved")
    card = await workspace.sees("asks to disable prod-snowflake")
    await workspace.click(card, "Deny", "U0BOB")
    denied = await workspace.submit(await workspace.view("U0BOB", having="Why"), "U0BOB", why="\u00a0\u200b")
    assert list(denied["errors"]) == ["reason"]
    assert "denied" not in (await workspace.sees("prod-snowflake", thread_ts=None))["text"]


async def test_what_people_from_elsewhere_try_is_refused_and_kept_once(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot()
    await workspace.command("list prod", channel="C0SHARED")
    listed = await workspace.sees("Profiles Sync warehouses", channel="C0SHARED")
    await workspace.command("disable prod-snowflake --reason moved", channel="C0SHARED")
    card = await workspace.sees("asks to disable prod-snowflake", channel="C0SHARED")
    for message, label in ((listed, "Refresh"), (card, "Deny"), (card, "Cancel")):
        await workspace.click(message, label, "U0MALLORY", "C0SHARED")
    await workspace.click(card, "Approve disabling", "U0MALLORY", "C0SHARED", confirm=True)

    async def told() -> bool | None:
        said = await workspace.messages("U0MALLORY", "C0SHARED")
        return sum("Only members of this workspace" in each["text"] for each in said) == 4 or None

    await until(told)
    await workspace.command("history prod-snowflake", user="U0GUEST")
    await workspace.sees("shown to members only", user="U0GUEST", ephemeral=True)
    tried = [("page:refresh", "U0MALLORY"), ("deny", "U0MALLORY"), ("cancel", "U0MALLORY"), ("approve", "U0MALLORY")]
    assert sorted(await refusals(tmp_path)) == sorted([*tried, ("history", "U0GUEST")])


async def test_a_payload_without_our_team_is_refused(workspace: Workspace, start_bot: StartBot, tmp_path: Path) -> None:
    process = await start_bot("http")
    port = (await process.saw('"event": "listening"')).partition('"port": ')[2].split(",")[0]
    await workspace.command("disable prod-snowflake --reason moved")
    card = await workspace.sees("asks to disable prod-snowflake")
    button = next(each for each in card["blocks"][-1]["elements"] if each["action_id"] == "approve")
    secret = workspace.variables["SLACK_SIGNING_SECRET"]
    for team in ({}, {"team_id": "T0OTHER"}):
        command = {
            "command": "/warehouse",
            "text": "list",
            "user_id": "U0BOB",
            "channel_id": "C0OPS",
            "trigger_id": "1",
        }
        pressed = {
            "type": "block_actions",
            "user": {"id": "U0BOB", **team},
            "channel": {"id": "C0OPS"},
            "trigger_id": "2",
            "container": {"type": "message", "channel_id": "C0OPS", "message_ts": card["ts"]},
            "actions": [{**button, "block_id": "decide"}],
        }
        for body in ({**command, **team}, {"payload": json.dumps(pressed)}):
            assert (await _signed(port, secret, body)).status_code == 200
    home = {"type": "event_callback", "event": {"type": "app_home_opened", "user": "U0BOB", "tab": "home"}}
    assert (await _signed(port, secret, home)).status_code == 200
    tried = ["command", "approve", "command", "approve", "open home"]

    async def kept() -> list[tuple[str, str]] | None:
        found = await refusals(tmp_path)
        return found if len(found) >= len(tried) else None

    assert sorted(await until(kept)) == sorted((each, "U0BOB") for each in tried)
    assert await workspace.calls("PATCH /spaces") == []


async def _signed(port: str, secret: str, body: dict[str, Any]) -> httpx.Response:
    """Send `body` as Slack would: an event as JSON, what else there is as a form."""
    is_event = "event" in body
    text, now = json.dumps(body) if is_event else urlencode(body), str(int(time.time()))
    signature = hmac.new(secret.encode(), f"v0:{now}:{text}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": "application/json" if is_event else "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(timeout=30) as http:
        return await http.post(f"http://127.0.0.1:{port}/slack/events", content=text, headers=headers)
