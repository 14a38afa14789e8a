"""The state without HTTP: switches, snapshot, reset, masking."""

import json
import string
from typing import Any

import pytest

from bot.sandbox.segment.fixtures import SPACES, build_warehouses, get_fixture_secret
from bot.sandbox.segment.masking import mask_secrets
from bot.sandbox.segment.state import SegmentState, generate_id
from bot.sandbox.segment.switches import InvalidSwitches, Switches


def test_the_snapshot_is_plain_json_without_any_secret(state: SegmentState) -> None:
    text = json.dumps(state.snapshot())
    for warehouse in build_warehouses():
        assert warehouse.name in text
        assert get_fixture_secret(warehouse.name) not in text
        assert all(secret.digest not in text for secret in warehouse.secrets.values())
    assert state.token not in text


def test_the_snapshot_shows_spaces_with_their_warehouses(state: SegmentState) -> None:
    snapshot: Any = state.snapshot()
    assert [(space["slug"], len(space["warehouses"])) for space in snapshot["spaces"]] == [("prod", 8), ("staging", 2)]
    first = snapshot["spaces"][0]["warehouses"][0]
    assert (first["name"], first["slug"], first["secrets"]) == ("prod-snowflake", "snowflake", {"password": "set"})
    assert snapshot["switches"] == Switches().model_dump()
    assert snapshot["auditEvents"] == []


def test_reset_restores_the_fixtures(state: SegmentState) -> None:
    before = state.snapshot()
    state.configure_switches({"secrets": "bullets"})
    state.remove_warehouse(state.get_warehouse(SPACES[0].id, "ECKA2KrKeEvT8RM16mss4s"))
    assert state.snapshot() != before
    state.reset()
    assert state.snapshot() == before


def test_switches_are_set_one_by_one(state: SegmentState) -> None:
    state.configure_switches({"patch": "replace"})
    state.configure_switches({"create_status": 200})
    assert (state.switches.patch, state.switches.create_status) == ("replace", 200)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"nope": 1}, ["nope"]),
        ({"secrets": "shown"}, ["secrets"]),
        ({"create_status": 202}, ["create_status"]),
        ({"omit_pagination": "yes"}, ["omit_pagination"]),
        ({"rate_limit_per_minute": 0}, ["rate_limit_per_minute"]),
        ({"patch": None, "enabled_left_out": 1, "x": 2}, ["patch", "enabled_left_out", "x"]),
    ],
)
def test_all_invalid_switches_are_named_and_change_nothing(
    state: SegmentState, changes: dict[str, object], named: list[str]
) -> None:
    with pytest.raises(InvalidSwitches) as caught:
        state.configure_switches(changes | {"end_cursors": "null"})
    assert [problem.split(":")[0] for problem in caught.value.problems] == named
    assert state.switches == Switches()


def test_ids_are_22_characters_of_base_58() -> None:
    base58 = set(string.digits + string.ascii_letters) - set("0OIl")
    for resource_id in [
        generate_id(),
        *(space.id for space in SPACES),
        *(warehouse.id for warehouse in build_warehouses()),
    ]:
        assert len(resource_id) == 22
        assert set(resource_id) <= base58


def test_only_secret_keys_can_be_compared(state: SegmentState) -> None:
    assert not state.has_secret("ECKA2KrKeEvT8RM16mss4s", "private_key", "x")
    with pytest.raises(AssertionError):
        state.has_secret("ECKA2KrKeEvT8RM16mss4s", "account", "acme-prod.us-east-1")


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"password": "x", "username": "u"}, {"password": "(secret)", "username": "u"}),
        ({"Client-Secret": "x"}, {"Client-Secret": "(secret)"}),
        ({"credentials": {"private": "x"}}, {"credentials": "(secret)"}),
        ({"credential_id": "wc_1"}, {"credential_id": "wc_1"}),
        ({"password": "••••cret"}, {"password": "••••cret"}),
        ({"password": None}, {"password": None}),
        ([{"a": [{"token": 1}]}], [{"a": [{"token": "(secret)"}]}]),
        ("text", "text"),
    ],
)
def test_values_of_secret_keys_are_masked(value: object, masked: object) -> None:
    assert mask_secrets(value) == masked


def test_masking_stops_at_a_maximum_depth() -> None:
    value: list[object] = []
    value.append(value)
    assert "nested too deeply" in str(mask_secrets(value))
