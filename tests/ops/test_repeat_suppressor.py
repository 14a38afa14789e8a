"""Repeated lines take one line a minute, and every suppressed line is counted."""

import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.repeat_suppressor import RepeatSuppressor

STEPS = st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 90)), max_size=60)


@given(STEPS, st.integers(1, 4))
def test_every_line_is_written_or_counted(steps: list[tuple[str, float]], max_keys: int) -> None:
    suppressor: RepeatSuppressor[str] = RepeatSuppressor(interval=60, max_keys=max_keys)
    now, counted = 0.0, 0
    for kind, wait in steps:
        now += wait
        suppressed = suppressor.admit(kind, now)
        counted += 0 if suppressed is None else suppressed + 1
        counted += sum(each.suppressed for each in suppressor.expire(now))
        assert len(suppressor._states) <= max_keys
    assert counted + sum(each.suppressed for each in suppressor.flush()) == len(steps)


def test_a_kind_takes_one_line_a_minute_with_the_count_of_suppressed_lines() -> None:
    suppressor: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert [suppressor.admit("a", now) for now in (0, 1, 59.9, 60, 61, 200)] == [0, None, None, 2, None, 1]


def test_kinds_are_suppressed_independently() -> None:
    suppressor: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert [suppressor.admit(kind, 0) for kind in "abab"] == [0, 0, None, None]


def test_a_clock_that_is_set_back_suppresses_nothing() -> None:
    suppressor: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert suppressor.admit("a", 1000) == 0
    assert suppressor.admit("a", 5) == 0
    assert suppressor.expire(5) == []


FLOOD = """
import logging
import structlog
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("INFO", Scrubber().scrub)
ours, theirs = structlog.get_logger("bot.slack"), logging.getLogger("asyncio")
for number in range(1000):
    ours.warning("message not sent", user=f"U{number}", error="SlackFailed")
    theirs.error("socket.accept() out of system resource\\nsocket: <socket %d>", number)
    ours.info("command", user=f"U{number}")
ours.warning("message not sent", user="U1", error="TimeoutError")
"""


def test_a_flood_of_warnings_and_errors_becomes_one_line_and_one_count_of_each_kind() -> None:
    process = subprocess.run([sys.executable, "-c", FLOOD], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in process.stderr.splitlines()]
    actions = [line for line in lines if line["level"] == "info"]
    faults = [line for line in lines if line["level"] != "info"]
    assert [line["user"] for line in actions] == [f"U{number}" for number in range(1000)]
    assert [(line["event"], line["level"], line.get("error"), line.get("repeated")) for line in faults] == [
        ("message not sent", "warning", "SlackFailed", None),
        ("socket.accept", "error", None, None),
        ("message not sent", "warning", "TimeoutError", None),
        ("message not sent", "warning", None, 999),
        ("socket.accept", "error", None, 999),
    ]
