"""Warehouses of one name: wherever one is named for a decision, its id says which."""

import json

import pytest

from bot.domain.changes.change import Delete, WarehouseSnapshot
from bot.domain.lookup_errors import AmbiguousWarehouse
from bot.domain.requests.request import StoredRequest
from bot.domain.requests.transitions import MarkUnknown
from bot.render.dialogs import (
    DialogContext,
    render_approve_dialog,
    render_break_glass_dialog,
    render_deny_dialog,
    render_settle_dialog,
)
from bot.render.home import render_home
from bot.render.open_requests import render_open_requests
from bot.render.phrases import format_error
from tests.support.samples import NOON, STAGING, later, request, warehouse

TWINS = tuple(warehouse("twin", warehouse_id=each) for each in ("w_1", "w_2"))
ASKED = tuple(
    request(Delete(target=WarehouseSnapshot.of(each)), request_id=f"W-00000{number}")
    for number, each in enumerate(TWINS)
)


def test_open_requests_say_which() -> None:
    stored = [StoredRequest(request=each) for each in ASKED]
    drawn = (render_open_requests(stored, {}, NOON).blocks, render_home(stored, {}, NOON))
    for text in map(json.dumps, drawn):
        assert "asks to delete `twin` in `prod` (id `w_1`)" in text
        assert "asks to delete `twin` in `prod` (id `w_2`)" in text


@pytest.mark.parametrize("act", ["approve", "deny", "glass", "settle"])
def test_dialogs_say_which(act: str) -> None:
    lost = ASKED[1].model_copy(update={"history": (MarkUnknown(at=later(1), reason="Lost.", again_at=later(9)),)})
    about = DialogContext.model_validate({"act": act, "channel": "C0OPS", "request_id": lost.id})
    views = {
        "approve": render_approve_dialog(lost, about),
        "deny": render_deny_dialog(lost, about),
        "glass": render_break_glass_dialog(lost, about),
        "settle": render_settle_dialog(lost, about, TWINS),
    }
    assert "`twin` in `prod` (id `w_2`)" in json.dumps(views[act]["blocks"])


def test_a_name_of_several_lists_each_with_what_tells_it_apart() -> None:
    off = warehouse("twin", slug="redshift", warehouse_id="w_3", space=STAGING, enabled=False)
    many = tuple(warehouse("twin", warehouse_id=f"w_{number}") for number in range(4, 12))
    lines = format_error(AmbiguousWarehouse("twin", (*TWINS, off, *many))).split("\n")
    assert lines[0] == "11 warehouses are called `twin`. Say which by its id:"
    assert lines[1] == "• `w_1` · Snowflake · on · space `prod`"
    assert lines[3] == "• `w_3` · Redshift · off · space `staging`"
    assert lines[-1] == "and 1 more"
