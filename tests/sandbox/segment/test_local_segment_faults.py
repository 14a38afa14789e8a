"""Faults, the rate limit and the traffic log."""

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.sandbox.clock import Clock
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.traffic_log import TrafficLog
from tests.sandbox.segment.conftest import TOKEN

Client = TestClient[web.Request, web.Application]
Call = Callable[..., Awaitable[tuple[int, Any]]]
Failing = Callable[..., None]

LIST = "/spaces/jDReNXTo5faeNsacSbUT3e/profiles-warehouses"
ONE = f"{LIST}/TpYxHCjVfEBSC5piwpfUzv"
SERVER = {"hostname": "h", "port": "5432", "database": "d", "username": "u", "password": "s3cret-value"}
CREATE = {"metadataId": "55d3d3aea3c", "settings": SERVER}


async def count(call: Call) -> int:
    return len((await call("GET", LIST))[1]["data"]["profilesWarehouses"])


@pytest.mark.parametrize(
    ("status", "type_"),
    [
        (400, "bad-request"),
        (403, "forbidden"),
        (409, "conflict"),
        (429, "RequestError"),
        (500, "unknown"),
        (503, "unknown"),
    ],
)
async def test_a_fault_with_an_error_status_prevents_the_effect(
    call: Call, failing: Failing, status: int, type_: str
) -> None:
    failing(f"POST {LIST}", status=status)
    actual_status, answer = await call("POST", LIST, CREATE)
    assert (actual_status, answer["errors"][0]["type"]) == (status, type_)
    assert await count(call) == 8


async def test_a_fault_has_its_error_message_and_happens_once(call: Call, failing: Failing) -> None:
    failing("PATCH /spaces", status=422, error="no such database", field="settings.database")
    _, answer = await call("PATCH", ONE, {"settings": {}})
    assert answer["errors"] == [
        {"type": "input-validation", "message": "no such database", "field": "settings.database"}
    ]
    assert (await call("PATCH", ONE, {"settings": {}}))[0] == 200


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_sent(client: Client, failing: Failing, status: int) -> None:
    failing("GET /spaces", status=status, retry_after=7)
    response = await client.get("/segment/spaces")
    assert (response.status, response.headers["Retry-After"]) == (status, "7")


@pytest.mark.parametrize(("drop", "expected_count"), [("before", 8), ("after", 9)])
async def test_a_connection_drops_before_or_after_the_effect(
    call: Call, client: Client, failing: Failing, traffic: TrafficLog, drop: str, expected_count: int
) -> None:
    failing(f"POST {LIST}", drop=drop)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post(f"/segment{LIST}", json=CREATE)
    assert await count(call) == expected_count
    dropped = traffic.list_entries()[0]
    assert (dropped["answer"], dropped["status"]) == ("(connection dropped)", None)


@pytest.mark.parametrize(("status", "answered"), [(None, 201), (200, 200), (502, 502)])
@pytest.mark.parametrize("body", ["<html>", '{"data":', ""])
async def test_a_body_replaces_the_answer_after_the_effect(
    call: Call, client: Client, failing: Failing, body: str, status: int | None, answered: int
) -> None:
    failing(f"POST {LIST}", body=body, status=status)
    response = await client.post(f"/segment{LIST}", json=CREATE)
    assert (response.status, await response.text()) == (answered, body)
    assert await count(call) == 9


async def test_a_status_that_is_no_error_changes_only_the_answers_status(call: Call, failing: Failing) -> None:
    failing("GET /spaces", status=200, retry_after=3)
    assert (await call("GET", "/spaces"))[0] == 200


async def test_a_delay_comes_first(call: Call, failing: Failing) -> None:
    failing("GET /spaces", delay=0.1)
    began = monotonic()
    assert (await call("GET", "/spaces"))[0] == 200
    assert monotonic() - began >= 0.1


async def test_a_client_that_gives_up_waiting_does_not_stop_the_effect(
    call: Call, client: Client, failing: Failing, traffic: TrafficLog
) -> None:
    failing(f"POST {LIST}", delay=0.2)
    with pytest.raises(asyncio.TimeoutError):
        await client.post(f"/segment{LIST}", json=CREATE, timeout=aiohttp.ClientTimeout(total=0.05))
    while not traffic.list_entries():  # noqa: ASYNC110  the log has no event to wait for; pytest's timeout bounds this
        await asyncio.sleep(0.02)
    assert await count(call) == 9


async def test_only_successful_responses_have_rate_limit_headers(
    client: Client, state: SegmentState, clock: Clock
) -> None:
    state.configure_switches({"rate_limit_per_minute": 5})
    for consumed in (1, 2):
        response = await client.get("/segment/spaces")
        assert response.headers["X-RateLimit-Consumed"] == str(consumed)
        assert response.headers["X-RateLimit-Remaining"] == str(5 - consumed)
        until = parsedate_to_datetime(response.headers["X-RateLimit-Reset"]) - clock.utc_now()
        assert 30 < until.total_seconds() <= 60
    assert "X-RateLimit-Consumed" not in (await client.get("/segment/nope")).headers


async def test_calls_over_the_limit_are_429_until_the_window_ends(
    call: Call, client: Client, state: SegmentState, clock: Clock
) -> None:
    state.configure_switches({"rate_limit_per_minute": 2})
    for _ in range(2):
        assert (await call("GET", "/spaces"))[0] == 200
    response = await client.get("/segment/spaces")
    answer = await response.json()
    assert (response.status, response.headers["Retry-After"]) == (
        429,
        str(-(-answer["errors"][0]["data"]["msBeforeNext"] // 1000)),
    )
    assert answer["errors"][0]["type"] == "RequestError"
    assert answer["errors"][0]["message"] == "Too many requests"
    assert answer["errors"][0]["data"]["remainingPoints"] == 0
    assert answer["errors"][0]["data"]["consumedPoints"] == 3
    assert 30_000 < answer["errors"][0]["data"]["msBeforeNext"] <= 60_000
    clock.advance(60)
    assert (await call("GET", "/spaces"))[0] == 200


async def test_a_clock_set_back_opens_a_new_window(call: Call, state: SegmentState, clock: Clock) -> None:
    state.configure_switches({"rate_limit_per_minute": 1})
    clock.advance(3600)
    assert (await call("GET", "/spaces"))[0] == 200
    clock.reset()
    assert (await call("GET", "/spaces"))[0] == 200


async def test_the_traffic_log_has_each_call_and_no_secret(
    call: Call, client: Client, state: SegmentState, traffic: TrafficLog
) -> None:
    state.configure_switches({"secrets": "bullets"})
    await call("POST", LIST, CREATE | {"settings": SERVER | {"nested": [{"api_token": "s3cret-value"}]}})
    await call("GET", LIST, **{"pagination.count": "2"})
    await call("POST", LIST, CREATE | {"settings": SERVER | {"password": "<redacted>"}})
    await client.post(f"/segment{LIST}", data=b'{"password": "s3cret-value"', headers={"Content-Type": "text/plain"})
    entries: list[Any] = list(traffic.list_entries())
    assert [(entry["side"], entry["direction"], entry["name"], entry["status"]) for entry in entries] == [
        ("segment", "from_bot", f"POST {LIST}", 201),
        ("segment", "from_bot", f"GET {LIST}", 200),
        ("segment", "from_bot", f"POST {LIST}", 201),
        ("segment", "from_bot", f"POST {LIST}", 400),
    ]
    assert entries[0]["payload"]["body"]["settings"]["password"] == "(secret)"
    assert entries[0]["payload"]["body"]["settings"]["hostname"] == "h"
    assert entries[0]["answer"]["data"]["profilesWarehouse"]["settings"]["password"] == "•" * 10
    assert entries[1]["payload"] == {"query": {"pagination.count": "2"}}
    assert entries[2]["payload"]["body"]["settings"]["password"] == "<redacted>"
    assert "s3cret-value" not in str(entries)
    assert TOKEN not in str(entries)
