"""policy.toml in force: time, quorum, broken glass and the audit trail, as people and operators see them."""

import json
from pathlib import Path

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace, buttons


def policy(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return {"POLICY_FILE": str(file)}


async def exported(tmp_path: Path) -> list[dict[str, str]]:
    """The entries of the audit trail, as `warehouse-bot audit export` writes them."""
    process = await Process.start("audit", "export", cwd=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/bot.db")
    assert await process.ended() == 0
    return [json.loads(line)["entry"] for line in process.out]


async def test_what_nobody_decides_expires_and_can_be_asked_again(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(**policy(tmp_path, '[defaults]\nexpires = "2s"\nremind = "1s"'))
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", thread_ts=None)
    expired = await workspace.sees("nobody decided within", thread_ts=None)
    assert expired["ts"] == card["ts"]
    assert buttons(expired) == ["Ask again"]
    assert "denied" not in expired["text"]
    await workspace.click(expired, "Ask again", "U0ALICE")
    again = await workspace.sees("asks to delete legacy-redshift", thread_ts=None)
    assert again["ts"] != card["ts"]
    assert "why: _moved_" in again["text"]


async def test_a_quorum_is_counted_on_the_card_and_told_in_its_thread(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(**policy(tmp_path, "[defaults]\napprovals = 2"))
    await workspace.command("disable prod-snowflake --reason moved")
    card = await workspace.sees("0 of 2 approvals")
    await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)
    half = await workspace.sees("1 of 2 approvals")
    assert "approved by <@U0BOB>" in half["text"]
    told = await workspace.sees("<@U0BOB> approved.")
    assert told["thread_ts"] == card["ts"]
    await workspace.click(half, "Approve disabling", "U0BOB", confirm=True)
    await workspace.sees("<@U0BOB> approved this", user="U0BOB", ephemeral=True)
    await workspace.click(half, "Approve disabling", "U0CAROL", confirm=True)
    await workspace.sees("prod-snowflake is disabled", thread_ts=None)


async def test_broken_glass_is_told_and_stays_on_the_card(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(**policy(tmp_path, '[defaults]\nbreak_glass = ["U0ALICE"]'))
    await workspace.command("disable prod-snowflake --reason moved")
    card = await workspace.sees("asks to disable prod-snowflake", thread_ts=None)
    await workspace.click(card, "Break glass…", "U0BOB")
    await workspace.sees("can break the glass here", user="U0BOB", ephemeral=True)
    await workspace.click(card, "Break glass…", "U0ALICE")
    await workspace.submit(await workspace.view(having="without the approvals"), why="credentials leaked")
    done = await workspace.sees("prod-snowflake is disabled", thread_ts=None)
    assert "glass broken by <@U0ALICE>: _credentials leaked_" in done["text"]
    await workspace.sees("<!subteam^S0DATA>: <@U0ALICE> broke the glass", user="U0BOB")


async def test_a_group_that_is_not_there_lets_nobody_through_and_is_said_at_start(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    bot = await start_bot(**policy(tmp_path, '[defaults]\napprovers = ["@gone"]'))
    await bot.saw("it lets nobody through")
    await workspace.command("disable prod-snowflake --reason moved")
    told = await workspace.sees("Nobody can approve this: @gone (Slack has no such group)", ephemeral=True)
    assert "Nothing was created. Whoever runs the bot can name more approvers" in told["text"]


async def test_a_policy_that_can_not_be_used_is_named_whole(workspace: Workspace, tmp_path: Path) -> None:
    environ = {**workspace.variables, **policy(tmp_path, "[defaults]\nexpires = 4\n[actions.destroy]\n")}
    process = await Process.start("run", "--only", "socket", cwd=tmp_path, **environ)
    assert await process.ended() == 1
    assert "defaults.expires: wants a time" in process.text
    assert "actions.destroy: wants tables named create" in process.text
    assert "Traceback" not in process.text


async def test_the_audit_trail_is_exported_and_verified(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot()
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift")
    await workspace.click(card, "Approve deletion", "U0ALICE")
    await workspace.sees("can decide this request", ephemeral=True)
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.db"}  # neither Slack nor Segment is needed
    verified = await Process.start("audit", "verify", cwd=tmp_path, **environ)
    assert await verified.ended() == 0
    assert "whole" in verified.text
    entries = await exported(tmp_path)
    assert [(each["action"], each["actor"], bool(each["refused"])) for each in entries] == [
        ("ask", "U0ALICE", False),
        ("approve", "U0ALICE", True),
    ]


REDSHIFT = {"name": "new", "port": "5439", "database_name": "d", "username": "u", "password": "LOADER"}


async def test_a_secret_is_tested_against_the_hosts_of_its_rule_alone_and_each_try_is_audited(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    rule = 'LOADER = { users = ["everyone"], hosts = ["*.redshift.amazonaws.com"] }'
    bot = await start_bot(**policy(tmp_path, f"[secrets]\n{rule}"))
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Redshift")
    view = await workspace.view(having="Schema name")
    tried = ("evil.example.com", "evil.example.com:5439/.redshift.amazonaws.com", "db.redshift.amazonaws.com")
    for hostname, says in zip(tried, ("lead to `evil.example.com`", "is not certain", "can connect"), strict=True):
        typed = await workspace.fill(view, **REDSHIFT, hostname=hostname)
        await workspace.press(view, "Test connection", values=typed)
        view = await workspace.view(having=says)
    assert len(await workspace.calls("POST /warehouses/validation")) == 1
    assert (await workspace.submit(view, **REDSHIFT, hostname="evil.example.com"))["response_action"] == "update"
    await workspace.view(having="may only be sent to")
    assert "new" not in await workspace.warehouses()
    await bot.saw('"event": "connection tested"')
    entries = [each for each in await exported(tmp_path) if each["action"] == "test connection"]
    assert [(each["actor"], each["state"], bool(each["refused"])) for each in entries] == [
        ("U0ALICE", "", True),
        ("U0ALICE", "", True),
        ("U0ALICE", "started", False),
        ("U0ALICE", "CONNECTED", False),
    ]
    assert [json.loads(each["detail"])["host"] for each in entries] == [*tried, tried[2]]
    assert "canary" not in json.dumps(entries)


async def test_a_policy_without_secrets_lets_nobody_use_any_and_is_said_at_start(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    bot = await start_bot(**policy(tmp_path, "[defaults]\napprovals = 1"))
    await bot.saw("the policy has no [secrets]")
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Redshift")
    await workspace.view(having="there is no secret that you may use")
