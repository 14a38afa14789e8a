"""What the log holds, and what it does not, however the bot ends."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from bot.domain.text import INVISIBLE_CHARS

PROGRAM = """
import logging
from pydantic import SecretStr
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("DEBUG", Scrubber(SecretStr("canary-hunter2-canary")).scrub)
logging.getLogger("somebody").warning("password=%s", "canary-hunter2-canary")
logging.getLogger("slack_sdk").debug("canary-hunter2-canary")
try:
    raise ValueError("canary-hunter2-canary")
except ValueError:
    logging.getLogger("somebody").exception("it failed")
raise RuntimeError("unknown-to-the-censor canary-hunter2-canary")
"""


ELSEWHERE = """
import asyncio, logging, threading, time, warnings
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("DEBUG", Scrubber().scrub)

class Falls:
    def __del__(self):
        fail()

def fail(*_):
    raise ValueError("unknown-to-the-censor")

async def fails():
    fail()

async def slow(future):
    await future
    time.sleep(0.15)

async def main():
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    loop.call_soon(fail, "unknown-to-the-censor")
    future = loop.create_future()
    loop.call_soon(future.set_result, "unknown-to-the-censor")
    await slow(future)

asyncio.run(main())
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Falls()
try:
    fail()
except ValueError as error:
    logging.getLogger("somebody").error(f"first {error}")
    logging.getLogger("somebody").exception(f"second {error!r}")
warnings.warn("a warning")
"""


def test_what_python_and_libraries_quote_by_themselves_is_left_out() -> None:
    ended = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [each["event"] for each in lines if each["logger"] != "py.warnings"] == [
        "Task exception was never retrieved",
        "Exception in callback fail",
        "Executing",
        "thread crashed",
        "error ignored",
        "first ValueError",
        "second ValueError('ValueError')",
    ]
    assert "a warning" in lines[-1]["event"]
    assert "unknown-to-the-censor" not in ended.stdout + ended.stderr


def test_no_line_and_no_crash_tells_a_secret() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "password=•••" in ended.stderr
    assert '"error": "ValueError"' in ended.stderr
    assert '"event": "crashed"' in ended.stderr
    for hidden in ("hunter2", "unknown-to-the-censor", "Traceback"):
        assert hidden not in ended.stdout + ended.stderr


HOSTILE = """
import asyncio, gc, logging
import structlog
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("INFO", Scrubber().scrub)
WORDS = "fine\\n{\\"event\\": \\"approved\\"}\\r\\x1b[31m\\x9b2J\\u2028\\x85\\u202e"
logging.getLogger("somebody").warning("it said %s", WORDS)
structlog.get_logger("bot").warning("refused", code=WORDS)

async def lost():
    async def failing():
        raise ValueError("quoted-payload")
    task = asyncio.create_task(failing())
    await asyncio.sleep(0.01)
    del task
    gc.collect()

asyncio.run(lost())
"""


def logged(*, to_a_terminal: bool) -> str:
    """What the program above writes to standard error."""
    mine, its = pty.openpty() if to_a_terminal else os.pipe()
    command = [sys.executable, "-c", HOSTILE]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=its, check=True, timeout=60)
    os.close(its)
    chunks = []
    with suppress(OSError):  # how a terminal ends
        while chunk := os.read(mine, 10_000):
            chunks.append(chunk)
    os.close(mine)
    text = b"".join(chunks).decode()
    return text.replace("\r\n", "\n") if to_a_terminal else text


@pytest.mark.parametrize("to_a_terminal", [False, True], ids=["JSON", "terminal"])
def test_nobodys_words_make_a_line_or_move_a_terminal(to_a_terminal: bool) -> None:
    text = logged(to_a_terminal=to_a_terminal)
    assert len(text.rstrip("\n").splitlines()) == 3, text
    colours = re.compile(r"\x1b\[[0-9;]*m")
    assert [each for each in INVISIBLE_CHARS.findall(colours.sub("", text)) if each != "\n"] == []
    assert "\x1b[31m{" not in text
    assert "\\x9b2J" in text


def test_a_line_of_json_can_not_be_faked() -> None:
    lines = [json.loads(line) for line in logged(to_a_terminal=False).splitlines()]
    assert [line["event"] for line in lines][1:] == ["refused", "Task exception was never retrieved"]


def test_what_asyncio_quotes_of_an_exception_is_not_logged() -> None:
    assert "quoted-payload" not in logged(to_a_terminal=False)
