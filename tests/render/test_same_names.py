"""Warehouses of one name: wherever one is named for a decision, its id says which."""

import json

import pytest

from bot.domain.changes.change import Delete, Target
from bot.domain.lookup_errors import Ambiguous
from bot.domain.requests.request import Stored
from bot.domain.requests.transitions import Lose
from bot.render.dialogs import About, approve_view, deny_view, glass_view, settle_view
from bot.render.home import home_view
from bot.render.inventory import pending_message
from bot.render.mrkdwn import said
from tests.support.samples import NOON, STAGING, later, request, warehouse

TWINS = tuple(warehouse("twin", warehouse_id=each) for each in ("w_1", "w_2"))
ASKED = tuple(
    request(Delete(target=Target.of(each)), request_id=f"W-00000{number}") for number, each in enumerate(TWINS)
)


def test_open_requests_say_which() -> None:
    stored = [Stored(request=each) for each in ASKED]
    drawn = (pending_message(stored, {}, NOON).blocks, home_view(stored, {}, NOON))
    for text in map(json.dumps, drawn):
        assert "asks to delete `twin` in `prod` (id `w_1`)" in text
        assert "asks to delete `twin` in `prod` (id `w_2`)" in text


@pytest.mark.parametrize("act", ["approve", "deny", "glass", "settle"])
def test_dialogs_say_which(act: str) -> None:
    lost = ASKED[1].model_copy(update={"history": (Lose(at=later(1), reason="Lost.", again_at=later(9)),)})
    about = About.model_validate({"act": act, "channel": "C0OPS", "request_id": lost.id})
    views = {
        "approve": approve_view(lost, about),
        "deny": deny_view(lost, about),
        "glass": glass_view(lost, about),
        "settle": settle_view(lost, about, TWINS),
    }
    assert "`twin` in `prod` (id `w_2`)" in json.dumps(views[act]["blocks"])


def test_a_name_of_several_lists_each_with_what_tells_it_apart() -> None:
    off = warehouse("twin", slug="redshift", warehouse_id="w_3", space=STAGING, enabled=False)
    many = tuple(warehouse("twin", warehouse_id=f"w_{number}") for number in range(4, 12))
    lines = said(Ambiguous("twin", (*TWINS, off, *many))).split("\n")
    assert lines[0] == "11 warehouses are called `twin`. Say which by its id:"
    assert lines[1] == "• `w_1` · Snowflake · on · space `prod`"
    assert lines[3] == "• `w_3` · Redshift · off · space `staging`"
    assert lines[-1] == "and 1 more"
