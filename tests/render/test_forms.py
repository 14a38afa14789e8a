"""Forms: drawn, filled in as Slack sends them, and read back."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import Difference, Target, Update, drift
from bot.domain.segment_errors import FieldError
from bot.domain.warehouses import SecretRef, Warehouse, WarehouseType
from bot.render.answers import (
    Problems,
    answers,
    changed_warehouse,
    chosen_space,
    chosen_type,
    connection,
    located,
    new_warehouse,
)
from bot.render.forms import Origin, View, create_view, origin_of, refilled, update_view, with_note, with_type
from bot.segment.catalog import known_catalog
from tests.support.samples import PROD, STAGING, kind, warehouse

SECRETS = ("LOADER", "OTHER")
ORIGIN = Origin(channel="C0OPS", hook="https://hooks.example.com/1")
SNOWFLAKE, DATABRICKS = kind("snowflake"), kind("databricks")
SNOW = warehouse("prod-snowflake", account="acme", username="SEGMENT", warehouse="LOADING", database="PROFILES")
NOVEL = WarehouseType(metadata_id="novel01", slug="Novel DB", name="Novel DB")


def filled(view: View, **values: str | bool) -> dict[str, Any]:
    """The view as Slack sends it back, with `values` typed or chosen by block id (":" written as "__")."""
    state: dict[str, Any] = {}
    for block in view["blocks"]:  # type: ignore[attr-defined]  # a list of blocks
        if block["type"] != "input":
            continue
        element = block["element"]
        value = values.pop(block["block_id"].replace(":", "__"), None)
        state[block["block_id"]] = {element["action_id"]: _state(element, value)}
    assert not values, f"no such inputs: {list(values)}"
    return {**view, "id": "V1", "hash": "1", "state": {"values": state}}


def _state(element: Mapping[str, Any], value: str | bool | None) -> dict[str, Any]:
    if element["type"] == "plain_text_input":
        return {"type": "plain_text_input", "value": element.get("initial_value") if value is None else value or None}
    if element["type"] == "checkboxes":
        on = element.get("initial_options", []) if value is None else element["options"] if value else []
        return {"type": "checkboxes", "selected_options": on}
    chosen = element.get("initial_option")
    if value is not None:
        chosen = next((each for each in element["options"] if each["value"] == value), None)
    return {"type": "static_select", "selected_option": chosen}


def create_form(of: WarehouseType, secrets: tuple[str, ...] = SECRETS) -> View:
    first = create_view([PROD, STAGING], [*known_catalog().types, NOVEL], ORIGIN, STAGING)
    return with_type(filled(first, type=of.metadata_id), of, secrets)


def s(of: WarehouseType, key: str, what: str = "set") -> str:
    return f"{what}__{of.metadata_id}__{key}"


FULL = {
    "name": "new one",
    s(SNOWFLAKE, "account"): "acme",
    s(SNOWFLAKE, "username"): "SEGMENT",
    s(SNOWFLAKE, "warehouse"): "LOADING",
    s(SNOWFLAKE, "database"): "PROFILES",
    s(SNOWFLAKE, "password", "secret"): "LOADER",
}


def test_a_new_warehouse_is_read_as_it_was_typed() -> None:
    view = filled(create_form(SNOWFLAKE), type=SNOWFLAKE.metadata_id, schema="profiles_new", enabled=False, **FULL)
    assert chosen_type(view) == (SNOWFLAKE.metadata_id, "Snowflake")
    assert chosen_space(view) == STAGING
    assert origin_of(view) == ORIGIN
    made = new_warehouse(answers(view), STAGING, SNOWFLAKE, SECRETS)
    assert made.name == "new one"
    assert made.schema_name == "profiles_new"
    assert made.enabled is False
    assert made.settings == {
        "account": "acme",
        "auth_type": "password_auth",
        "username": "SEGMENT",
        "warehouse": "LOADING",
        "database": "PROFILES",
    }
    assert made.secrets == {"password": SecretRef(name="LOADER")}


def test_what_is_needed_and_blank_is_said_at_its_input() -> None:
    view = filled(create_form(SNOWFLAKE), **{**FULL, "name": "  ", s(SNOWFLAKE, "account"): " "})
    with pytest.raises(Problems) as caught:
        new_warehouse(answers(view), PROD, SNOWFLAKE, SECRETS)
    assert set(caught.value.by_input) == {"name", f"set:{SNOWFLAKE.metadata_id}:account"}


def test_a_form_without_secrets_to_choose_says_where_they_belong() -> None:
    text = str(create_form(kind("redshift"), ()))
    assert "WAREHOUSE_SECRET_" in text


@pytest.mark.parametrize("of", [*known_catalog().types, NOVEL], ids=lambda each: each.slug)
def test_every_types_form_keeps_slacks_limits_and_reads_back(of: WarehouseType) -> None:
    view = create_form(of)
    blocks = view["blocks"]
    assert len(blocks) <= 100  # type: ignore[arg-type]  # a list
    ids = [block["block_id"] for block in blocks if "block_id" in block]  # type: ignore[attr-defined]  # the same
    assert len(ids) == len(set(ids))
    assert len(str(view["private_metadata"])) <= 3000
    connection(answers(filled(view)), of, SECRETS)


def test_keys_whose_names_are_guesses_go_through_an_editor_that_says_so() -> None:
    view = create_form(DATABRICKS)
    assert "guess" in str(view["blocks"])
    typed = "hostname = dbc.example.com\nport = 443\n\nhttp_path=/sql/1\npassword = secret:LOADER\nssl = true\nempty ="
    form = answers(filled(view, name="n", **{s(DATABRICKS, "", "more")[:-2]: typed}))
    found = connection(form, DATABRICKS, SECRETS)
    assert found.settings == {"hostname": "dbc.example.com", "port": "443", "http_path": "/sql/1", "ssl": True}
    assert found.secrets == {"password": SecretRef(name="LOADER")}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("just words", "Line 1 is not key = value."),
        ("\nbad key! = 1", "Line 2 is not key = value."),
        ("a = 1\na = 2", "a is there twice."),
        ("password = hunter2", "password looks like a secret."),
        ("api_key = hunter2", "api_key looks like a secret."),
        ("x = secret:NOPE", "There is no secret NOPE for x. Names: LOADER, OTHER."),
    ],
)
def test_what_the_editor_does_not_take(typed: str, says: str) -> None:
    form = answers(filled(create_form(NOVEL), name="n", **{f"more__{NOVEL.metadata_id}": typed}))
    with pytest.raises(Problems) as caught:
        connection(form, NOVEL, SECRETS)
    assert says in caught.value.by_input[f"more:{NOVEL.metadata_id}"]
    assert "hunter2" not in str(caught.value.by_input)


def changed(of: Warehouse = SNOW, /, **values: str | bool) -> Update:
    view = filled(update_view(of, ORIGIN, SECRETS), **values)
    target = origin_of(view).target
    assert target is not None
    return changed_warehouse(answers(view), target, of.type, SECRETS)


def test_an_update_holds_only_what_differs_from_what_was_shown() -> None:
    update = changed(SNOW, **{s(SNOWFLAKE, "database"): "V2"})
    assert update.settings == {"database": "V2"}
    assert update.before == {"database": "PROFILES"}
    assert (update.name, update.schema_name, update.enabled, update.secrets) == (None, None, None, {})
    assert update.target == Target.of(SNOW)


def test_what_drifted_since_the_form_was_opened_is_told_and_nothing_else() -> None:
    opened = warehouse("x", slug="redshift", hostname="a", port="5439", database="d", encrypted=True, host="a")
    update = changed(opened, name="renamed")
    meanwhile = opened.model_copy(update={"settings": {**opened.settings, "hostname": "b", "host": "b"}})
    assert drift(update.target, opened) == ()
    assert drift(update.target, meanwhile) == (Difference(what="hostname", before="a", after="b"),)


def test_secrets_are_untouched_unless_chosen() -> None:
    assert changed(name="x").secrets == {}
    assert changed(SNOW, **{s(SNOWFLAKE, "password", "secret"): "OTHER"}).secrets == {
        "password": SecretRef(name="OTHER")
    }


def test_everything_of_a_warehouse_can_be_changed() -> None:
    update = changed(name="renamed", schema="other", enabled=False, **{s(SNOWFLAKE, "auth_type"): "key_pair"})
    assert (update.name, update.schema_name, update.enabled) == ("renamed", "other", False)
    assert update.settings == {"auth_type": "key_pair"}


def test_nothing_changed_is_said() -> None:
    with pytest.raises(Problems) as caught:
        changed()
    assert "Nothing is changed" in caught.value.general
    assert caught.value.by_input == {}


def test_emptying_a_field_is_a_change() -> None:
    redshift = warehouse("r", slug="redshift", credential_id="c1")
    assert changed(redshift, **{s(redshift.type, "credential_id"): ""}).settings == {"credential_id": ""}


def test_the_form_of_a_warehouse_never_holds_what_may_not_be_shown() -> None:
    strange = warehouse("x", password="hunter2", novel="hunter2", account="acme", nested={"k": "hunter2"})
    assert "hunter2" not in str(update_view(strange, ORIGIN, SECRETS))


@pytest.mark.parametrize(
    ("field", "block"),
    [
        ("settings.account", f"set:{SNOWFLAKE.metadata_id}:account"),
        ("account", f"set:{SNOWFLAKE.metadata_id}:account"),
        ("settings.password", f"secret:{SNOWFLAKE.metadata_id}:password"),
        ("name", "name"),
        ("schemaName", "schema"),
        ("metadataId", "type"),
        ("settings.novel", f"more:{SNOWFLAKE.metadata_id}"),
    ],
)
def test_segments_complaints_land_on_the_input_they_name(field: str, block: str) -> None:
    form = answers(filled(create_form(SNOWFLAKE)))
    found = located([FieldError("input-validation", "must be right", field)], form, SNOWFLAKE)
    assert found.by_input == {block: "must be right"}


def test_a_complaint_about_nothing_in_the_form_is_said_above_it() -> None:
    form = answers(filled(create_form(SNOWFLAKE)))
    found = located([FieldError("conflict", "already there", None), FieldError("x", "", "else")], form, SNOWFLAKE)
    assert (found.by_input, found.general) == ({}, "already there; x")


def test_a_note_and_errors_come_and_go_without_touching_the_inputs() -> None:
    view = filled(create_form(SNOWFLAKE), **FULL)
    noted = with_note(view, "⚠️ no", {"name": "too long"})
    ids = [block.get("block_id") for block in noted["blocks"]]  # type: ignore[attr-defined]  # a list
    assert ids[-1] == "note:end"
    assert ids[ids.index("name") + 1] == "error:name"
    assert with_note(noted, "")["blocks"] == view["blocks"]
    assert with_note(view, "no", on_top=True)["blocks"][0]["block_id"] == "note:top"  # type: ignore[index]  # a list


def test_a_form_can_be_shown_again_with_what_was_typed() -> None:
    view = filled(create_form(SNOWFLAKE), type=SNOWFLAKE.metadata_id, enabled=False, **FULL)
    again = filled(refilled(view, answers(view).typed, answers(view).initial))
    assert answers(again).typed == answers(view).typed


def test_a_form_shown_again_still_knows_what_was_changed_at_first() -> None:
    view = filled(
        update_view(SNOW, ORIGIN, SECRETS), **{s(SNOWFLAKE, "database"): "V2", s(SNOWFLAKE, "account"): "bad"}
    )
    again = refilled(view, answers(view).typed, answers(view).initial)
    corrected = answers(filled(again, **{s(SNOWFLAKE, "account"): "good"}))
    target = origin_of(again).target
    assert target is not None
    update = changed_warehouse(corrected, target, SNOW.type, SECRETS)
    assert update.settings == {"account": "good", "database": "V2"}
    assert update.before == {"account": "acme", "database": "PROFILES"}


def test_a_warehouse_without_a_schema_has_a_form_that_reads_back() -> None:
    bare = warehouse("x", schema_name=None, account="acme")
    assert changed(bare, name="renamed").target.schema_name is None


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_payload_of_any_shape_is_read_without_falling_over(state: object) -> None:
    view = {"state": state, "blocks": []}
    answers(view)
    assert chosen_type(view) is None
    assert chosen_space(view) is None


def test_a_warehouse_made_again_syncs_only_if_it_did() -> None:
    for enabled in (True, False):
        target = Target.of(warehouse("x", account="acme", enabled=enabled))
        form = answers(filled(with_type(create_form(SNOWFLAKE), SNOWFLAKE, SECRETS, like=target)))
        assert (form.typed["enabled"] == "on") is enabled


def test_a_setting_too_long_for_an_input_stays_as_it_is() -> None:
    long = warehouse("prod-snowflake", account="acme", database="x" * 3500)
    view = update_view(long, Origin(channel="C0OPS"), ())
    assert "its 3500 characters don't fit into a form" in str(view["blocks"])
    update = changed_warehouse(answers(filled(view, name="renamed")), Target.of(long), SNOWFLAKE, SECRETS)
    assert update.settings == {}


@pytest.mark.parametrize("typed", ["AKIAIOSFODNN7EXAMPLE", '{"type": "service_account"}', "postgres://u:p@h/d"])
def test_what_looks_like_a_secret_is_not_taken_from_a_form(typed: str) -> None:
    view = update_view(SNOW, ORIGIN, SECRETS)
    block = f"set:{SNOWFLAKE.metadata_id}:database"
    with pytest.raises(Problems) as caught:
        changed_warehouse(
            answers(filled(view, **{block.replace(":", "__"): typed})), Target.of(SNOW), SNOWFLAKE, SECRETS
        )
    assert "looks like a secret" in caught.value.by_input[block]
    assert typed not in str(caught.value.by_input)
