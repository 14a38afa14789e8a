"""The audit log, as whoever runs the bot checks it, and as somebody who writes into the database meets it."""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace

KEY = Fernet.generate_key().decode()


async def _audit(folder: Path, *words: str, **environ: str) -> tuple[int, Process]:
    variables = {"DATABASE_URL": f"sqlite:///{folder}/bot.db", "AUDIT_KEY": KEY, **environ}
    process = await Process.fork(
        "audit", *words, cwd=folder, **{key: value for key, value in variables.items() if value}
    )
    status = await process.ended()
    assert "Traceback" not in process.text, process.text
    return status, process


async def test_a_keyed_log_is_anchored_verified_and_verified_from_outside(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(AUDIT_KEY=KEY)
    await workspace.command("delete legacy-redshift --reason moved")
    await workspace.sees("asks to delete legacy-redshift")
    _, printed = await _audit(tmp_path, "head")
    (head,) = printed.out
    assert re.fullmatch(r"2:[0-9a-f]{64}", head)
    status, verified = await _audit(tmp_path, "verify", "--expect", head)
    assert status == 0
    assert f"The audit log is whole: 2 entries, head {head}" in verified.text
    assert "1 request equals its entries." in verified.text
    assert "keyed from entry 1 on" in verified.text
    _, exported = await _audit(tmp_path, "export")
    before = ""
    for each in map(json.loads, exported.out):  # as docs/audit.md says
        entry = json.dumps(each["entry"], separators=(",", ":"), ensure_ascii=False)
        text = f"{before}\n{each['seq']}\n{entry}".encode()
        before = hmac.new(base64.urlsafe_b64decode(KEY), text, hashlib.sha256).hexdigest()
        assert before == each["hash"]
    status, wrong = await _audit(tmp_path, "verify", "--expect", f"3:{'0' * 64}")
    assert status == 1
    assert "Entries are cut off: the log ends at 2, and entry 3 is expected." in wrong.text
    status, unkeyed = await _audit(tmp_path, "verify", AUDIT_KEY="")
    assert status == 1
    assert "is not in AUDIT_KEY" in unkeyed.text


@pytest.mark.parametrize("key", ["", Fernet.generate_key().decode()], ids=["no key", "another key"])
async def test_a_bot_without_the_key_of_the_log_does_not_start(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path, key: str
) -> None:
    bot = await start_bot(AUDIT_KEY=KEY)
    assert await bot.stop() == 0
    own = {"AUDIT_KEY": key} if key else {}
    variables = {**workspace.variables, "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", "PORT": "0", **own}
    other = await Process.fork("run", "--only", "socket", cwd=tmp_path, **variables)
    assert await other.ended() == 1
    assert "AUDIT_KEY: the audit log is keyed" in other.text
    assert "Nothing was started." in other.text
    assert "Traceback" not in other.text
    assert KEY not in other.text


def _forge_approval(database: Path) -> None:
    with sqlite3.connect(database, timeout=10) as connection:
        ((name, body),) = connection.execute("SELECT id, body FROM requests")
        request = json.loads(body)
        request["history"].append({"kind": "approve", "by": "U0BOB", "at": request["asked_at"]})
        forged = (json.dumps(request), len(request["history"]), name)
        connection.execute("UPDATE requests SET body = ?, version = ? WHERE id = ?", forged)
    connection.close()


async def test_an_approval_that_was_written_into_the_database_deletes_nothing(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    bot = await start_bot()
    await workspace.command("delete legacy-redshift --reason moved")
    card = await workspace.sees("asks to delete legacy-redshift", thread_ts=None)
    await bot.saw("card posted")
    _forge_approval(tmp_path / "bot.db")
    stopped = await workspace.sees("Not executed: the stored request differs from the audit log.", thread_ts=None)
    assert stopped["ts"] == card["ts"]
    assert "Nothing was sent to Segment." in stopped["text"]
    assert "legacy-redshift" in await workspace.warehouses()
    await bot.saw("request differs from the audit log")
    status, verified = await _audit(tmp_path, "verify", AUDIT_KEY="")
    assert status == 1
    assert "its history is another" in verified.text


def _made(folder: Path) -> list[str]:
    return [str(each) for each in folder.iterdir()]


@pytest.mark.parametrize("words", [("verify",), ("head",), ("export",)], ids=" ".join)
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///nowhere/bot.db", "there is none at 'nowhere/bot.db'. Nothing was created."),
        ("postgresql://bot:hunter2@127.0.0.1:1/bot", "its server can't be reached"),
        ("mysql://bot:hunter2@127.0.0.1/bot", "DATABASE_URL: wants sqlite:///PATH"),
    ],
    ids=["no file", "no server", "no URL"],
)
async def test_a_database_that_can_not_be_read_is_said_in_a_sentence_and_nothing_is_made(
    tmp_path: Path, words: tuple[str, ...], url: str, says: str
) -> None:
    status, process = await _audit(tmp_path, *words, DATABASE_URL=url)
    assert status == 1
    assert says in process.text
    assert "hunter2" not in process.text
    assert _made(tmp_path) == []


async def test_what_is_no_head_and_no_key_is_said(tmp_path: Path) -> None:
    status, process = await _audit(tmp_path, "verify", "--expect", "12")
    assert (status, "--expect: wants SEQ:HASH" in process.text) == (1, True)
    status, process = await _audit(tmp_path, "verify", AUDIT_KEY="hunter2")
    assert (status, "AUDIT_KEY: wants a key" in process.text) == (1, True)
    assert "hunter2" not in process.text
