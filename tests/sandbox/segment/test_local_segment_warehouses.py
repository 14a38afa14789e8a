"""List, create, update and delete profiles warehouses."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.sandbox.segment.fixtures import get_fixture_secret
from bot.sandbox.segment.state import SegmentState

Call = Callable[..., Awaitable[tuple[int, Any]]]

LIST = "/spaces/jDReNXTo5faeNsacSbUT3e/profiles-warehouses"
SNOWFLAKE_ID = "ECKA2KrKeEvT8RM16mss4s"
LEGACY_ID = "ygwsb7aYx3QhcmArmgTXHw"
ONE = f"{LIST}/{SNOWFLAKE_ID}"
LEGACY = f"{LIST}/{LEGACY_ID}"
SERVER = {"hostname": "h.example.com", "port": "5432", "database": "d", "username": "u", "password": "s3cret"}
POSTGRES = {"metadataId": "55d3d3aea3c", "settings": SERVER}


async def find_listed(call: Call, warehouse_id: str) -> dict[str, Any]:
    _, answer = await call("GET", LIST)
    return next(each for each in answer["data"]["profilesWarehouses"] if each["id"] == warehouse_id)


async def test_prod_has_eight_warehouses_of_five_types_one_disabled(call: Call) -> None:
    _, answer = await call("GET", LIST)
    found = answer["data"]["profilesWarehouses"]
    assert len(found) == 8
    assert {each["metadata"]["slug"] for each in found} == {
        "snowflake",
        "redshift",
        "postgres",
        "bigquery",
        "databricks",
    }
    assert [each["settings"]["name"] for each in found if not each["enabled"]] == ["legacy-redshift"]
    assert all(len(each["id"]) == 22 and each["schemaName"] for each in found)


async def test_staging_has_two(call: Call) -> None:
    _, answer = await call("GET", "/spaces/vLkiaULK45wsKgpkv4MJUC/profiles-warehouses")
    names = [each["settings"]["name"] for each in answer["data"]["profilesWarehouses"]]
    assert names == ["staging-snowflake", "staging-postgres"]


async def test_the_api_adds_generated_settings(call: Call) -> None:
    legacy = (await find_listed(call, LEGACY_ID))["settings"]
    assert legacy["encrypted"] is True
    assert legacy["host"] == legacy["hostname"] == "legacy.redshift.example.com"
    assert legacy["ciphertext"]
    snowflake = (await find_listed(call, SNOWFLAKE_ID))["settings"]
    assert {"host", "ciphertext"}.isdisjoint(snowflake)
    assert snowflake["encrypted"] is True


@pytest.mark.parametrize(("switch", "returned"), [("absent", None), ("redacted", "<redacted>"), ("bullets", "•" * 10)])
async def test_a_switch_sets_how_secrets_are_returned_and_never_as_they_are(
    call: Call, state: SegmentState, switch: str, returned: str | None
) -> None:
    state.configure_switches({"secrets": switch})
    _, answer = await call("POST", LIST, POSTGRES)
    assert answer["data"]["profilesWarehouse"]["settings"].get("password") == returned
    _, answer = await call("GET", LIST)
    assert "s3cret" not in str(answer)
    assert get_fixture_secret("prod-snowflake") not in str(answer)


async def test_create_returns_the_warehouse_as_listed_afterwards(call: Call) -> None:
    body = POSTGRES | {"name": "new-postgres", "schemaName": "new_schema", "enabled": False}
    status, answer = await call("POST", LIST, body)
    created = answer["data"]["profilesWarehouse"]
    assert status == 201
    assert created == await find_listed(call, created["id"])
    assert (created["settings"]["name"], created["schemaName"], created["enabled"]) == (
        "new-postgres",
        "new_schema",
        False,
    )
    assert created["settings"]["host"] == "h.example.com"
    assert created["spaceId"] == "jDReNXTo5faeNsacSbUT3e"


async def test_missing_fields_of_create_get_defaults(call: Call) -> None:
    _, answer = await call("POST", LIST, POSTGRES)
    created = answer["data"]["profilesWarehouse"]
    assert (created["settings"]["name"], created["schemaName"], created["enabled"]) == ("Postgres", "prod", True)


async def test_a_switch_answers_create_with_200(call: Call, state: SegmentState) -> None:
    state.configure_switches({"create_status": 200})
    assert (await call("POST", LIST, POSTGRES))[0] == 200


async def test_a_repeated_create_creates_two(call: Call) -> None:
    for _ in range(2):
        assert (await call("POST", LIST, POSTGRES))[0] == 201
    assert len((await call("GET", LIST))[1]["data"]["profilesWarehouses"]) == 10


async def test_a_schema_name_in_use_in_the_space_is_409(call: Call) -> None:
    status, answer = await call("POST", LIST, POSTGRES | {"schemaName": "profiles_crm"})
    message = "Schema name 'profiles_crm' is already in use"
    assert (status, answer["errors"]) == (409, [{"type": "conflict", "message": message, "field": "schemaName"}])
    assert (await call("PATCH", ONE, {"settings": {}, "schemaName": "profiles_crm"}))[0] == 409
    assert (await call("PATCH", ONE, {"settings": {}, "schemaName": "profiles_prod"}))[0] == 200
    assert (await call("POST", LIST, POSTGRES | {"schemaName": "profiles_staging"}))[0] == 201


async def test_patch_merges_settings_and_keeps_missing_fields(call: Call, state: SegmentState) -> None:
    before = await find_listed(call, SNOWFLAKE_ID)
    body = {"settings": {"database": "OTHER", "role": "R"}, "name": "renamed", "enabled": False, "schemaName": "moved"}
    status, answer = await call("PATCH", ONE, body)
    after = answer["data"]["profilesWarehouse"]
    assert status == 200
    assert after["settings"] == before["settings"] | {"database": "OTHER", "role": "R", "name": "renamed"}
    assert (after["enabled"], after["schemaName"]) == (False, "moved")
    assert after == await find_listed(call, SNOWFLAKE_ID)
    assert state.has_secret(SNOWFLAKE_ID, "password", get_fixture_secret("prod-snowflake"))


async def test_a_switch_makes_patch_replace_settings_secrets_included(call: Call, state: SegmentState) -> None:
    state.configure_switches({"patch": "replace"})
    _, answer = await call("PATCH", ONE, {"settings": {"database": "OTHER"}})
    settings = answer["data"]["profilesWarehouse"]["settings"]
    assert settings == {"database": "OTHER", "name": "prod-snowflake", "encrypted": True}
    assert not state.has_secret(SNOWFLAKE_ID, "password", get_fixture_secret("prod-snowflake"))


@pytest.mark.parametrize(("switch", "enabled"), [("enables", True), ("keeps", False)])
async def test_a_switch_sets_what_patch_without_enabled_does(
    call: Call, state: SegmentState, switch: str, enabled: bool
) -> None:
    state.configure_switches({"enabled_left_out": switch})
    _, answer = await call("PATCH", LEGACY, {"settings": {}})
    assert answer["data"]["profilesWarehouse"]["enabled"] is enabled


async def test_a_name_in_the_settings_is_used_unless_the_body_has_one(call: Call) -> None:
    _, answer = await call("PATCH", ONE, {"settings": {"name": "inside"}})
    assert answer["data"]["profilesWarehouse"]["settings"]["name"] == "inside"
    _, answer = await call("PATCH", ONE, {"settings": {"name": "inside"}, "name": "outside"})
    assert answer["data"]["profilesWarehouse"]["settings"]["name"] == "outside"


async def test_generated_settings_are_ignored_in_requests(call: Call) -> None:
    before = await find_listed(call, LEGACY_ID)
    sent = {"host": "evil.example.com", "encrypted": False, "ciphertext": "x"}
    _, answer = await call("PATCH", LEGACY, {"settings": sent, "enabled": False})
    assert answer["data"]["profilesWarehouse"] == before


async def test_replaced_credentials_are_counted_and_compared_but_never_shown(call: Call, state: SegmentState) -> None:
    old = (await find_listed(call, LEGACY_ID))["settings"]["ciphertext"]
    await call("PATCH", LEGACY, {"settings": {"password": "fresh"}})
    await call("PATCH", LEGACY, {"settings": {"password": "fresh"}})
    assert state.has_secret(LEGACY_ID, "password", "fresh")
    assert (await find_listed(call, LEGACY_ID))["settings"]["ciphertext"] != old
    warehouse = next(each for each in state.snapshot()["spaces"][0]["warehouses"] if each["id"] == LEGACY_ID)  # type: ignore[index]
    assert (warehouse["secrets"], warehouse["credentialsReplaced"]) == ({"password": "set"}, 1)
    assert warehouse["settings"]["ciphertext"] == "(secret)"


async def test_a_redaction_mark_sent_back_is_stored_as_the_secret_and_the_snapshot_says_so(
    call: Call, state: SegmentState
) -> None:
    await call("PATCH", ONE, {"settings": {"password": "<redacted>"}})
    warehouse = state.snapshot()["spaces"][0]["warehouses"][0]  # type: ignore[index]
    assert warehouse["secrets"] == {"password": "a redaction mark"}


async def test_a_second_delete_is_404(call: Call) -> None:
    assert await call("DELETE", ONE) == (200, {"data": {"status": "SUCCESS"}})
    assert (await call("DELETE", ONE))[0] == 404
    assert len((await call("GET", LIST))[1]["data"]["profilesWarehouses"]) == 7
