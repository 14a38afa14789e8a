"""The log contains no secrets and no quoted payloads, also after a crash."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from bot.domain.text import INVISIBLE_CHARS

CRASHING = """
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
raise RuntimeError("unknown-to-the-scrubber canary-hunter2-canary")
"""


LIBRARY_ERRORS = """
import asyncio, logging, threading, time, warnings
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("DEBUG", Scrubber().scrub)

class Falls:
    def __del__(self):
        fail()

def fail(*_):
    raise ValueError("unknown-to-the-scrubber")

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
    loop.call_soon(fail, "unknown-to-the-scrubber")
    future = loop.create_future()
    loop.call_soon(future.set_result, "unknown-to-the-scrubber")
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


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_values_that_python_and_libraries_quote_are_left_out() -> None:
    process = run(LIBRARY_ERRORS)
    assert process.returncode == 0
    lines = [json.loads(line) for line in process.stderr.splitlines()]
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
    assert "unknown-to-the-scrubber" not in process.stdout + process.stderr


def test_no_line_and_no_crash_shows_a_secret() -> None:
    process = run(CRASHING)
    assert process.returncode == 1
    assert "password=•••" in process.stderr
    assert '"error": "ValueError"' in process.stderr
    assert '"event": "crashed"' in process.stderr
    for hidden in ("hunter2", "unknown-to-the-scrubber", "Traceback"):
        assert hidden not in process.stdout + process.stderr


UNTRUSTED_TEXT = """
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


def run_untrusted(*, to_a_terminal: bool) -> str:
    """Return what the program above writes to standard error."""
    read_end, write_end = pty.openpty() if to_a_terminal else os.pipe()
    command = [sys.executable, "-c", UNTRUSTED_TEXT]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=write_end, check=True, timeout=60)
    os.close(write_end)
    chunks = []
    with suppress(OSError):  # a closed terminal
        while chunk := os.read(read_end, 10_000):
            chunks.append(chunk)
    os.close(read_end)
    text = b"".join(chunks).decode()
    return text.replace("\r\n", "\n") if to_a_terminal else text


@pytest.mark.parametrize("to_a_terminal", [False, True], ids=["JSON", "terminal"])
def test_untrusted_text_can_not_fake_a_line_or_change_a_terminal(to_a_terminal: bool) -> None:
    text = run_untrusted(to_a_terminal=to_a_terminal)
    assert len(text.rstrip("\n").splitlines()) == 3, text
    colours = re.compile(r"\x1b\[[0-9;]*m")
    assert [each for each in INVISIBLE_CHARS.findall(colours.sub("", text)) if each != "\n"] == []
    assert "\x1b[31m{" not in text
    assert "\\x9b2J" in text


def test_untrusted_text_can_not_fake_a_line_of_json() -> None:
    lines = [json.loads(line) for line in run_untrusted(to_a_terminal=False).splitlines()]
    assert [line["event"] for line in lines][1:] == ["refused", "Task exception was never retrieved"]


def test_an_exception_that_asyncio_quotes_is_not_logged() -> None:
    assert "quoted-payload" not in run_untrusted(to_a_terminal=False)
