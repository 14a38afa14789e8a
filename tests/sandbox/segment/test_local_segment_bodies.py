"""The validation of request bodies, and its messages."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.sandbox.segment.state import SegmentState

Client = TestClient[web.Request, web.Application]
Call = Callable[..., Awaitable[tuple[int, Any]]]

LIST = "/spaces/jDReNXTo5faeNsacSbUT3e/profiles-warehouses"
ONE = f"{LIST}/TpYxHCjVfEBSC5piwpfUzv"
SNOWFLAKE: dict[str, Any] = {"account": "a", "username": "u", "password": "p", "warehouse": "w", "database": "d"}
SERVER: dict[str, Any] = {"hostname": "h", "port": "5432", "database": "d", "username": "u", "password": "p"}


def snowflake(without: str = "", **changed: object) -> dict[str, Any]:
    settings = {key: value for key, value in (SNOWFLAKE | changed).items() if key != without}
    return {"metadataId": "CCIl4HLQPz", "settings": settings}


def postgres(without: str = "", **changed: object) -> dict[str, Any]:
    settings = {key: value for key, value in (SERVER | changed).items() if key != without}
    return {"metadataId": "55d3d3aea3c", "settings": settings}


REFUSED_CREATES = [
    ({}, '"metadataId" is required', "metadataId"),
    ({"metadataId": "CCIl4HLQPz"}, '"settings" is required', "settings"),
    (snowflake() | {"metadataId": 7}, '"metadataId" must be a string', "metadataId"),
    (snowflake() | {"metadataId": "nope"}, '"metadataId" is not a warehouse type of the catalog', "metadataId"),
    (
        postgres() | {"metadataId": "CUy2TYfDp0"},
        '"metadataId" is not a warehouse type that Profiles Sync supports',
        "metadataId",
    ),
    (snowflake() | {"settings": []}, '"settings" must be an object', "settings"),
    (snowflake() | {"enabled": "yes"}, '"enabled" must be a boolean', "enabled"),
    (snowflake() | {"enabled": None}, '"enabled" must be a boolean', "enabled"),
    (snowflake() | {"name": ""}, '"name" is not allowed to be empty', "name"),
    (snowflake() | {"name": 1}, '"name" must be a string', "name"),
    (snowflake() | {"name": "n" * 256}, '"name" length must be less than or equal to 255 characters long', "name"),
    (snowflake() | {"schemaName": ""}, '"schemaName" is not allowed to be empty', "schemaName"),
    (snowflake() | {"schema_name": "x"}, '"schema_name" is not allowed', "schema_name"),
    (snowflake("account"), '"settings.account" is required', "settings.account"),
    (snowflake(account=""), '"settings.account" is not allowed to be empty', "settings.account"),
    (snowflake(account=None), '"settings.account" must be a string', "settings.account"),
    (snowflake(name=""), '"settings.name" is not allowed to be empty', "settings.name"),
    (snowflake("password"), '"settings.password" is required', "settings.password"),
    (snowflake(password=["p"]), '"settings.password" must be a string', "settings.password"),
    (postgres("password"), '"settings.password" is required', "settings.password"),
    *[
        (postgres(port=port), '"settings.port" must be a number between 1 and 65535', "settings.port")
        for port in ("abc", "", "0", "65536", "-1", "54.32", "٣", True, None, 54.32)
    ],
]


@pytest.mark.parametrize(("body", "message", "field"), REFUSED_CREATES)
async def test_a_refused_create_creates_nothing(call: Call, body: object, message: str, field: str) -> None:
    status, answer = await call("POST", LIST, body)
    assert status == 422
    assert {"type": "input-validation", "message": message, "field": field} in answer["errors"]
    assert len((await call("GET", LIST))[1]["data"]["profilesWarehouses"]) == 8


@pytest.mark.parametrize(
    "body",
    [
        snowflake("password", private_key="k"),
        snowflake(unknown_key={"any": ["shape", 1, None]}),
        postgres(port=5432),
        {"metadataId": "kwX50Df0hr", "settings": {"credential_id": "wc_1"}},
        {"metadataId": "kwX50Df0hr", "settings": {"gc-project": "p", "credentials": "{}"}},
        snowflake() | {"name": "n" * 255},
    ],
)
async def test_an_unusual_but_valid_create_succeeds(call: Call, body: object) -> None:
    assert (await call("POST", LIST, body))[0] == 201


async def test_all_problems_are_reported_at_once(call: Call) -> None:
    _, answer = await call("POST", LIST, postgres("hostname", port="x", username=1))
    assert {error["field"] for error in answer["errors"]} == {
        "settings.hostname",
        "settings.port",
        "settings.username",
    }


async def test_a_switch_refuses_missing_credentials_with_a_500(call: Call, state: SegmentState) -> None:
    state.configure_switches({"missing_credentials": "unknown"})
    status, answer = await call("POST", LIST, snowflake("password"))
    assert status == 500
    assert answer["errors"] == [{"type": "unknown", "message": "Connection settings are invalid: missing credentials"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "settings"),
        ({"name": "n"}, "settings"),
        ({"settings": None}, "settings"),
        ({"settings": {}, "metadataId": "CCIl4HLQPz"}, "metadataId"),
        ({"settings": {}, "name": ""}, "name"),
        ({"settings": {}, "enabled": 1}, "enabled"),
        ({"settings": {"port": "x"}}, "settings.port"),
        ({"settings": {"hostname": ""}}, "settings.hostname"),
        ({"settings": {"password": None}}, "settings.password"),
    ],
)
async def test_a_refused_patch_changes_nothing(call: Call, body: object, field: str) -> None:
    before = (await call("GET", LIST))[1]
    status, answer = await call("PATCH", ONE, body)
    assert (status, answer["errors"][0]["field"]) == (422, field)
    assert (await call("GET", LIST))[1] == before


@pytest.mark.parametrize(
    ("raw", "content_type", "message"),
    [
        (b"{", "application/json", "The body is not valid JSON"),
        (b"", "application/json", "The body is not valid JSON"),
        (b"\xff\xfe\x00", "application/json", "The body is not valid JSON"),
        (b'{"settings": NaN}', "application/json", "The body is not valid JSON"),
        (b"[" * 100_000, "application/json", "The body is not valid JSON"),
        (b"[]", "application/json", "The body must be a JSON object"),
        (b"null", "application/vnd.segment.v1alpha+json", "The body must be a JSON object"),
        (b"{}", "text/plain", "The Content-Type of the body must be JSON"),
        (b"{}", "application/x-www-form-urlencoded", "The Content-Type of the body must be JSON"),
        (b'{"settings": {"x": 1e999}}', "application/json", "The body holds what can't be kept"),
        (b'{"settings":' * 60 + b"1" + b"}" * 60, "application/json", "The body holds what can't be kept"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", LIST), ("PATCH", ONE)])
async def test_a_body_that_is_not_a_json_object_is_400(
    client: Client, method: str, path: str, raw: bytes, content_type: str, message: str
) -> None:
    headers = {"Content-Type": content_type}
    response = await client.request(method, f"/segment{path}", data=raw, headers=headers)
    answer = await response.json()
    assert response.status == 400
    assert answer["errors"][0]["type"] == "bad-request"
    assert answer["errors"][0]["message"].startswith(message)


@pytest.mark.parametrize("size", [1_000_001, 2_500_000])
async def test_a_body_over_a_megabyte_is_413(client: Client, size: int) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.post(f"/segment{LIST}", data=BytesIO(b" " * size), headers=headers)
    assert (response.status, (await response.json())["errors"][0]["type"]) == (413, "payload-too-large")


async def test_a_body_over_a_megabyte_in_chunks_is_413(client: Client) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b" " * 50_000

    headers = {"Content-Type": "application/json"}
    response = await client.post(f"/segment{LIST}", data=chunks(), headers=headers)
    assert response.status == 413


@pytest.mark.parametrize("name", ["one\ud83d", "one\0"])
async def test_names_that_utf_8_cannot_encode_are_stored_and_escaped(call: Call, name: str) -> None:
    status, created = await call("POST", LIST, {**postgres(username=name), "name": name, "schemaName": name})
    assert status == 201
    warehouse = created["data"]["profilesWarehouse"]
    assert (warehouse["settings"]["name"], warehouse["settings"]["username"], warehouse["schemaName"]) == (
        name,
        name,
        name,
    )
    _, listed = await call("GET", LIST)
    assert name in [each["settings"]["name"] for each in listed["data"]["profilesWarehouses"]]
