"""The client: pages, masked settings, and every operation of the contract."""

import json
from typing import Any

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from bot.domain import segment_errors as s
from bot.segment import client as segment_client
from bot.segment.catalog import load_catalog
from tests.segment.responses import SNOWFLAKE, Segment, data, never, wire
from tests.support.samples import PROD, kind


async def test_every_page_is_followed() -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("pagination.cursor")
        page = {None: ("a", "MQ=="), "MQ==": ("b", "Mg=="), "Mg==": ("c", None)}[cursor]
        spaces = [{"id": page[0], "slug": page[0], "name": page[0], "novel": True}]
        return data(spaces=spaces, pagination={"current": cursor or "MA==", "next": page[1], "previous": None})

    async with Segment(pages).client() as client:
        assert [space.id for space in await client.list_spaces()] == ["a", "b", "c"]


@pytest.mark.parametrize("pagination", [{}, {"pagination": None}, {"pagination": {"current": "MA=="}}])
async def test_a_list_may_end_without_pagination(pagination: dict[str, Any]) -> None:
    async with Segment(data(profilesWarehouses=[wire()], **pagination)).client() as client:
        assert [each.id for each in await client.list_warehouses(PROD)] == ["w1"]


async def test_a_list_whose_cursors_repeat_ends() -> None:
    loop = data(spaces=[], pagination={"current": "x", "next": "x"})
    async with Segment(loop).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


@pytest.mark.parametrize("hidden", ["<redacted>", "••••••••••", "••••••••••abcd"])
async def test_masked_and_secret_settings_are_left_out(hidden: str) -> None:
    item = wire(account="acme", password=hidden, ciphertext="AQIC", private_key="----", warehouse=hidden, novel=hidden)
    async with Segment(data(profilesWarehouses=[item])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert dict(warehouse.settings) == {"name": "prod-snowflake", "account": "acme"}
    assert warehouse.name == "prod-snowflake"


async def test_an_unknown_type_and_null_settings_are_accepted() -> None:
    item = wire() | {"settings": None, "metadata": {"id": "new", "name": "Novel DB", "slug": "novel", "options": None}}
    async with Segment(data(profilesWarehouses=[item])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert not warehouse.type.is_known
    assert warehouse.name == "Novel DB"


@pytest.mark.parametrize("status", [200, 201])
async def test_a_creation_is_sent_once_and_may_return_200_or_201(status: int) -> None:
    segment = Segment(data(status, profilesWarehouse=wire("w9")))
    async with segment.client() as client:
        created = await client.create_warehouse(
            PROD,
            metadata_id="CCIl4HLQPz",
            name="n",
            settings={"password": SecretStr("hunter2")},
            schema_name=None,
            enabled=True,
        )
    assert created.id == "w9"
    assert json.loads(segment.requests[0].content) == {
        "metadataId": "CCIl4HLQPz",
        "name": "n",
        "enabled": True,
        "settings": {"password": "hunter2"},
    }


async def test_the_other_operations_of_the_contract() -> None:
    async with Segment(data(space={"id": "s", "slug": "prod", "name": "Prod"})).client() as client:
        assert (await client.get_space("s")).slug == "prod"
    async with Segment(data(space=None)).client() as client:
        with pytest.raises(s.ResourceMissing):
            await client.get_space("s")
    async with Segment(data(warehouseMetadata=SNOWFLAKE)).client() as client:
        assert await client.get_warehouse_type("CCIl4HLQPz") == kind("snowflake")
    item = {"collection": "tracks", "warehouseId": "w", "enabled": True, "properties": {}}
    async with Segment(data(items=[item], pagination={"current": "MA=="})).client() as client:
        assert [each.collection for each in await client.list_selective_syncs(PROD, "w")] == ["tracks"]
    async with Segment(data(status="UNCHANGED")).client() as client:
        assert await client.update_selective_syncs(PROD, "w", [], event_tables=True) == "UNCHANGED"
    async with Segment(data(status="FAILED")).client() as client:
        assert await client.validate_connection("m", {"password": SecretStr("x")}) == "FAILED"
    event = {
        "id": "events/1", "timestamp": "2026-11-23T12:00:00Z", "type": "Novel Event", "actor": "public-api-token/x",
        "resourceId": "w", "resourceType": "warehouse", "resourceName": "n",
    }  # fmt: skip
    async with Segment(data(events=[event])).client() as client:
        assert [each.type for each in await client.list_audit_events({"resourceId": "w"})] == ["Novel Event"]


async def test_the_catalog_lists_types_that_sync_profiles_and_unknown_types() -> None:
    novel = {"id": "x", "name": "Novel DB", "slug": "novel", "options": []}
    db2 = {"id": "CUy2TYfDp0", "name": "IBM Db2 Warehouse", "slug": "db2", "options": []}
    async with Segment(data(warehousesCatalog=[SNOWFLAKE, novel, db2], pagination={"current": "x"})).client() as client:
        assert [each.name for each in await client.list_warehouse_types()] == ["Novel DB", "Snowflake"]


def test_the_packages_catalog_knows_the_types_of_profiles_sync() -> None:
    catalog = load_catalog()
    slugs = {each.slug for each in catalog.types}
    assert catalog.profiles_sync_slugs <= slugs
    assert kind("snowflake").find_setting("password").is_secret  # type: ignore[union-attr]  # it is there
    assert all(each.find_setting("name") is None for each in catalog.types)
    assert {"ciphertext", "password", "private_key"} <= catalog.secret_keys


async def test_an_endless_list_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_client, "MAX_PAGES", 3)

    def endless(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("pagination.cursor", "0")
        return data(spaces=[], pagination={"current": cursor, "next": str(int(cursor) + 1)})

    segment = Segment(endless)
    async with segment.client() as client:
        with pytest.raises(s.UnexpectedResponse) as caught:
            await client.list_spaces()
    assert (caught.value.operation, len(segment.requests)) == ("listSpaces", 3)


async def test_a_slow_list_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_client, "LIST_TIMEOUT", 0)
    async with Segment(never).client() as client:
        with pytest.raises(s.TimedOut) as caught:
            await client.list_spaces()
    assert caught.value.operation == "listSpaces"


@pytest.mark.parametrize(
    "hidden", [{"a": {"password": "x"}}, {"a": ["<REDACTED>"]}, ["x", {"y": " <redacted> "}], {"credentials": 1}]
)
async def test_a_setting_with_a_masked_value_inside_is_left_out(hidden: JsonValue) -> None:
    item = wire(novel=hidden, plain={"a": ["b", 1, None]})
    async with Segment(data(profilesWarehouses=[item])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert dict(warehouse.settings) == {"name": "prod-snowflake", "plain": {"a": ["b", 1, None]}}


async def test_a_name_may_contain_a_bullet() -> None:
    async with Segment(data(profilesWarehouses=[wire(name="Prod • EU")])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert warehouse.name == "Prod • EU"


@pytest.mark.parametrize("invalid_id", ["", ".", "..", "x" * 256])
async def test_an_invalid_id_is_never_sent(invalid_id: str) -> None:
    segment = Segment(data(status="SUCCESS"))
    async with segment.client() as client:
        with pytest.raises(ValueError, match="an id"):
            await client.delete_warehouse(PROD, invalid_id)
    assert segment.requests == []
    async with Segment(data(profilesWarehouses=[wire(invalid_id)])).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_warehouses(PROD)


async def test_an_id_is_escaped_in_the_path() -> None:
    segment = Segment(data(status="SUCCESS"))
    async with segment.client() as client:
        await client.delete_warehouse(PROD, "a/../b?c#d%2F é")
    path = f"/spaces/{PROD.id}/profiles-warehouses/a%2F..%2Fb%3Fc%23d%252F%20%C3%A9"
    assert segment.requests[0].url.raw_path == path.encode()


async def test_segments_own_audit_log_of_a_warehouse_is_one_page() -> None:
    event = {
        "id": "events/1", "timestamp": "2026-11-23T12:00:00Z", "type": "Profiles Sync Warehouse Created",
        "actor": "public-api-token/x", "resourceId": "w", "resourceType": "warehouse", "resourceName": "n",
    }  # fmt: skip
    segment = Segment(data(events=[event], pagination={"current": "MA==", "next": "MQ=="}))
    async with segment.client() as client:
        assert [each.at for each in await client.list_events("w")] == ["2026-11-23T12:00:00Z"]
    assert [request.url.params["resourceId"] for request in segment.requests] == ["w"]
