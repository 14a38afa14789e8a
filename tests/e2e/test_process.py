"""Starting, stopping and being killed, as whoever runs the bot sees it."""

import asyncio
import json
import os
import resource
import signal
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace, environment


async def test_a_bad_configuration_is_named_whole_and_without_values(tmp_path: Path) -> None:
    process = await Process.start("run", cwd=tmp_path, SLACK_BOT_TOKEN="hunter2", PORT="many")
    assert await process.ended() == 1
    for name in ("SLACK_BOT_TOKEN", "PORT", "SEGMENT_API_TOKEN", "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"):
        assert name in process.text
    assert "hunter2" not in process.text
    assert "many" not in process.text
    assert "Traceback" not in process.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN: Slack refuses it for Socket Mode (invalid_auth)"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "SLACK_API_URL: Slack can't be reached"),
        ({"DATABASE_URL": "sqlite:////proc/none/bot.db"}, "DATABASE_URL: the database can't be used"),
    ],
)
async def test_what_slack_or_the_database_refuses_is_said_with_its_variable(
    workspace: Workspace, tmp_path: Path, change: dict[str, str], says: str
) -> None:
    process = await Process.start("run", "--only", "socket", cwd=tmp_path, **{**workspace.variables, **change})
    assert await process.ended() == 1
    assert says in process.text
    assert "Traceback" not in process.text


async def test_an_env_file_is_enough(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in workspace.variables.items()))
    (tmp_path / ".env").chmod(0o644)
    process = await Process.start("run", "--only", "socket", cwd=tmp_path)
    await process.saw('"event": "connected"')
    await process.saw('"run": "chmod 600 .env"')
    await workspace.command("list")
    await workspace.sees("page 1 of 1")
    assert await process.stop(signal.SIGTERM) == 0
    made = [tmp_path / "data", *(tmp_path / "data" / name for name in ("warehouse-bot.db", "warehouse-bot.db.lock"))]
    assert [oct(path.stat().st_mode & 0o777) for path in made] == ["0o700", "0o600", "0o600"]
    assert process.text.count("the bot runs as root") == (os.geteuid() == 0)


async def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        process = await Process.start("demo", cwd=tmp_path, PORT=str(busy.getsockname()[1]))
        assert await process.ended() == 1
    assert "PORT" in process.text
    assert "Traceback" not in process.text


async def test_the_demo_says_where_it_is_and_what_to_try_and_ends_at_once(tmp_path: Path) -> None:
    process = await Process.start("demo", cwd=tmp_path, PORT="0")
    await process.saw("http://127.0.0.1:")
    await process.saw("/warehouse list")
    assert await process.stop() == 0
    assert "Traceback" not in process.text
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nothing else runs on the loop


@pytest.mark.parametrize("command", ["sandbox", "demo"])
async def test_listening_for_other_machines_is_warned_of_and_works(tmp_path: Path, command: str) -> None:
    process = await Process.start(command, "--host", "0.0.0.0", cwd=tmp_path, PORT="0")
    await process.saw("http://127.0.0.1:")
    assert await process.stop() == 0
    assert [line for line in process.err if "WARNING: the local workspace listens on 0.0.0.0 and has no login" in line]
    assert "Traceback" not in process.text


async def test_the_variables_name_an_address_that_the_bot_accepts_whatever_the_host_is(tmp_path: Path) -> None:
    process = await Process.start("sandbox", "--env", "--host", "127.0.0.2", cwd=tmp_path, PORT="0")
    await process.saw("http://127.0.0.2:")
    assert await process.stop() == 0
    assert {line.split(":")[1] for line in process.out if "_API_URL=" in line} == {"//127.0.0.1"}


@pytest.mark.parametrize(
    ("host", "says"),
    [("192.0.2.7", "The workspace can't listen on 192.0.2.7"), ("127.0.0.1:80", "--host: wants an IP address")],
)
async def test_a_host_to_listen_on_that_is_none_is_named(tmp_path: Path, host: str, says: str) -> None:
    process = await Process.start("sandbox", "--host", host, cwd=tmp_path, PORT="0")
    assert await process.ended() == 1
    assert says in process.text
    assert "Traceback" not in process.text


async def test_two_sandboxes_print_other_tokens(tmp_path: Path) -> None:
    printed: list[dict[str, str]] = []
    for _ in range(2):
        process = await Process.start("sandbox", "--env", cwd=tmp_path, PORT="0")
        await process.saw("The local workspace is at")
        await process.saw("APPROVERS=")
        printed.append(dict(line.split("=", 1) for line in process.out))
        assert await process.stop() == 0
    one, other = printed
    secret = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SEGMENT_API_TOKEN")
    assert [name for name in secret if one[name] == other[name]] == []


#: A Ctrl-C in the very moment in which something is printed.
INTERRUPTED = """
import os, signal, typer
from bot.cli import main
typer.echo = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)
main.main()
"""


@pytest.mark.parametrize("command", ["demo", "sandbox"])
async def test_who_reads_where_it_is_can_end_it_at_once(tmp_path: Path, command: str) -> None:
    started = asyncio.create_subprocess_exec(
        *(sys.executable, "-c", INTERRUPTED, command),
        cwd=tmp_path,
        env=environment(PORT="0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    process = Process(await started)
    assert await process.ended() == 0, process.text
    assert "Traceback" not in process.text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_stopping_between_asking_and_approving_loses_nothing(
    workspace: Workspace, start_bot: StartBot, how: signal.Signals
) -> None:
    first = await start_bot()
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
    await first.saw("card posted")
    await first.stop(how)
    await start_bot()
    await workspace.approve_deletion(card, "U0BOB")
    done = await workspace.sees("legacy-redshift is deleted", thread_ts=None)
    assert done["ts"] == card["ts"]
    assert "legacy-redshift" not in await workspace.warehouses()


async def test_stopping_finishes_what_is_under_way(workspace: Workspace, start_bot: StartBot) -> None:
    bot = await start_bot()
    await workspace.fault("segment", "DELETE /spaces", delay=1.5)
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
    await workspace.approve_deletion(card, "U0BOB")
    await workspace.sees("deleting legacy-redshift")
    assert await bot.stop() == 0
    await workspace.sees("legacy-redshift is deleted", thread_ts=None)


async def test_commands_while_the_bot_is_away_fail_for_the_person_and_work_again_after(
    workspace: Workspace, start_bot: StartBot
) -> None:
    answer = await workspace.command("list")
    assert not answer["ok"]
    await start_bot()
    await workspace.command("list")
    await workspace.sees("page 1 of 1")


async def test_the_demo_names_what_is_wrong_with_a_variable_that_it_obeys(tmp_path: Path) -> None:
    process = await Process.start("demo", cwd=tmp_path, PORT="0", LOG_LEVEL="loud")
    assert await process.ended() == 1
    assert "LOG_LEVEL: wants DEBUG, INFO, WARNING or ERROR" in process.text
    assert "Traceback" not in process.text


async def test_three_hundred_slow_connections_silence_nobody(workspace: Workspace, tmp_path: Path) -> None:
    """With as few open files as a small host allows, which so many connections would use up."""
    variables = {
        **workspace.variables,
        "PORT": "0",
        "HOST": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
    }
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        bot = await Process.start("run", "--only", "http", cwd=tmp_path, **variables)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    port = json.loads(await bot.saw('"event": "listening"'))["port"]
    await workspace.post("delivery", mode="http", url=f"http://127.0.0.1:{port}/slack/events")
    async with AsyncExitStack() as stack:
        for _ in range(300):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nX-Slow: ")
        assert (await workspace.command("list"))["ok"]  # which the local Slack, too, gives three seconds
        await workspace.sees("page 1 of 1")
    assert await bot.stop() == 0
    assert len(bot.err) < 20, bot.text
