"""Finding, listing, redacting, comparing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.domain.changes.change import Create, Update, WarehouseSnapshot, build_toggle, change_verb, to_audit_json
from bot.domain.changes.diff import Difference, find_drift, find_unapplied_fields, list_differences
from bot.domain.changes.fingerprint import compute_fingerprint
from bot.domain.commands.commands import List
from bot.domain.commands.list_query import PAGE_SIZE, build_warehouse_page
from bot.domain.redaction.settings import redact_settings, select_visible_settings
from bot.domain.requests.request import Request
from bot.domain.warehouses import SearchResult, SecretRef, WarehouseType
from tests.support.samples import NOON, PROD, STAGING, kind, request, warehouse

SNOW = warehouse("prod-snowflake", account="acme", username="SEGMENT", warehouse="LOADING", database="PROFILES")
MANY = [
    SNOW,
    warehouse("legacy-redshift", slug="redshift", enabled=False, schema_name="segment"),
    warehouse("twin", warehouse_id="w_1"),
    warehouse("Twin", warehouse_id="w_2", space=STAGING),
]


@pytest.mark.parametrize(
    "wanted", ["prod-snowflake", "PROD-Snowflake", " prod-snowflake ", "w_prod-snowflake", "W_PROD-snowflake"]
)
def test_one_is_found_by_name_or_id_in_any_case(wanted: str) -> None:
    assert SearchResult.search(MANY, wanted).single_match is SNOW


def test_two_of_one_name_are_both_offered() -> None:
    found = SearchResult.search(MANY, "TWIN")
    assert found.single_match is None
    assert [each.id for each in found.matches] == ["w_1", "w_2"]


@pytest.mark.parametrize("wanted", ["prod-snoflake", "snowflake", "prodsnowflake"])
def test_none_suggests_the_nearest(wanted: str) -> None:
    found = SearchResult.search(MANY, wanted)
    assert not found.matches
    assert found.suggestions[0].name == "prod-snowflake"


def test_an_id_wins_over_a_name() -> None:
    named_like_an_id = warehouse("w_1", warehouse_id="w_9")
    assert SearchResult.search([named_like_an_id, *MANY], "w_1").single_match is MANY[2]


def test_a_list_is_filtered_sorted_and_cut() -> None:
    rows = [warehouse(f"n{number:02}") for number in range(25)]
    page = build_warehouse_page(List(page=3), [PROD], reversed(rows), NOON)
    assert [each.name for each in page.warehouses] == ["n20", "n21", "n22", "n23", "n24"]
    assert (page.total, page.page_count, page.query.page) == (25, 3, 3)
    assert build_warehouse_page(List(page=99), [PROD], rows, NOON).query.page == 3
    assert build_warehouse_page(List(), [PROD], [], NOON).page_count == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (List(type="SNOWFLAKE"), ["prod-snowflake", "twin", "Twin"]),
        (List(type="Redshift"), ["legacy-redshift"]),
        (List(enabled=False), ["legacy-redshift"]),
        (List(find="SEG"), ["legacy-redshift"]),
        (List(find="snow"), ["prod-snowflake"]),
    ],
)
def test_the_filters_of_a_list(query: List, names: list[str]) -> None:
    assert [each.name for each in build_warehouse_page(query, [PROD, STAGING], MANY, NOON).warehouses] == names


@given(st.lists(st.booleans()))
def test_pages_together_hold_everything_once(enabled: list[bool]) -> None:
    rows = [warehouse(f"n{number}", enabled=on) for number, on in enumerate(enabled)]
    first = build_warehouse_page(List(), [PROD], rows, NOON)
    shown = [
        each.id
        for page in range(1, first.page_count + 1)
        for each in build_warehouse_page(List(page=page), [PROD], rows, NOON).warehouses
    ]
    assert sorted(shown) == sorted(each.id for each in rows)
    assert all(
        len(build_warehouse_page(List(page=page), [PROD], rows, NOON).warehouses) <= PAGE_SIZE
        for page in range(1, first.page_count + 1)
    )


def test_only_what_the_table_knows_as_harmless_is_shown() -> None:
    kept = warehouse("x", account="acme", database="D", password="hunter2", novel="?", encrypted=True, nested={"a": 1})
    redacted = redact_settings(kept)
    assert [(entry.key, entry.text) for entry in redacted.visible_settings] == [("account", "acme"), ("database", "D")]
    assert redacted.unknown_count == 3
    assert "password" in redacted.secret_keys
    assert "hunter2" not in repr(redacted)
    assert select_visible_settings(kept.type, kept.settings) == {"account": "acme", "database": "D"}


def test_of_a_type_we_do_not_know_nothing_is_shown() -> None:
    strange = warehouse("x", account="acme").model_copy(
        update={"type": WarehouseType(metadata_id="new", slug="new", name="New")}
    )
    assert redact_settings(strange).visible_settings == ()
    assert redact_settings(strange).unknown_count == 1


@pytest.mark.parametrize(
    "other",
    [
        SNOW.model_copy(update={"enabled": False}),
        SNOW.model_copy(update={"schema_name": "x"}),
        SNOW.model_copy(update={"settings": {**SNOW.settings, "account": "b"}}),
        SNOW.model_copy(update={"settings": {**SNOW.settings, "unknown": 1}}),
        SNOW.model_copy(update={"space": STAGING}),
    ],
)
def test_the_fingerprint_differs_when_anything_does(other: object) -> None:
    assert compute_fingerprint(other) != compute_fingerprint(SNOW)  # type: ignore[arg-type]  # the table holds warehouses


def test_the_fingerprint_does_not_mind_the_order_of_keys() -> None:
    turned = SNOW.model_copy(update={"settings": dict(sorted(SNOW.settings.items(), reverse=True))})
    assert compute_fingerprint(turned) == compute_fingerprint(SNOW)


def test_drift_tells_what_changed_and_may_be_shown() -> None:
    now = warehouse("prod-snowflake", account="other", username="SEGMENT", warehouse="LOADING", enabled=False)
    assert find_drift(WarehouseSnapshot.of(SNOW), now) == (
        Difference(what="sync", before="on", after="off"),
        Difference(what="account", before="acme", after="other"),
        Difference(what="database", before="PROFILES", after=""),
    )


def test_differences_of_an_update_leave_secrets_out() -> None:
    update = Update(
        target=WarehouseSnapshot.of(SNOW),
        name="renamed",
        settings={"database": "V2"},
        before={"database": "PROFILES"},
        secrets={"password": SecretRef(name="LOADER")},
        plain_keys=("database",),
    )
    assert [(each.what, each.before, each.after) for each in list_differences(update)] == [
        ("name", "prod-snowflake", "renamed"),
        ("database", "PROFILES", "V2"),
    ]


def test_switching_to_what_it_is_changes_nothing() -> None:
    assert build_toggle(SNOW, enabled=True).is_empty
    assert not build_toggle(SNOW, enabled=False).is_empty
    assert change_verb(build_toggle(SNOW, enabled=False)) == "disable"
    assert change_verb(Update(target=WarehouseSnapshot.of(SNOW), enabled=False, name="x")) == "update"


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [({"port": 5439}, ()), ({"port": "5440"}, ("port",)), ({"auth_type": ""}, ()), ({"account": "acme"}, ())],
)
def test_what_was_asked_is_compared_with_what_is_read_back(
    settings: dict[str, str | int], wrong: tuple[str, ...]
) -> None:
    read = warehouse("x", account="acme", port="5439")
    assert find_unapplied_fields(Update(target=WarehouseSnapshot.of(read), settings=settings), read) == wrong


def test_a_stored_creation_keeps_the_name_of_its_secret_and_no_value() -> None:
    change = Create(
        space=PROD,
        metadata_id=kind("snowflake").metadata_id,
        type_slug="snowflake",
        type_name="Snowflake",
        name="new",
        settings={"nested": {"name": "looks like a reference"}},
        secrets={"password": SecretRef(name="LOADER")},
    )
    kept = Request.model_validate_json(request(change, needed=0).model_dump_json()).change
    assert kept == change


KEY = "AKIAIOSFODNN7EXAMPLE"


def test_what_looks_like_a_secret_is_not_shown_although_its_key_may_be() -> None:
    odd = warehouse("odd", account=KEY, database="D")
    redacted = redact_settings(odd)
    assert [entry.key for entry in redacted.visible_settings] == ["database"]
    assert [(entry.key, entry.text) for entry in redacted.masked_settings] == [("account", "hidden (medium)")]
    assert KEY not in redacted.model_dump_json()
    assert KEY not in WarehouseSnapshot.of(odd).model_dump_json()


@pytest.mark.parametrize("key", ["Password", "pass-word", "PASSWORD", "password ", "account.password", "novel"])
@pytest.mark.parametrize("value", ["hunter2", {"deep": ["hunter2"]}, '{"deep": "hunter2"}'])
def test_a_key_that_the_table_does_not_know_is_counted_and_not_shown(key: str, value: JsonValue) -> None:
    odd = SNOW.model_copy(update={"settings": {**SNOW.settings, key: value}})
    assert "hunter2" not in redact_settings(odd).model_dump_json()


def test_a_card_and_the_trail_show_of_a_change_what_its_table_knows_as_plain() -> None:
    update = Update(
        target=WarehouseSnapshot.of(SNOW),
        settings={"novel": "hunter2", "account": KEY, "database": "V2"},
        before={"novel": "hunter1", "account": "acme", "database": "PROFILES"},
        plain_keys=("account", "database"),
    )
    shown = {each.what: (each.before, each.after) for each in list_differences(update)}
    assert shown == {
        "novel": ("hidden (short)", "hidden (short)"),
        "account": ("acme", "hidden (medium)"),
        "database": ("PROFILES", "V2"),
    }
    kept = str(to_audit_json(update))
    assert "hunter" not in kept
    assert KEY not in kept
    assert "PROFILES" in kept


def test_a_name_that_nobody_can_see_is_none() -> None:
    assert warehouse("\u200b \u2060").name == "Snowflake"


def test_a_name_is_found_as_it_is_shown() -> None:
    hidden = warehouse("pro\u200bd\u202e  one")
    assert SearchResult.search([SNOW, hidden], "prod one").single_match == hidden
    assert SearchResult.search([SNOW, hidden], "pro\u200bd\u202e  one").single_match == hidden


def test_a_target_holds_no_more_of_a_name_than_a_name_may_have() -> None:
    target = WarehouseSnapshot.of(warehouse("x\n" * 10_000, schema_name="y" * 10_000))
    assert (len(target.name), len(target.schema_name or "")) == (255, 255)
    assert "\n" not in target.name


def test_two_long_names_that_differ_at_their_end_are_two() -> None:
    one, other = (warehouse("x" * 10_000 + end, warehouse_id="w1") for end in "ab")
    assert WarehouseSnapshot.of(one).fingerprint != WarehouseSnapshot.of(other).fingerprint
