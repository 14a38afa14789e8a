"""Selective syncs and the validation of settings."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Call = Callable[..., Awaitable[tuple[int, Any]]]

LIST = "/spaces/jDReNXTo5faeNsacSbUT3e/profiles-warehouses"
SYNCS = f"{LIST}/ECKA2KrKeEvT8RM16mss4s/selective-syncs"
WITHOUT_TABLES = f"{LIST}/o39CK5tyJvzN5okV4RVUj9/selective-syncs"
VALIDATION = "/warehouses/validation"
SERVER: dict[str, Any] = {"hostname": "h", "port": "5432", "database": "d", "username": "u", "password": "p"}


def override(**fields: object) -> dict[str, Any]:
    return {"syncOverrides": [fields]}


async def collection(call: Call, name: str, path: str = SYNCS) -> dict[str, Any]:
    _, answer = await call("GET", path)
    return next(item for item in answer["data"]["items"] if item["collection"] == name)


async def test_a_warehouse_has_three_collections(call: Call) -> None:
    _, answer = await call("GET", SYNCS)
    assert [item["collection"] for item in answer["data"]["items"]] == ["tracks", "identifies", "pages"]
    assert answer["data"]["enableEventTables"] is True


async def test_turning_off_a_collection_and_a_property_persists(call: Call) -> None:
    body = {
        "syncOverrides": [
            {"collection": "pages", "enabled": True},
            {"collection": "tracks", "property": "context_ip", "enabled": False},
        ]
    }
    assert await call("PATCH", SYNCS, body) == (200, {"data": {"status": "UPDATED"}})
    assert (await collection(call, "pages"))["enabled"] is True
    assert (await collection(call, "tracks"))["properties"]["context_ip"]["enabled"] is False
    assert await call("PATCH", SYNCS, body) == (200, {"data": {"status": "UNCHANGED"}})


@pytest.mark.parametrize("body", [{}, {"syncOverrides": []}, {"enableEventTables": True}])
async def test_overrides_without_a_change_are_unchanged(call: Call, body: object) -> None:
    assert await call("PATCH", SYNCS, body) == (200, {"data": {"status": "UNCHANGED"}})


async def test_overrides_are_unsupported_while_event_tables_are_off(call: Call) -> None:
    body = override(collection="tracks", enabled=False)
    status, answer = await call("PATCH", WITHOUT_TABLES, body)
    assert (status, answer["errors"][0]["field"]) == (422, "syncOverrides")
    status, _ = await call("PATCH", WITHOUT_TABLES, body | {"enableEventTables": True})
    assert status == 200
    assert (await collection(call, "tracks", WITHOUT_TABLES))["enabled"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"syncOverrides": {}}, "syncOverrides"),
        ({"syncOverrides": [1]}, "syncOverrides[0]"),
        ({"enableEventTables": "no"}, "enableEventTables"),
        ({"other": 1}, "other"),
        (override(collection="tracks"), "syncOverrides[0].enabled"),
        (override(enabled=True), "syncOverrides[0].collection"),
        (override(collection="tracks", enabled=1), "syncOverrides[0].enabled"),
        (override(collection="", enabled=True), "syncOverrides[0].collection"),
        (override(collection="nope", enabled=True), "syncOverrides[0].collection"),
        (override(collection="tracks", enabled=True, property="nope"), "syncOverrides[0].property"),
        (override(collection="tracks", enabled=True, extra=1), "syncOverrides[0].extra"),
    ],
)
async def test_a_refused_patch_changes_nothing(call: Call, body: object, field: str) -> None:
    before = await call("GET", SYNCS)
    status, answer = await call("PATCH", SYNCS, body)
    assert (status, answer["errors"][0]["field"]) == (422, field)
    assert await call("GET", SYNCS) == before


async def test_one_invalid_override_prevents_all_changes(call: Call) -> None:
    good, bad = {"collection": "pages", "enabled": True}, {"collection": "nope", "enabled": True}
    assert (await call("PATCH", SYNCS, {"syncOverrides": [good, bad]}))[0] == 422
    assert (await collection(call, "pages"))["enabled"] is False


@pytest.mark.parametrize(
    ("metadata_id", "settings", "status"),
    [
        ("55d3d3aea3c", SERVER, "CONNECTED"),
        ("55d3d3aea3c", SERVER | {"hostname": "db.Unreachable.example.com"}, "FAILED"),
        ("55d3d3aea3c", {}, "FAILED"),
        ("55d3d3aea3c", {key: value for key, value in SERVER.items() if key != "password"}, "FAILED"),
        ("55d3d3aea3c", SERVER | {"password": "<redacted>"}, "FAILED"),
        ("55d3d3aea3c", SERVER | {"password": "••••••••••"}, "FAILED"),
        ("55d3d3aea3c", SERVER | {"extra": {"any": "shape"}}, "CONNECTED"),
        ("CCIl4HLQPz", {"account": "a", "username": "u", "warehouse": "w", "database": "d"}, "FAILED"),
        (
            "CCIl4HLQPz",
            {"account": "unreachable", "username": "u", "warehouse": "w", "database": "d", "password": "p"},
            "FAILED",
        ),
        ("kwX50Df0hr", {"credential_id": "wc_1"}, "CONNECTED"),
        ("CUy2TYfDp0", SERVER | {"security": "SSL"}, "CONNECTED"),
    ],
)
async def test_validation_connects_or_fails_with_200(
    call: Call, metadata_id: str, settings: dict[str, Any], status: str
) -> None:
    body = {"metadataId": metadata_id, "settings": settings}
    assert await call("POST", VALIDATION, body) == (200, {"data": {"status": status}})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"settings": {}}, "metadataId"),
        ({"metadataId": "nope", "settings": {}}, "metadataId"),
        ({"metadataId": "55d3d3aea3c"}, "settings"),
        ({"metadataId": "55d3d3aea3c", "settings": SERVER, "name": "n"}, "name"),
        ({"metadataId": "55d3d3aea3c", "settings": SERVER | {"port": "x"}}, "settings.port"),
    ],
)
async def test_an_invalid_validation_body_is_422(call: Call, body: object, field: str) -> None:
    status, answer = await call("POST", VALIDATION, body)
    assert (status, answer["errors"][0]["field"]) == (422, field)
