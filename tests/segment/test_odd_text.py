"""One name that no UTF-8 can hold spoils nothing else, wherever Segment puts it."""

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


def answering(content: object, status: int = 200) -> SegmentClient:
    """A client of a Segment that says `content`, with escapes for what UTF-8 has no bytes for."""
    return Segment(httpx.Response(status, content=json.dumps(content).encode())).client()


async def listed(**changes: object) -> Warehouse:
    odd = {**wire("w1"), **changes}
    async with answering({"data": {"profilesWarehouses": [odd, wire("w2")]}}) as client:
        first, second = await client.list_warehouses(PROD)
    assert second.name == "prod-snowflake"
    json.dumps(first.model_dump(), ensure_ascii=False).encode()
    first.model_dump_json()  # as the store writes it
    return first


async def test_a_name_is_shown_with_replacement_characters_and_found_by_it() -> None:
    found = await listed(settings={"name": ODD})
    assert found.name == SHOWN
    assert SearchResult.search([found], SHOWN).single_match == found
    assert SearchResult.search([found], "w1").single_match == found


async def test_settings_keys_schema_and_type() -> None:
    kind = {**SNOWFLAKE, "name": ODD, "slug": ODD}
    found = await listed(settings={"name": "n", ODD: {ODD: [ODD]}}, schemaName=ODD, metadata=kind)
    assert found.settings[SHOWN] == {SHOWN: [SHOWN]}
    assert found.schema_name == SHOWN


async def test_what_is_read_again_is_the_same() -> None:
    odd = {"name": ODD, "account": ODD}
    assert await listed(settings=odd) == await listed(settings=odd)


async def test_spaces() -> None:
    spaces = [{"id": "s1", "slug": ODD, "name": ODD}, {"id": "s2", "slug": "prod", "name": "Production"}]
    async with answering({"data": {"spaces": spaces}}) as client:
        assert [each.slug for each in await client.list_spaces()] == [SHOWN, "prod"]


async def test_types_of_the_catalog() -> None:
    types = [{**SNOWFLAKE, "id": "new", "name": ODD, "slug": "new"}, SNOWFLAKE]
    async with answering({"data": {"warehousesCatalog": types}}) as client:
        assert {each.name for each in await client.list_warehouse_types()} >= {SHOWN, "Snowflake"}


async def test_audit_events() -> None:
    fields = ("id", "timestamp", "type", "actor", "resourceId", "resourceType", "resourceName", "actorEmail")
    event = dict.fromkeys(fields, ODD)
    async with answering({"data": {"events": [event]}}) as client:
        assert [each.actor for each in await client.list_events("w1")] == [SHOWN]


async def test_complaints() -> None:
    complaint = {"errors": [{"type": ODD, "message": ODD, "field": ODD}]}
    async with answering(complaint, 422) as client:
        with pytest.raises(s.Invalid) as caught:
            await client.list_spaces()
    assert SHOWN in caught.value.user_message
    caught.value.user_message.encode()


async def test_bytes_that_are_not_utf_8() -> None:
    raw = json.dumps({"data": {"profilesWarehouses": [wire("w1"), wire("w2")]}}).encode()
    raw = raw.replace(b"prod-snowflake", b"\xff\xfe", 1)
    async with Segment(httpx.Response(200, content=raw)).client() as client:
        assert [each.name for each in await client.list_warehouses(PROD)] == ["\ufffd\ufffd", "prod-snowflake"]
