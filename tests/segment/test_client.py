"""The client in the domain's nouns: pages, what Segment hides, and every operation of the contract."""

import json
from typing import Any

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from bot.domain import segment_errors as s
from bot.segment import client as module
from bot.segment.catalog import load_catalog
from tests.segment.responses import SNOWFLAKE, Segment, data, never, wire
from tests.support.samples import PROD, kind


async def test_every_page_is_followed() -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("pagination.cursor")
        here = {None: ("a", "MQ=="), "MQ==": ("b", "Mg=="), "Mg==": ("c", None)}[cursor]
        spaces = [{"id": here[0], "slug": here[0], "name": here[0], "novel": True}]
        return data(spaces=spaces, pagination={"current": cursor or "MA==", "next": here[1], "previous": None})

    async with Segment(pages).client() as client:
        assert [space.id for space in await client.list_spaces()] == ["a", "b", "c"]


@pytest.mark.parametrize("pagination", [{}, {"pagination": None}, {"pagination": {"current": "MA=="}}])
async def test_a_list_may_end_without_a_word(pagination: dict[str, Any]) -> None:
    async with Segment(data(profilesWarehouses=[wire()], **pagination)).client() as client:
        assert [each.id for each in await client.list_warehouses(PROD)] == ["w1"]


async def test_a_list_that_turns_in_a_circle_ends() -> None:
    loop = data(spaces=[], pagination={"current": "x", "next": "x"})
    async with Segment(loop).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_spaces()


@pytest.mark.parametrize("hidden", ["<redacted>", "••••••••••", "••••••••••abcd"])
async def test_what_segment_hides_is_not_known(hidden: str) -> None:
    sent = wire(account="acme", password=hidden, ciphertext="AQIC", private_key="----", warehouse=hidden, novel=hidden)
    async with Segment(data(profilesWarehouses=[sent])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert dict(warehouse.settings) == {"name": "prod-snowflake", "account": "acme"}
    assert warehouse.name == "prod-snowflake"


async def test_a_type_that_nobody_knows_and_settings_that_are_null_are_taken() -> None:
    sent = wire() | {"settings": None, "metadata": {"id": "new", "name": "Novel DB", "slug": "novel", "options": None}}
    async with Segment(data(profilesWarehouses=[sent])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert not warehouse.type.is_known
    assert warehouse.name == "Novel DB"


@pytest.mark.parametrize("status", [200, 201])
async def test_a_creation_is_sent_once_and_both_its_statuses_are_taken(status: int) -> None:
    segment = Segment(data(status, profilesWarehouse=wire("w9")))
    async with segment.client() as client:
        made = await client.create_warehouse(
            PROD,
            metadata_id="CCIl4HLQPz",
            name="n",
            settings={"password": SecretStr("hunter2")},
            schema_name=None,
            enabled=True,
        )
    assert made.id == "w9"
    assert json.loads(segment.asked[0].content) == {
        "metadataId": "CCIl4HLQPz",
        "name": "n",
        "enabled": True,
        "settings": {"password": "hunter2"},
    }


async def test_the_rest_of_the_contract() -> None:
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


async def test_the_catalog_offers_what_syncs_profiles_and_what_nobody_knows() -> None:
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


async def test_a_list_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 3)

    def endless(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("pagination.cursor", "0")
        return data(spaces=[], pagination={"current": cursor, "next": str(int(cursor) + 1)})

    segment = Segment(endless)
    async with segment.client() as client:
        with pytest.raises(s.UnexpectedResponse) as caught:
            await client.list_spaces()
    assert (caught.value.operation, len(segment.asked)) == ("listSpaces", 3)


async def test_a_list_that_takes_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIST_TIMEOUT", 0)
    async with Segment(never).client() as client:
        with pytest.raises(s.TimedOut) as caught:
            await client.list_spaces()
    assert caught.value.operation == "listSpaces"


@pytest.mark.parametrize(
    "hidden", [{"a": {"password": "x"}}, {"a": ["<REDACTED>"]}, ["x", {"y": " <redacted> "}], {"credentials": 1}]
)
async def test_what_is_hidden_inside_a_value_is_not_known_either(hidden: JsonValue) -> None:
    sent = wire(novel=hidden, plain={"a": ["b", 1, None]})
    async with Segment(data(profilesWarehouses=[sent])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert dict(warehouse.settings) == {"name": "prod-snowflake", "plain": {"a": ["b", 1, None]}}


async def test_a_name_may_have_a_bullet_in_it() -> None:
    async with Segment(data(profilesWarehouses=[wire(name="Prod • EU")])).client() as client:
        (warehouse,) = await client.list_warehouses(PROD)
    assert warehouse.name == "Prod • EU"


@pytest.mark.parametrize("no_id", ["", ".", "..", "x" * 256])
async def test_an_id_that_leads_elsewhere_is_never_sent(no_id: str) -> None:
    segment = Segment(data(status="SUCCESS"))
    async with segment.client() as client:
        with pytest.raises(ValueError, match="an id"):
            await client.delete_warehouse(PROD, no_id)
    assert segment.asked == []
    async with Segment(data(profilesWarehouses=[wire(no_id)])).client() as client:
        with pytest.raises(s.UnexpectedResponse):
            await client.list_warehouses(PROD)


async def test_an_id_arrives_as_it_is() -> None:
    segment = Segment(data(status="SUCCESS"))
    async with segment.client() as client:
        await client.delete_warehouse(PROD, "a/../b?c#d%2F é")
    path = f"/spaces/{PROD.id}/profiles-warehouses/a%2F..%2Fb%3Fc%23d%252F%20%C3%A9"
    assert segment.asked[0].url.raw_path == path.encode()


async def test_segments_own_trail_of_a_warehouse_is_one_page() -> None:
    event = {
        "id": "events/1", "timestamp": "2026-11-23T12:00:00Z", "type": "Profiles Sync Warehouse Created",
        "actor": "public-api-token/x", "resourceId": "w", "resourceType": "warehouse", "resourceName": "n",
    }  # fmt: skip
    segment = Segment(data(events=[event], pagination={"current": "MA==", "next": "MQ=="}))
    async with segment.client() as client:
        assert [each.at for each in await client.list_events("w")] == ["2026-11-23T12:00:00Z"]
    assert [request.url.params["resourceId"] for request in segment.asked] == ["w"]
