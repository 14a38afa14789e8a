"""Pagination: the three forms of the parameter, the cursors, and the limits of `count`."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Call = Callable[..., Awaitable[tuple[int, Any]]]

LIST = "/spaces/jDReNXTo5faeNsacSbUT3e/profiles-warehouses"


def dotted(count: object, cursor: str | None = None) -> dict[str, str]:
    return {"pagination.count": str(count)} | ({"pagination.cursor": cursor} if cursor else {})


def bracketed(count: object, cursor: str | None = None) -> dict[str, str]:
    return {"pagination[count]": str(count)} | ({"pagination[cursor]": cursor} if cursor else {})


def as_json(count: object, cursor: str | None = None) -> dict[str, str]:
    return {"pagination": json.dumps({"count": count} | ({"cursor": cursor} if cursor else {}))}


SPELLINGS = pytest.mark.parametrize("to_query", [dotted, bracketed, as_json])


@SPELLINGS
@pytest.mark.parametrize(
    ("path", "key", "total"), [(LIST, "profilesWarehouses", 8), ("/catalog/warehouses", "warehousesCatalog", 7)]
)
async def test_following_the_cursors_lists_each_entry_once(
    call: Call, to_query: Callable[..., dict[str, str]], path: str, key: str, total: int
) -> None:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        _, answer = await call("GET", path, **to_query(3, cursor))
        ids += [entry["id"] for entry in answer["data"][key]]
        assert answer["data"]["pagination"]["totalEntries"] == total
        cursor = answer["data"]["pagination"].get("next")
        if not cursor:
            break
    assert len(ids) == len(set(ids)) == total


async def test_cursors_are_offsets_in_base64(call: Call) -> None:
    _, answer = await call("GET", LIST, **dotted(2, "Mg=="))
    assert answer["data"]["pagination"] == {"current": "Mg==", "next": "NA==", "previous": "MA==", "totalEntries": 8}


async def test_the_default_page_has_200_entries(call: Call, state: Any) -> None:
    _, answer = await call("GET", LIST)
    assert len(answer["data"]["profilesWarehouses"]) == 8
    assert answer["data"]["pagination"] == {"current": "MA==", "totalEntries": 8}
    state.configure_switches({"end_cursors": "null"})
    _, answer = await call("GET", LIST)
    assert answer["data"]["pagination"] == {"current": "MA==", "next": None, "previous": None, "totalEntries": 8}


async def test_a_switch_omits_pagination_where_all_entries_fit_on_one_page(call: Call, state: Any) -> None:
    state.configure_switches({"omit_pagination": True})
    assert "pagination" not in (await call("GET", LIST))[1]["data"]
    assert "pagination" in (await call("GET", LIST, **dotted(3)))[1]["data"]


async def test_a_page_beyond_the_end_is_empty(call: Call) -> None:
    _, answer = await call("GET", LIST, **dotted(5, base64.b64encode(b"100").decode()))
    assert answer["data"]["profilesWarehouses"] == []
    assert "next" not in answer["data"]["pagination"]


@SPELLINGS
@pytest.mark.parametrize(("count", "status"), [(1, 200), (1000, 200), (0, 422), (1001, 422), (-5, 422), (10**30, 422)])
async def test_a_page_has_1_to_1000_entries(
    call: Call, to_query: Callable[..., dict[str, str]], count: int, status: int
) -> None:
    actual_status, answer = await call("GET", "/spaces", **to_query(count))
    assert actual_status == status
    if status == 422:
        assert answer["errors"][0]["field"] == "pagination.count"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (dotted("many"), "pagination.count"),
        (dotted("1.5"), "pagination.count"),
        (bracketed(""), "pagination.count"),
        (as_json(True), "pagination.count"),
        (as_json([1]), "pagination.count"),
        ({"pagination[cursor]": "MA=="}, "pagination.count"),
        ({"pagination": "{}"}, "pagination.count"),
        ({"pagination": "[1]"}, "pagination"),
        ({"pagination": "{"}, "pagination"),
        ({"pagination": "[" * 1000}, "pagination"),
        ({"pagination": '{"count": 1, "cursor": 2}'}, "pagination.cursor"),
        (dotted(1, "not base64!"), "pagination.cursor"),
        (dotted(1, base64.b64encode(b"two").decode()), "pagination.cursor"),
        (dotted(1, base64.b64encode(b"-1").decode()), "pagination.cursor"),
        (dotted(1, base64.b64encode(b"\xff").decode()), "pagination.cursor"),
    ],
)
@pytest.mark.parametrize("path", ["/spaces", "/audit-events"])
async def test_invalid_pagination_is_422(call: Call, path: str, query: dict[str, str], field: str) -> None:
    status, answer = await call("GET", path, **query)
    assert status == 422
    assert answer["errors"][0]["type"] == "input-validation"
    assert answer["errors"][0]["field"] == field
