"""The times of a history: each says what it is of, in the reader's own zone."""

import pytest

from bot.domain.requests.history import WarehouseHistories, WarehouseHistory
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Approve, Claim, Deny, Succeed, Transition
from bot.domain.segment_events import SegmentEvent
from bot.render.history import render_history
from tests.support.samples import NOON, later, request, warehouse


def told(*moves: Transition, at: str = "2026-11-23T11:00:00.000Z") -> str:
    made = request()
    for move in moves:
        made = advance(made, move)
    event = SegmentEvent(at=at, type="Warehouse Updated", actor="token/1")
    snow = warehouse()
    trail = WarehouseHistory(
        name=snow.name, warehouse_id=snow.id, warehouse=snow, requests=(made,), segment_events=(event,)
    )
    return render_history(WarehouseHistories(histories=(trail,)), NOON).text


def test_when_it_was_asked_and_when_it_ended() -> None:
    text = told(Deny(by="U0BOB", at=later(60)))
    assert "asked <!date^1795435200^{date_short_pretty} {time}|23 Nov 2026 12:00 UTC>" in text
    assert "ended <!date^1795435260^" in text


def test_what_was_done_says_once_when() -> None:
    done = Succeed(at=later(60), warehouse_id="w_prod-snowflake", verified=True)
    text = told(Approve(by="U0BOB", at=later(1)), Claim(by="p1", at=later(2), until=later(90)), done)
    assert "done <!date^1795435260^" in text
    assert "ended" not in text


@pytest.mark.parametrize("written", ["2026-11-23T11:00:00.000Z", "2026-11-23T12:00:00+01:00", "2026-11-23T11:00:00"])
def test_segments_times_are_in_the_readers_zone(written: str) -> None:
    assert "<!date^1795431600^{date_short_pretty} {time}|23 Nov 2026 11:00 UTC> · Warehouse Updated" in told(at=written)


@pytest.mark.parametrize("written", ["yesterday", "", "<!channel>"])
def test_what_is_no_time_is_shown_as_it_is_written(written: str) -> None:
    text = told(at=written)
    assert f"{written} · Warehouse Updated".replace("<", "&lt;").replace(">", "&gt;") in text
