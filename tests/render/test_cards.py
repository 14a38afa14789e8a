"""What a card says in each state, and that it never leaves out what somebody decides about."""

from datetime import timedelta

import pytest

from bot.domain.changes.change import Change, Delete, Update, WarehouseSnapshot, build_toggle
from bot.domain.changes.diff import Difference
from bot.domain.requests.request import Request
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import (
    Approve,
    Cancel,
    Claim,
    Deny,
    Expire,
    Fail,
    MarkUnknown,
    Succeed,
    Supersede,
    Transition,
)
from bot.render.blocks import Message
from bot.render.cards import render_card, render_duplicate_card
from bot.render.states import describe_state
from bot.sandbox.slack.blockkit import find_block_problems
from tests.support.samples import later, request, warehouse

SNOW = warehouse("prod-snowflake", account="acme")


def asked(change: Change, needed: int = 1, **more: object) -> Request:
    return request(change, needed).model_copy(update=more)


def confirm_of(message: Message) -> str:
    buttons = message.payload[-1]["elements"]
    assert isinstance(buttons, list)
    return str(buttons[0]["confirm"]["text"]["text"])


def test_the_card_shows_every_change() -> None:
    settings = {f"key_{number}": "x" * 70 for number in range(60)}
    drawn = render_card(asked(Update(target=WarehouseSnapshot.of(SNOW), settings=settings)))
    shown = "".join(str(block["text"]["text"]) for block in drawn.blocks if block["type"] == "section")  # type: ignore[index]
    assert all(f"{key} " in shown for key in settings)
    assert find_block_problems(drawn.payload, "message") == []


def test_two_long_values_are_shown_where_they_differ() -> None:
    before, after = "a" * 200 + "old.example.com", "a" * 200 + "new.example.com"
    change = Update(
        target=WarehouseSnapshot.of(SNOW), settings={"host": after}, before={"host": before}, plain_keys=("host",)
    )
    text = render_card(asked(change)).text
    assert "old.example.com" in text
    assert "new.example.com" in text


def test_a_name_can_not_add_text_to_the_confirmation() -> None:
    name = "x" * 200 + "\u202e\nIt does nothing."
    question = confirm_of(render_card(asked(build_toggle(warehouse(name), enabled=False))))
    assert question.endswith("… in prod (id w_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…). It runs at once.")
    assert "\u202e" not in question


def test_the_question_says_when_more_have_to_agree() -> None:
    waiting = asked(build_toggle(SNOW, enabled=False), needed=3)
    assert confirm_of(render_card(waiting)).endswith("It runs after 2 more.")
    assert confirm_of(render_card(advance(waiting, Approve(by="U0BOB", at=later(1))))).endswith("It runs after 1 more.")


def test_why_it_was_asked_stays_on_the_card() -> None:
    denied = advance(
        asked(Delete(target=WarehouseSnapshot.of(SNOW)), reason="moved"), Deny(by="U0BOB", at=later(1), reason="no")
    )
    assert "denied by <@U0BOB>: _no_" in render_card(denied).text
    assert "why: _moved_" in render_card(denied).text


def test_an_expired_card_says_how_long_the_request_was_open() -> None:
    waiting = asked(Delete(target=WarehouseSnapshot.of(SNOW)), expires_at=later(4 * 3600))
    expired = advance(waiting, Expire(at=later(4 * 3600 + 125)))
    assert "nobody decided within 4 h" in render_card(expired).text
    odd = advance(asked(Delete(target=WarehouseSnapshot.of(SNOW)), expires_at=later(5400)), Expire(at=later(5401)))
    assert "nobody decided within 1 h 30 min" in render_card(odd).text


def test_a_change_found_after_a_lost_response_is_shown_as_seen_and_not_as_done() -> None:
    found = asked(Delete(target=WarehouseSnapshot.of(SNOW)), needed=0)
    for move in (
        Claim(by="p1", at=later(1), until=later(1) + timedelta(minutes=5)),
        MarkUnknown(at=later(2), reason="Lost.", again_at=later(32)),
        Claim(by="p1", at=later(33), until=later(40)),
    ):
        found = advance(found, move)
    done = advance(found, Succeed(at=later(34), warehouse_id=SNOW.id, verified=True))
    assert "seen <!date^" in render_card(done).text


def test_a_second_card_leads_to_the_first() -> None:
    drawn = render_duplicate_card(asked(build_toggle(SNOW, enabled=False)), "https://x.slack.com/archives/C1/p1")
    assert "<https://x.slack.com/archives/C1/p1|its card>" in drawn.text
    assert find_block_problems(drawn.payload, "message") == []


def test_the_history_does_not_call_a_pending_request_running() -> None:
    line = describe_state(asked(build_toggle(SNOW, enabled=False)))
    assert line == "⏳ <@U0ALICE> asks to disable `prod-snowflake` · 0 of 1 approvals"


BOB, CAROL = Approve(by="U0BOB", at=later(1)), Approve(by="U0CAROL", at=later(2))
CLAIM = Claim(by="p1", at=later(3), until=later(60))
LOSE = MarkUnknown(at=later(4), reason="Segment's answer was lost.", again_at=later(34))
DRIFT = tuple(Difference(what=f"key_{number}", before="a" * 80, after="b" * 80) for number in range(40))


def gone_through(*moves: Transition, needed: int = 2) -> Request:
    made = asked(Delete(target=WarehouseSnapshot.of(SNOW)), needed=needed, expires_at=later(3600))
    for move in moves:
        made = advance(made, move)
    return made


@pytest.mark.parametrize(
    ("moves", "says"),
    [
        ([BOB, CAROL], "deleting"),
        ([BOB, CAROL, CLAIM], "deleting"),
        ([BOB, CAROL, Supersede(at=later(3), drift=DRIFT)], "and 32 more"),
        ([BOB, CAROL, Supersede(at=later(3), gone=True)], "no longer exists"),
        ([BOB, CAROL, CLAIM, LOSE], "Segment's answer was lost."),
        ([BOB, CAROL, CLAIM, Fail(at=later(4), reason="x" * 5000)], "Not deleted"),
        ([BOB, CAROL, CLAIM, Succeed(at=later(4), warehouse_id=SNOW.id, verified=True)], "verified gone"),
    ],
)
def test_who_asked_and_who_approved_stand_on_the_card_and_in_the_history(moves: list[Transition], says: str) -> None:
    made = gone_through(*moves)
    for text in (render_card(made).text, describe_state(made)):
        assert "asked by <@U0ALICE>, approved by <@U0BOB> and <@U0CAROL>" in text
        assert says in text


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (Deny(by="U0DAN", at=later(3), reason="y" * 3000), "· denied by <@U0DAN>: _yyy"),
        (Expire(at=later(3600)), "· 1 of 2 approvals within 1 h ·"),
        (Cancel(by="", at=later(3), reason="Nobody sees it."), "· Nobody sees it. ·"),
    ],
)
def test_what_was_not_done_says_who_asked_and_who_had_approved(move: Transition, says: str) -> None:
    text = render_card(gone_through(BOB, move)).text
    assert says in text
    assert "asked by <@U0ALICE>, approved by <@U0BOB>" in text


def test_a_requester_who_cancels_is_named_once() -> None:
    line = describe_state(gone_through(BOB, Cancel(by="U0ALICE", at=later(3))))
    assert line.endswith("· asked and cancelled by <@U0ALICE>, approved by <@U0BOB>")
