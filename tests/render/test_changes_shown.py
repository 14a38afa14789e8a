"""What an approver sees of a change: everything that is sent, the host first, and nothing cut without saying so."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.redaction.settings import get_setting_labels, list_plain_keys
from bot.domain.requests.history import WarehouseHistories, WarehouseHistory
from bot.domain.requests.request import Request
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Claim, Succeed
from bot.domain.warehouses import SecretRef
from bot.render.blocks import Message
from bot.render.cards import render_card
from bot.render.changes import describe_change, limit_lines, redact_host
from bot.render.dialogs import DialogContext, render_break_glass_dialog
from bot.render.history import render_history
from bot.sandbox.slack.blockkit import find_block_problems
from tests.support.samples import NOON, PROD, kind, later, request, warehouse

LOADER = {"password": SecretRef(name="redshift/loader")}
SERVER: dict[str, JsonValue] = {
    "port": "5439",
    "database": "profiles",
    "username": "segment",
    "hostname": "db.redshift.amazonaws.com",
}


def create(
    settings: Mapping[str, JsonValue], slug: str = "redshift", *, enabled: bool = True, schema: str | None = "p"
) -> Create:
    type_ = kind(slug)
    return Create(
        space=PROD,
        metadata_id=type_.metadata_id,
        type_slug=slug,
        type_name=type_.name,
        name="new",
        schema_name=schema,
        enabled=enabled,
        settings=settings,
        secrets=LOADER,
        plain_keys=list_plain_keys(type_),
        labels=get_setting_labels(type_),
    )


def update(settings: Mapping[str, JsonValue], secrets: Mapping[str, SecretRef] | None = None) -> Update:
    there = warehouse("old", slug="redshift").model_copy(update={"settings": {"name": "old", **SERVER}})
    return Update(
        target=WarehouseSnapshot.of(there),
        settings=settings,
        secrets=secrets or {},
        before={key: SERVER[key] for key in settings if key in SERVER},
        plain_keys=list_plain_keys(there.type),
        labels=get_setting_labels(there.type),
    )


def question_of(message: Message) -> str:
    buttons = message.payload[-1]["elements"]
    assert isinstance(buttons, list)
    return str(buttons[0]["confirm"]["text"]["text"])


def test_a_creation_shows_everything_that_is_sent_and_the_host_first() -> None:
    assert describe_change(request(create(SERVER))) == [
        "Hostname `db.redshift.amazonaws.com`",
        "Type Redshift",
        "Schema `p`",
        "Sync on",
        "Port `5439`",
        "Database name `profiles`",
        "Username `segment`",
        "Password → secret `redshift/loader`",
    ]
    off = describe_change(request(create(SERVER, enabled=False, schema=None)))
    assert off[2:4] == ["Schema _as Segment names it_", "Sync *off*"]


def test_a_hidden_setting_is_listed_by_its_key() -> None:
    odd = create(SERVER | {"jdbc_url": "evil.example.com", "username": "AKIAIOSFODNN7EXAMPLE"})
    lines = describe_change(request(odd))
    assert "jdbc_url _hidden (medium)_" in lines
    assert "Username _hidden (medium)_" in lines
    assert "evil.example.com" not in render_card(request(odd)).text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("snowflake/loader", "secret `snowflake/loader`"),
        ("page:1", "entered on a one-time page"),
        ("typed:1", "typed into Slack"),
    ],
)
def test_a_secret_is_shown_by_where_it_comes_from(name: str, says: str) -> None:
    one = create({}).model_copy(update={"secrets": {"password": SecretRef(name=name)}})
    assert describe_change(request(one))[-1] == f"Password → {says}"


def test_an_update_shows_the_host_first_where_it_changes_and_where_it_stays() -> None:
    moved = describe_change(request(update({"database": "other", "hostname": "evil.example.com"}, LOADER)))
    assert moved[:3] == [
        "Hostname `db.redshift.amazonaws.com` → `evil.example.com`",
        "Database name `profiles` → `other`",
        "Password → secret `redshift/loader`",
    ]
    assert describe_change(request(update({}, LOADER)))[0] == "Hostname `db.redshift.amazonaws.com` _stays_"
    assert describe_change(request(update({}).model_copy(update={"name": "renamed"}))) == [
        "name `old` → `renamed`",
        "4 settings stay as they are",
    ]


def test_a_long_value_is_shown_whole_and_one_that_is_too_long_says_so() -> None:
    host = "a" * 60 + ".good.example.com." + "b" * 60 + ".evil.example.com"
    assert f"Hostname `{host}`" in describe_change(request(create(SERVER | {"hostname": host})))
    long = describe_change(request(create(SERVER | {"database": "<" * 3000})))
    (line,) = (line for line in long if line.startswith("Database name"))
    assert line.endswith("…` (3000 characters in all)")
    assert len(line) < 1500
    longest = update({"hostname": "&" * 3000}).model_copy(update={"before": {"hostname": "<" * 3000}})
    assert find_block_problems(render_card(request(longest)).payload, "message") == []
    assert describe_change(request(longest))[0].endswith("…` (3000 characters in all)")


def test_the_question_before_approving_names_the_host_and_never_cuts_its_end() -> None:
    asked = question_of(render_card(request(create(SERVER))))
    assert asked == "new in prod. It connects to db.redshift.amazonaws.com. It runs at once."
    long = create(SERVER | {"hostname": "good.example.com." + "x." * 150 + "evil.example.com"})
    cut = question_of(render_card(request(long.model_copy(update={"name": "n" * 255}))))
    assert len(cut) <= 300
    assert cut.endswith("evil.example.com. It runs at once.")
    assert "It connects to good.example.com." in cut
    rotated = question_of(render_card(request(update({}, LOADER))))
    assert "It connects to db.redshift.amazonaws.com." in rotated
    assert "connects" not in question_of(render_card(request(update({}).model_copy(update={"name": "renamed"}))))
    about = DialogContext(act="glass", channel="C0OPS", request_id="W-000001")
    assert "It connects to `db.redshift.amazonaws.com`." in str(
        render_break_glass_dialog(request(create(SERVER)), about)["blocks"]
    )


def test_a_host_that_looks_like_a_secret_is_hidden() -> None:
    assert redact_host(create(SERVER | {"hostname": "AKIAIOSFODNN7EXAMPLE"})) == "hidden (medium)"
    assert redact_host(create({"gc-project": "acme"}, "bigquery")) == ""


def test_more_lines_than_a_card_holds_are_counted_and_can_not_be_approved() -> None:
    many: dict[str, JsonValue] = {f"key_{number}": "x" * 900 for number in range(200)}
    keys = (*many, *list_plain_keys(kind("redshift")))
    asked = request(create(SERVER | many).model_copy(update={"plain_keys": keys}))
    drawn = render_card(asked.model_copy(update={"glass": "<@U0BOB>"}))
    assert find_block_problems(drawn.payload, "message") == []
    assert "more lines, for which there is no room here" in str(drawn.payload)
    assert "Hostname db.redshift.amazonaws.com" in drawn.text
    assert _buttons(drawn) == ["Deny", "Cancel"]
    assert _buttons(render_card(request(create(SERVER)))) == ["Approve creation", "Deny", "Cancel"]


def test_as_many_lines_are_shown_as_fit() -> None:
    assert limit_lines(["aa", "bb", "cc"], 8) == ["aa", "bb", "cc"]
    assert limit_lines(["aa", "bb", "cc"], 7) == ["aa", "bb", "and 1 more line, for which there is no room here"]


def _buttons(message: Message) -> list[str]:
    elements = message.payload[-1]["elements"]
    assert isinstance(elements, list)
    return [each["text"]["text"] for each in elements]


def done(change: Create) -> Request:
    claimed = advance(request(change, needed=0), Claim(by="p1", at=later(1), until=later(60)))
    return advance(claimed, Succeed(at=later(2), warehouse_id="w_1", verified=True))


def test_the_card_of_what_is_done_and_the_history_show_the_same() -> None:
    ended = done(create(SERVER))
    trail = WarehouseHistory(name="new", warehouse_id="w_1", warehouse=None, requests=(ended,), segment_events=None)
    for text in (
        render_card(ended).text,
        render_history(WarehouseHistories(histories=(trail,), omitted_count=0), NOON).text,
    ):
        assert "Hostname db.redshift.amazonaws.com" in text
        assert "Password → secret redshift/loader" in text
