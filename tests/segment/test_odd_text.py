"""A name that is not valid Unicode does not break the rest of a response."""

import json

import httpx
import pytest

from bot.domain import segment_errors as s
from bot.domain.warehouses import SearchResult, Warehouse
from bot.segment.client import SegmentClient
from tests.segment.responses import SNOWFLAKE, Segment, wire
from tests.support.samples import PROD

ODD = "one\ud83d\0"
SHOWN = "one\ufffd\ufffd"


def make_client(content: object, status: int = 200) -> SegmentClient:
    """Return a client of a Segment that sends `content` as JSON with escapes."""
    return Segment(httpx.Response(status, content=json.dumps(content).encode())).client()


async def list_odd_warehouse(**changes: object) -> Warehouse:
    odd = {**wire("w1"), **changes}
    async with make_client({"data": {"profilesWarehouses": [odd, wire("w2")]}}) as client:
        first, second = await client.list_warehouses(PROD)
    assert second.name == "prod-snowflake"
    json.dumps(first.model_dump(), ensure_ascii=False).encode()
    first.model_dump_json()  # as the store writes it
    return first


async def test_a_name_is_shown_and_found_with_replacement_characters() -> None:
    warehouse = await list_odd_warehouse(settings={"name": ODD})
    assert warehouse.name == SHOWN
    assert SearchResult.search([warehouse], SHOWN).single_match == warehouse
    assert SearchResult.search([warehouse], "w1").single_match == warehouse


async def test_settings_schema_and_type_have_replacement_characters() -> None:
    kind = {**SNOWFLAKE, "name": ODD, "slug": ODD}
    warehouse = await list_odd_warehouse(settings={"name": "n", ODD: {ODD: [ODD]}}, schemaName=ODD, metadata=kind)
    assert warehouse.settings[SHOWN] == {SHOWN: [SHOWN]}
    assert warehouse.schema_name == SHOWN


async def test_two_reads_give_equal_warehouses() -> None:
    odd = {"name": ODD, "account": ODD}
    assert await list_odd_warehouse(settings=odd) == await list_odd_warehouse(settings=odd)


async def test_odd_names_of_spaces() -> None:
    spaces = [{"id": "s1", "slug": ODD, "name": ODD}, {"id": "s2", "slug": "prod", "name": "Production"}]
    async with make_client({"data": {"spaces": spaces}}) as client:
        assert [each.slug for each in await client.list_spaces()] == [SHOWN, "prod"]


async def test_odd_names_of_catalog_types() -> None:
    types = [{**SNOWFLAKE, "id": "new", "name": ODD, "slug": "new"}, SNOWFLAKE]
    async with make_client({"data": {"warehousesCatalog": types}}) as client:
        assert {each.name for each in await client.list_warehouse_types()} >= {SHOWN, "Snowflake"}


async def test_odd_text_in_audit_events() -> None:
    fields = ("id", "timestamp", "type", "actor", "resourceId", "resourceType", "resourceName", "actorEmail")
    event = dict.fromkeys(fields, ODD)
    async with make_client({"data": {"events": [event]}}) as client:
        assert [each.actor for each in await client.list_events("w1")] == [SHOWN]


async def test_odd_text_in_errors() -> None:
    envelope = {"errors": [{"type": ODD, "message": ODD, "field": ODD}]}
    async with make_client(envelope, 422) as client:
        with pytest.raises(s.Invalid) as caught:
            await client.list_spaces()
    assert SHOWN in caught.value.user_message
    caught.value.user_message.encode()


async def test_bytes_that_are_not_utf_8_become_replacement_characters() -> None:
    raw = json.dumps({"data": {"profilesWarehouses": [wire("w1"), wire("w2")]}}).encode()
    raw = raw.replace(b"prod-snowflake", b"\xff\xfe", 1)
    async with Segment(httpx.Response(200, content=raw)).client() as client:
        assert [each.name for each in await client.list_warehouses(PROD)] == ["\ufffd\ufffd", "prod-snowflake"]
