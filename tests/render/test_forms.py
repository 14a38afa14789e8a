"""Forms: drawn, filled in as Slack sends them, and read back."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes.change import Update, WarehouseSnapshot
from bot.domain.changes.diff import Difference, find_drift
from bot.domain.segment_errors import FieldError
from bot.domain.warehouses import SecretRef, Warehouse, WarehouseType
from bot.render.form_answers import (
    place_segment_errors,
    read_answers,
    read_chosen_space,
    read_chosen_type,
    read_connection_settings,
    read_creation,
    read_typed_secrets,
    read_update,
)
from bot.render.form_errors import FormErrors
from bot.render.forms import (
    FormContext,
    View,
    add_note,
    add_type_fields,
    read_form_context,
    refill_form,
    render_create_form,
    render_update_form,
    replace_blocks,
)
from bot.render.secret_fields import SecretInputOptions, add_secret_link, mark_erased, mark_received, read_received_keys
from bot.segment.catalog import load_catalog
from tests.support.samples import NOON, PROD, STAGING, kind, warehouse

SECRETS = ("LOADER", "OTHER")
ORIGIN = FormContext(channel="C0OPS", hook="https://hooks.example.com/1")
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
    first = render_create_form([PROD, STAGING], [*load_catalog().types, NOVEL], ORIGIN, STAGING)
    return add_type_fields(filled(first, type=of.metadata_id), of, SecretInputOptions(secrets))


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
    assert read_chosen_type(view) == (SNOWFLAKE.metadata_id, "Snowflake")
    assert read_chosen_space(view) == STAGING
    assert read_form_context(view) == ORIGIN
    made = read_creation(read_answers(view), STAGING, SNOWFLAKE, SECRETS)
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
    with pytest.raises(FormErrors) as caught:
        read_creation(read_answers(view), PROD, SNOWFLAKE, SECRETS)
    assert set(caught.value.by_input) == {"name", f"set:{SNOWFLAKE.metadata_id}:account"}


def test_a_form_without_secrets_to_choose_says_where_they_belong() -> None:
    for of in ("redshift", "bigquery"):
        assert "WAREHOUSE_SECRET_" in str(create_form(kind(of), ()))


@pytest.mark.parametrize("of", [*load_catalog().types, NOVEL], ids=lambda each: each.slug)
def test_every_types_form_keeps_slacks_limits_and_reads_back(of: WarehouseType) -> None:
    view = create_form(of)
    blocks = view["blocks"]
    assert len(blocks) <= 100  # type: ignore[arg-type]  # a list
    ids = [block["block_id"] for block in blocks if "block_id" in block]  # type: ignore[attr-defined]  # the same
    assert len(ids) == len(set(ids))
    assert len(str(view["private_metadata"])) <= 3000
    read_connection_settings(read_answers(filled(view)), of, SECRETS)


LONGER = "vault:" + "a/" * 40 + "loader"  # more than a label holds, and less than a value does


def secret_blocks(of: WarehouseType, ways: SecretInputOptions) -> dict[str, Any]:
    view = render_update_form(warehouse(slug=of.slug), ORIGIN, ways)
    blocks: Any = view["blocks"]
    return {each["block_id"]: each for each in blocks if "block_id" in each}


def test_long_names_are_offered_by_their_ends_and_those_too_long_for_slack_are_counted() -> None:
    block = secret_blocks(SNOWFLAKE, SecretInputOptions(("LOADER", LONGER, "x" * 151)))[
        f"secret:{SNOWFLAKE.metadata_id}:password"
    ]
    options = block["element"]["options"]
    assert [each["value"] for each in options] == ["LOADER", LONGER]
    assert len(options[1]["text"]["text"]) == 75
    assert options[1]["text"]["text"].endswith("/loader")
    assert "1 with longer names" in block["hint"]["text"]


@pytest.mark.parametrize("of", load_catalog().types, ids=lambda each: each.slug)
@pytest.mark.parametrize(
    "ways",
    [
        SecretInputOptions(SECRETS, has_secret_page=True, can_type_secrets=True),
        SecretInputOptions(has_secret_page=True),
        SecretInputOptions(can_type_secrets=True),
    ],
)
def test_every_secret_of_every_type_has_each_way_in(of: WarehouseType, ways: SecretInputOptions) -> None:
    blocks = secret_blocks(of, ways)
    secret = {each.name for each in of.settings if each.is_secret and each.is_writable}
    linked = {
        control["value"] for name, block in blocks.items() if name.startswith("once:") for control in block["elements"]
    }
    typed = {name.rpartition(":")[2] for name in blocks if name.startswith("typed:")}
    assert linked == (secret if ways.has_secret_page else set())
    assert typed == (secret if ways.can_type_secrets else set())
    assert all("Slack keeps what you type" in str(blocks[f"typed:{of.metadata_id}:{name}"]) for name in typed)


@pytest.mark.parametrize("name", ["page:0123456789abcdef", "typed:0123456789abcdef"])
def test_nobody_chooses_what_somebody_handed_over(name: str) -> None:
    view = filled(
        render_update_form(SNOW, ORIGIN, SecretInputOptions([name])), **{s(SNOWFLAKE, "password", "secret"): name}
    )
    form = read_answers(view)
    assert name in str(form)
    assert not read_connection_settings(form, SNOWFLAKE, SECRETS).secrets
    with pytest.raises(FormErrors):
        read_update(form, read_form_context(view).target or WarehouseSnapshot.of(SNOW), SNOWFLAKE, SECRETS)


def test_what_is_typed_as_a_secret_is_in_no_answer_and_in_no_repr() -> None:
    view = filled(
        render_update_form(SNOW, ORIGIN, SecretInputOptions(can_type_secrets=True)),
        **{s(SNOWFLAKE, "password", "typed"): "hunter2-hunter2"},
    )
    form, typed = read_answers(view), read_typed_secrets(view, SNOWFLAKE)
    assert "hunter2" not in repr(form)
    assert "hunter2" not in repr(typed)
    assert {key: value.get_secret_value() for key, value in typed.items()} == {"password": "hunter2-hunter2"}
    assert "hunter2" not in str(
        refill_form(
            render_update_form(SNOW, ORIGIN, SecretInputOptions(can_type_secrets=True)), form.values, form.initial
        )
    )


def test_a_needed_secret_that_nobody_gave_is_said() -> None:
    redshift = kind("redshift")
    typed = {s(redshift, key): "x" for key in ("hostname", "port", "database", "username")}
    for ways, where in (
        (SecretInputOptions(SECRETS, has_secret_page=True), "secret"),
        (SecretInputOptions(can_type_secrets=True), "typed"),
        (SecretInputOptions(has_secret_page=True), ""),
    ):
        view = add_type_fields(
            filled(render_create_form([PROD], [redshift], ORIGIN, PROD), type=redshift.metadata_id), redshift, ways
        )
        form = read_answers(filled(view, name="new", **typed))
        with pytest.raises(FormErrors) as caught:
            read_creation(form, PROD, redshift, SECRETS)
        said = f"{caught.value.by_input}{caught.value.general}"
        assert "Password is needed" in said
        assert not where or f"{where}:{redshift.metadata_id}:password" in caught.value.by_input
        handed = {"password": SecretRef(name="page:1")}
        assert read_creation(form, PROD, redshift, SECRETS, handed).secrets == handed


def test_a_link_is_drawn_below_its_button_once() -> None:
    view = filled(render_update_form(SNOW, ORIGIN, SecretInputOptions(has_secret_page=True)))
    first = replace_blocks(
        view, add_secret_link(view, "password", "Password", "https://bot.example.com/secret/1", NOON)
    )
    second = replace_blocks(
        first, add_secret_link(first, "password", "Password", "https://bot.example.com/secret/2", NOON)
    )
    blocks: Any = second["blocks"]
    at = [each.get("block_id") for each in blocks].index(f"once:{SNOWFLAKE.metadata_id}:password")
    assert blocks[at + 1]["accessory"]["url"] == "https://bot.example.com/secret/2"
    assert "secret/1" not in str(second)
    assert read_received_keys(second) == set()
    there = {"blocks": mark_received(second, {"password": "Password"})}
    assert there["blocks"][at + 1]["text"] == {"type": "mrkdwn", "text": ANY, "verbatim": True}
    assert "secret/2" not in str(there)
    assert read_received_keys(there) == {"password"}
    gone = {"blocks": mark_erased(there, ["password"])}
    assert "is erased" in str(gone["blocks"][at + 1])
    assert read_received_keys(gone) == set()


@pytest.mark.parametrize("of", load_catalog().types, ids=lambda each: each.slug)
def test_every_secret_of_every_type_is_chosen_from_a_list(of: WarehouseType) -> None:
    chosen = {
        name.rpartition(":")[2] for name in secret_blocks(of, SecretInputOptions(SECRETS)) if name.startswith("secret:")
    }
    assert chosen == {each.name for each in of.settings if each.is_secret and each.is_writable}


def test_keys_whose_names_are_guesses_go_through_an_editor_that_says_so() -> None:
    view = create_form(DATABRICKS)
    assert "guess" in str(view["blocks"])
    typed = "hostname = dbc.example.com\nport = 443\n\nhttp_path=/sql/1\npassword = secret:LOADER\nssl = true\nempty ="
    form = read_answers(filled(view, name="n", **{s(DATABRICKS, "", "more")[:-2]: typed}))
    found = read_connection_settings(form, DATABRICKS, SECRETS)
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
    form = read_answers(filled(create_form(NOVEL), name="n", **{f"more__{NOVEL.metadata_id}": typed}))
    with pytest.raises(FormErrors) as caught:
        read_connection_settings(form, NOVEL, SECRETS)
    assert says in caught.value.by_input[f"more:{NOVEL.metadata_id}"]
    assert "hunter2" not in str(caught.value.by_input)


def changed(of: Warehouse = SNOW, /, **values: str | bool) -> Update:
    view = filled(render_update_form(of, ORIGIN, SecretInputOptions(SECRETS)), **values)
    target = read_form_context(view).target
    assert target is not None
    return read_update(read_answers(view), target, of.type, SECRETS)


def test_an_update_holds_only_what_differs_from_what_was_shown() -> None:
    update = changed(SNOW, **{s(SNOWFLAKE, "database"): "V2"})
    assert update.settings == {"database": "V2"}
    assert update.before == {"database": "PROFILES"}
    assert (update.name, update.schema_name, update.enabled, update.secrets) == (None, None, None, {})
    assert update.target == WarehouseSnapshot.of(SNOW)


def test_what_drifted_since_the_form_was_opened_is_told_and_nothing_else() -> None:
    opened = warehouse("x", slug="redshift", hostname="a", port="5439", database="d", encrypted=True, host="a")
    update = changed(opened, name="renamed")
    meanwhile = opened.model_copy(update={"settings": {**opened.settings, "hostname": "b", "host": "b"}})
    assert find_drift(update.target, opened) == ()
    assert find_drift(update.target, meanwhile) == (Difference(what="hostname", before="a", after="b"),)


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
    with pytest.raises(FormErrors) as caught:
        changed()
    assert "Nothing is changed" in caught.value.general
    assert caught.value.by_input == {}


def test_emptying_a_field_is_a_change() -> None:
    redshift = warehouse("r", slug="redshift", credential_id="c1")
    assert changed(redshift, **{s(redshift.type, "credential_id"): ""}).settings == {"credential_id": ""}


def test_the_form_of_a_warehouse_never_holds_what_may_not_be_shown() -> None:
    strange = warehouse("x", password="hunter2", novel="hunter2", account="acme", nested={"k": "hunter2"})
    assert "hunter2" not in str(render_update_form(strange, ORIGIN, SecretInputOptions(SECRETS)))


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
    form = read_answers(filled(create_form(SNOWFLAKE)))
    found = place_segment_errors([FieldError("input-validation", "must be right", field)], form, SNOWFLAKE)
    assert found.by_input == {block: "must be right"}


def test_a_complaint_about_nothing_in_the_form_is_said_above_it() -> None:
    form = read_answers(filled(create_form(SNOWFLAKE)))
    found = place_segment_errors(
        [FieldError("conflict", "already there", None), FieldError("x", "", "else")], form, SNOWFLAKE
    )
    assert (found.by_input, found.general) == ({}, "already there; x")


def test_a_note_and_errors_come_and_go_without_touching_the_inputs() -> None:
    view = filled(create_form(SNOWFLAKE), **FULL)
    noted = add_note(view, "⚠️ no", {"name": "too long"})
    ids = [block.get("block_id") for block in noted["blocks"]]  # type: ignore[attr-defined]  # a list
    assert ids[-1] == "note:end"
    assert ids[ids.index("name") + 1] == "error:name"
    assert add_note(noted, "")["blocks"] == view["blocks"]
    assert add_note(view, "no", on_top=True)["blocks"][0]["block_id"] == "note:top"  # type: ignore[index]  # a list


def test_a_form_can_be_shown_again_with_what_was_typed() -> None:
    view = filled(create_form(SNOWFLAKE), type=SNOWFLAKE.metadata_id, enabled=False, **FULL)
    again = filled(refill_form(view, read_answers(view).values, read_answers(view).initial))
    assert read_answers(again).values == read_answers(view).values


def test_a_form_shown_again_still_knows_what_was_changed_at_first() -> None:
    view = filled(
        render_update_form(SNOW, ORIGIN, SecretInputOptions(SECRETS)),
        **{s(SNOWFLAKE, "database"): "V2", s(SNOWFLAKE, "account"): "bad"},
    )
    again = refill_form(view, read_answers(view).values, read_answers(view).initial)
    corrected = read_answers(filled(again, **{s(SNOWFLAKE, "account"): "good"}))
    target = read_form_context(again).target
    assert target is not None
    update = read_update(corrected, target, SNOW.type, SECRETS)
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
    read_answers(view)
    assert read_chosen_type(view) is None
    assert read_chosen_space(view) is None


def test_a_warehouse_made_again_syncs_only_if_it_did() -> None:
    for enabled in (True, False):
        target = WarehouseSnapshot.of(warehouse("x", account="acme", enabled=enabled))
        form = read_answers(
            filled(add_type_fields(create_form(SNOWFLAKE), SNOWFLAKE, SecretInputOptions(SECRETS), template=target))
        )
        assert (form.values["enabled"] == "on") is enabled


def test_a_setting_too_long_for_an_input_stays_as_it_is() -> None:
    long = warehouse("prod-snowflake", account="acme", database="x" * 3500)
    view = render_update_form(long, FormContext(channel="C0OPS"), SecretInputOptions())
    assert "its 3500 characters don't fit into a form" in str(view["blocks"])
    update = read_update(read_answers(filled(view, name="renamed")), WarehouseSnapshot.of(long), SNOWFLAKE, SECRETS)
    assert update.settings == {}


@pytest.mark.parametrize("typed", ["AKIAIOSFODNN7EXAMPLE", '{"private_key": "hunter2"}', "postgres://u:p@h/d"])
def test_what_looks_like_a_secret_is_not_taken_from_a_form(typed: str) -> None:
    view = render_update_form(SNOW, ORIGIN, SecretInputOptions(SECRETS))
    block = f"set:{SNOWFLAKE.metadata_id}:database"
    with pytest.raises(FormErrors) as caught:
        read_update(
            read_answers(filled(view, **{block.replace(":", "__"): typed})),
            WarehouseSnapshot.of(SNOW),
            SNOWFLAKE,
            SECRETS,
        )
    assert "looks like a secret" in caught.value.by_input[block]
    assert typed not in str(caught.value.by_input)


def test_a_value_of_several_lines_stays_one_setting_in_the_editor() -> None:
    odd = warehouse("odd", slug="databricks", hostname="db.example.com\nhostname = evil.example\njust words")
    form = render_update_form(odd, ORIGIN, SecretInputOptions(SECRETS))
    with pytest.raises(FormErrors, match=r"^\[\]$"):  # every line can be read, and nothing is changed
        read_update(read_answers(filled(form)), WarehouseSnapshot.of(odd), DATABRICKS, SECRETS)


def test_what_hides_in_a_name_is_in_no_input_and_not_taken_for_a_change() -> None:
    odd = warehouse("pro\u202ed\nname", warehouse_id="w1", account="ac\u200bme")
    form = render_update_form(odd, ORIGIN, SecretInputOptions(SECRETS))
    assert "\\u202e" not in str(form)
    assert "\\u200b" not in str(form)
    with pytest.raises(FormErrors, match=r"^\[\]$"):
        read_update(read_answers(filled(form)), WarehouseSnapshot.of(odd), SNOWFLAKE, SECRETS)


def test_a_name_that_nobody_can_see_is_none() -> None:
    view = filled(create_form(SNOWFLAKE), **{**FULL, "name": "\u200b\u2060"})
    with pytest.raises(FormErrors) as caught:
        read_creation(read_answers(view), PROD, SNOWFLAKE, SECRETS)
    assert set(caught.value.by_input) == {"name"}
