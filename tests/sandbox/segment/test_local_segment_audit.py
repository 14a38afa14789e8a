"""The audit log: which events are recorded, and how to search them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.clock import Clock

Call = Callable[..., Awaitable[tuple[int, Any]]]

SPACE_ID = "jDReNXTo5faeNsacSbUT3e"
LIST = f"/spaces/{SPACE_ID}/profiles-warehouses"
WAREHOUSE_ID = "TpYxHCjVfEBSC5piwpfUzv"
ONE = f"{LIST}/{WAREHOUSE_ID}"
SERVER = {"hostname": "h", "port": "5432", "database": "d", "username": "u", "password": "p"}
CREATE = {"metadataId": "55d3d3aea3c", "settings": SERVER}


async def events(call: Call, **query: str) -> list[dict[str, Any]]:
    _, answer = await call("GET", "/audit-events", **query)
    found: list[dict[str, Any]] = answer["data"]["events"]
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "event"),
    [
        ("GET", LIST, None, "Profiles Sync Warehouse Retrieved"),
        ("POST", LIST, CREATE, "Profiles Sync Warehouse Created"),
        ("PATCH", ONE, {"settings": {}}, "Profiles Sync Warehouse Updated"),
        ("DELETE", ONE, None, "Profiles Sync Warehouse Deleted"),
        ("PATCH", f"{ONE}/selective-syncs", {"enableEventTables": False}, "Profiles Sync Warehouse Modified"),
        ("POST", "/warehouses/validation", CREATE, "Storage Destination Settings Validation"),
    ],
)
async def test_an_operation_records_its_event_with_the_token_as_actor(
    call: Call, method: str, path: str, body: object, event: str
) -> None:
    await call(method, path, body)
    (written,) = await events(call)
    assert written["type"] == event
    assert written["actor"].startswith("public-api-token/")
    assert written["id"].startswith("events/")
    assert "actorEmail" not in written


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/spaces", None), ("POST", LIST, {}), ("PATCH", f"{ONE}/selective-syncs", {}), ("DELETE", LIST, None)],
)
async def test_refused_calls_and_calls_without_a_change_record_nothing(
    call: Call, method: str, path: str, body: object
) -> None:
    await call(method, path, body)
    assert await events(call) == []


async def test_events_come_newest_first(call: Call) -> None:
    await call("PATCH", ONE, {"settings": {}, "name": "first"})
    await call("DELETE", ONE)
    assert [(event["type"].split()[-1], event["resourceName"]) for event in await events(call)] == [
        ("Deleted", "first"),
        ("Updated", "first"),
    ]


async def test_filters_by_resource(call: Call) -> None:
    await call("GET", LIST)
    await call("PATCH", ONE, {"settings": {}})
    assert [event["resourceId"] for event in await events(call, resourceId=WAREHOUSE_ID)] == [WAREHOUSE_ID]
    assert [event["resourceId"] for event in await events(call, resourceType="space")] == [SPACE_ID]
    assert await events(call, resourceId=WAREHOUSE_ID, resourceType="space") == []


async def test_filters_by_time(call: Call, clock: Clock) -> None:
    await call("PATCH", ONE, {"settings": {}, "name": "early"})
    between = (clock.utc_now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    clock.advance(7200)
    await call("PATCH", ONE, {"settings": {}, "name": "late"})
    assert [event["resourceName"] for event in await events(call, startTime=between)] == ["late"]
    assert [event["resourceName"] for event in await events(call, endTime=between)] == ["early"]
    assert [event["resourceName"] for event in await events(call, endTime=between.removesuffix("Z"))] == ["early"]


async def test_events_are_listed_for_90_days(call: Call, clock: Clock) -> None:
    await call("PATCH", ONE, {"settings": {}})
    clock.advance(89 * 86400)
    assert len(await events(call)) == 1
    clock.advance(2 * 86400)
    assert await events(call) == []
    assert await events(call, startTime="2020-01-01T00:00:00Z") == []


async def test_new_events_do_not_shift_the_pages(call: Call) -> None:
    for name in ("a", "b", "c"):
        await call("PATCH", ONE, {"settings": {}, "name": name})
    page = {"pagination.count": "2"}
    _, first = await call("GET", "/audit-events", **page, **{"pagination.cursor": "MA=="})
    await call("PATCH", ONE, {"settings": {}, "name": "d"})
    onward = {"pagination.cursor": first["data"]["pagination"]["next"]}
    _, second = await call("GET", "/audit-events", **page, **onward)
    names = [event["resourceName"] for answer in (first, second) for event in answer["data"]["events"]]
    assert names == ["c", "b", "a"]
    assert second["data"]["pagination"]["previous"]
    assert "next" not in second["data"]["pagination"]


@pytest.mark.parametrize("field", ["startTime", "endTime"])
async def test_an_invalid_time_is_422(call: Call, field: str) -> None:
    status, answer = await call("GET", "/audit-events", **{field: "yesterday"})
    assert (status, answer["errors"][0]["field"]) == (422, field)
