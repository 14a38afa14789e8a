"""Canaries of many shapes under any key, at any depth, of every type in the catalog: none is drawn."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes.change import Delete, Update, WarehouseSnapshot
from bot.domain.changes.diff import find_drift
from bot.domain.redaction.settings import list_plain_keys
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Supersede
from bot.domain.warehouses import Setting, Warehouse, WarehouseType
from bot.render.cards import render_card
from bot.render.forms import FormContext, render_update_form
from bot.render.inventory import render_warehouse
from bot.render.secret_fields import SecretInputOptions
from bot.segment.catalog import load_catalog
from tests.support.samples import NOON, later, request, warehouse

CANARY = "cAnArY0q7Xf9LmZ2pR8vT4"
SHAPES = st.sampled_from(
    [
        CANARY,
        f"AKIA{CANARY.upper()}",
        f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}",
        f"postgres://loader:{CANARY}@db.example.com/profiles",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
        json.dumps({"private_key": CANARY}),
        f"https://example.com/?token={CANARY}",
    ]
)
NESTED = st.recursive(SHAPES, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(), inner))
TYPES = st.sampled_from(load_catalog().types)


def keys_of(kind: WarehouseType) -> st.SearchStrategy[str]:
    known = [each.name for each in kind.settings if _its_own(each)]
    odd = [variant for name in known for variant in (name.upper(), name.replace("_", "-"), f" {name}", f"{name}.value")]
    return st.sampled_from([*known, *odd, "novel"]) | st.text(min_size=1, max_size=20).filter(lambda key: key != "name")


def _its_own(setting: Setting) -> bool:
    return setting.name != "name"


@st.composite
def planted(draw: st.DrawFn) -> Warehouse:
    kind = draw(TYPES)
    settings = draw(st.dictionaries(keys_of(kind), NESTED, min_size=1, max_size=6))
    return warehouse("planted").model_copy(update={"type": kind, "settings": {"name": "planted", **settings}})


def drawn(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


@given(planted())
def test_not_of_a_warehouse_nor_in_its_form(found: Warehouse) -> None:
    shown = render_warehouse(found, NOON)
    form = render_update_form(found, FormContext(channel="C0OPS"), SecretInputOptions())
    for text in (shown.text, drawn(shown.blocks), drawn(form), WarehouseSnapshot.of(found).model_dump_json()):
        assert CANARY.casefold() not in text.casefold()


@given(planted(), planted())
def test_not_on_a_card_before_nor_after(before: Warehouse, after: Warehouse) -> None:
    target = WarehouseSnapshot.of(before)
    update = Update(
        target=target,
        settings=dict(after.settings),
        before=dict(before.settings),
        plain_keys=list_plain_keys(after.type),
    )
    gone = Supersede(at=later(1), drift=find_drift(target, after))
    for waiting in (request(update), request(Delete(target=target))):
        for message in (render_card(waiting), render_card(advance(waiting, gone))):
            assert CANARY.casefold() not in (message.text + drawn(message.blocks)).casefold()
