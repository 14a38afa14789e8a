"""What is logged again and again takes a line a minute, and no line goes uncounted."""

import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.repeat_suppressor import RepeatSuppressor

STEPS = st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 90)), max_size=60)


@given(STEPS, st.integers(1, 4))
def test_every_line_is_written_or_counted(steps: list[tuple[str, float]], most: int) -> None:
    repeats: RepeatSuppressor[str] = RepeatSuppressor(interval=60, max_keys=most)
    now, told = 0.0, 0
    for kind, wait in steps:
        now += wait
        left_out = repeats.admit(kind, now)
        told += 0 if left_out is None else left_out + 1
        told += sum(each.suppressed for each in repeats.expire(now))
        assert len(repeats._kinds) <= most
    assert told + sum(each.suppressed for each in repeats.flush()) == len(steps)


def test_a_kind_takes_one_line_a_minute_and_says_how_many_were_left_out() -> None:
    repeats: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert [repeats.admit("a", now) for now in (0, 1, 59.9, 60, 61, 200)] == [0, None, None, 2, None, 1]


def test_kinds_do_not_hide_one_another() -> None:
    repeats: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert [repeats.admit(kind, 0) for kind in "abab"] == [0, 0, None, None]


def test_a_clock_that_is_set_back_hides_nothing() -> None:
    repeats: RepeatSuppressor[str] = RepeatSuppressor(interval=60)
    assert repeats.admit("a", 1000) == 0
    assert repeats.admit("a", 5) == 0
    assert repeats.expire(5) == []


FLOOD = """
import logging
import structlog
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.logs import configure_logging
configure_logging("INFO", Scrubber().scrub)
ours, theirs = structlog.get_logger("bot.slack"), logging.getLogger("asyncio")
for number in range(1000):
    ours.warning("person not told", user=f"U{number}", error="SlackFailed")
    theirs.error("socket.accept() out of system resource\\nsocket: <socket %d>", number)
    ours.info("command", user=f"U{number}")
ours.warning("person not told", user="U1", error="TimeoutError")
"""


def test_a_flood_of_warnings_and_errors_is_a_line_and_a_count_of_each_fault() -> None:
    ended = subprocess.run([sys.executable, "-c", FLOOD], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    acts = [line for line in lines if line["level"] == "info"]
    faults = [line for line in lines if line["level"] != "info"]
    assert [line["user"] for line in acts] == [f"U{number}" for number in range(1000)]
    assert [(line["event"], line["level"], line.get("error"), line.get("repeated")) for line in faults] == [
        ("person not told", "warning", "SlackFailed", None),
        ("socket.accept", "error", None, None),
        ("person not told", "warning", "TimeoutError", None),
        ("person not told", "warning", None, 999),
        ("socket.accept", "error", None, 999),
    ]
