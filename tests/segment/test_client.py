"""The client, against answers as Segment gives them, through httpx's MockTransport."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import stamina
import structlog
from pydantic import SecretStr

from bot.domain import errors as e
from bot.segment import client as module
from bot.segment.catalog import known_catalog
from bot.segment.client import SegmentClient
from tests.support.samples import PROD, kind

Handler = Callable[[httpx.Request], Any]

SNOWFLAKE = {
    "id": "CCIl4HLQPz",
    "name": "Snowflake",
    "slug": "snowflake",
    "description": "",
    "logos": {"default": ""},
    "options": [],
}


def wire(warehouse_id: str = "w1", **settings: Any) -> dict[str, Any]:
    return {
        "id": warehouse_id,
        "spaceId": PROD.id,
        "workspaceId": "ws",
        "enabled": True,
        "metadata": SNOWFLAKE,
        "schemaName": "profiles",
        "settings": {"name": "prod-snowflake", **settings},
    }


def data(status: int = 200, /, **parts: Any) -> httpx.Response:
    return httpx.Response(status, json={"data": parts})


def refusal(status: int, **headers: str) -> httpx.Response:
    body = {"errors": [{"type": "t", "message": "no"}]}
    return httpx.Response(status, json=body, headers={key.replace("_", "-"): value for key, value in headers.items()})


class Segment:
    """Answers in turn, the last one for ever; keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Handler) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            result = answer(request)
            answer = await result if asyncio.iscoroutine(result) else result
        assert isinstance(answer, httpx.Response)
        return answer

    def client(self) -> SegmentClient:
        return SegmentClient("https://segment.test", SecretStr("sgp_token"), httpx.MockTransport(self))


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been slept, without testing mode."""
    waits: list[float] = []

    async def sleep(seconds: float, *_: object) -> None:
        waits.append(seconds)

    stamina.set_testing(False)
    monkeypatch.setattr("asyncio.sleep", sleep)
    return waits


async def test_a_call_carries_the_token_and_says_who_it_is() -> None:
    segment = Segment(data(workspace={"id": "1", "slug": "acme", "name": "Acme"}))
    async with segment.client() as client:
        assert (await client.workspace()).slug == "acme"
    (request,) = segment.asked
    assert request.headers["Authorization"] == "Bearer sgp_token"
    assert request.headers["User-Agent"].startswith("warehouse-bot/")


async def test_every_page_is_followed() -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("pagination.cursor")
        here = {None: ("a", "MQ=="), "MQ==": ("b", "Mg=="), "Mg==": ("c", None)}[cursor]
        spaces = [{"id": here[0], "slug": here[0], "name": here[0], "novel": True}]
        return data(spaces=spaces, pagination={"current": cursor or "MA==", "next": here[1], "previous": None})

    async with Segment(pages).client() as client:
        assert [space.id for space in await client.spaces()] == ["a", "b", "c"]


@pytest.mark.parametrize("pagination", [{}, {"pagination": None}, {"pagination": {"current": "MA=="}}])
async def test_a_list_may_end_without_a_word(pagination: dict[str, Any]) -> None:
    async with Segment(data(profilesWarehouses=[wire()], **pagination)).client() as client:
        assert [each.id for each in await client.warehouses(PROD)] == ["w1"]


async def test_a_list_that_turns_in_a_circle_ends() -> None:
    loop = data(spaces=[], pagination={"current": "x", "next": "x"})
    async with Segment(loop).client() as client:
        with pytest.raises(e.OffContract):
            await client.spaces()


@pytest.mark.parametrize("hidden", ["<redacted>", "••••••••••", "••••••••••abcd"])
async def test_what_segment_hides_is_not_known(hidden: str) -> None:
    sent = wire(account="acme", password=hidden, ciphertext="AQIC", private_key="----", warehouse=hidden, novel=hidden)
    async with Segment(data(profilesWarehouses=[sent])).client() as client:
        (warehouse,) = await client.warehouses(PROD)
    assert dict(warehouse.settings) == {"name": "prod-snowflake", "account": "acme"}
    assert warehouse.name == "prod-snowflake"


async def test_a_type_that_nobody_knows_and_settings_that_are_null_are_taken() -> None:
    sent = wire() | {"settings": None, "metadata": {"id": "new", "name": "Novel DB", "slug": "novel", "options": None}}
    async with Segment(data(profilesWarehouses=[sent])).client() as client:
        (warehouse,) = await client.warehouses(PROD)
    assert not warehouse.type.known
    assert warehouse.name == "Novel DB"


@pytest.mark.parametrize("status", [200, 201])
async def test_a_creation_is_sent_once_and_both_its_statuses_are_taken(status: int) -> None:
    segment = Segment(data(status, profilesWarehouse=wire("w9")))
    async with segment.client() as client:
        made = await client.create(
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


@pytest.mark.parametrize(
    "answer",
    [refusal(500), refusal(503), refusal(429, Retry_After="0"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")],
)
async def test_a_post_is_never_repeated(answer: httpx.Response | Exception) -> None:
    segment = Segment(answer)
    async with segment.client() as client:
        with pytest.raises(e.SegmentError):
            await client.create(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)
        with pytest.raises(e.SegmentError):
            await client.validate("m", {})
    assert len(segment.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
    [
        (httpx.ConnectError(""), e.ConnectionLost, False),
        (httpx.ConnectTimeout(""), e.ConnectionLost, False),
        (httpx.PoolTimeout(""), e.ConnectionLost, False),
        (httpx.ReadTimeout(""), e.TimedOut, True),
        (httpx.WriteTimeout(""), e.TimedOut, True),
        (httpx.ReadError(""), e.ConnectionLost, True),
        (httpx.RemoteProtocolError(""), e.ConnectionLost, True),
        (refusal(500), e.ServerFailed, True),
    ],
)
async def test_what_may_pass_is_tried_three_times_and_then_told(
    answer: httpx.Response | Exception, error: type[e.SegmentUnclear], sent: bool
) -> None:
    segment = Segment(answer)
    async with segment.client() as client:
        with pytest.raises(error) as caught:
            await client.delete(PROD, "w")
    assert caught.value.sent is sent
    assert len(segment.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    segment = Segment(refusal(status))
    async with segment.client() as client:
        with pytest.raises(e.SegmentRefused):
            await client.update(PROD, "w", settings={}, enabled=True)
    assert len(segment.asked) == 1


async def test_a_lost_connection_passes() -> None:
    segment = Segment(httpx.ReadError(""), refusal(502), data(profilesWarehouse=wire()))
    async with segment.client() as client:
        assert (await client.update(PROD, "w1", settings={}, enabled=True)).id == "w1"
    assert len(segment.asked) == 3


async def test_gone_after_a_lost_answer_means_that_the_lost_one_did_it() -> None:
    async with Segment(httpx.ReadError(""), refusal(404)).client() as client:
        await client.delete(PROD, "w")


async def test_gone_without_a_lost_answer_is_a_refusal() -> None:
    async with Segment(httpx.ConnectError(""), refusal(404)).client() as client:
        with pytest.raises(e.ResourceMissing):
            await client.delete(PROD, "w")


async def test_retry_after_is_obeyed(slept: list[float]) -> None:
    async with Segment(refusal(429, Retry_After="7"), data(spaces=[])).client() as client:
        assert await client.spaces() == ()
    assert slept == [7.0]


async def test_a_long_wait_is_told_and_not_waited_out(slept: list[float]) -> None:
    segment = Segment(refusal(429, Retry_After="3600"))
    async with segment.client() as client:
        with pytest.raises(e.RateLimited) as caught:
            await client.spaces()
    assert caught.value.retry_after == 3600
    assert "3600 s" in caught.value.says
    assert (len(segment.asked), slept) == (1, [])


async def test_a_hundred_callers_are_one_call_and_the_next_is_a_new_one() -> None:
    gate = asyncio.Event()

    async def slow(_: httpx.Request) -> httpx.Response:
        await gate.wait()
        return data(profilesWarehouses=[wire()])

    segment = Segment(slow)
    async with segment.client() as client:
        callers = [asyncio.create_task(client.warehouses(PROD)) for _ in range(100)]
        await asyncio.sleep(0)
        callers[0].cancel()  # one who gives up leaves the others theirs
        gate.set()
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert [type(answer) for answer in answers[1:]] == [tuple] * 99
        assert len(segment.asked) == 1
        await client.warehouses(PROD)
        assert len(segment.asked) == 2


async def test_an_error_reaches_every_caller() -> None:
    segment = Segment(refusal(403))
    async with segment.client() as client:
        answers = await asyncio.gather(*(client.spaces() for _ in range(10)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {e.Forbidden}
    assert len(segment.asked) == 1


async def test_a_fresh_read_does_not_join_one_that_began_before() -> None:
    gate = asyncio.Event()

    async def slow(_: httpx.Request) -> httpx.Response:
        await gate.wait()
        return data(profilesWarehouses=[])

    segment = Segment(slow, data(profilesWarehouses=[wire()]))
    async with segment.client() as client:
        early = asyncio.create_task(client.warehouses(PROD))
        await asyncio.sleep(0.01)
        assert len(await client.warehouses(PROD, fresh=True)) == 1
        gate.set()
        assert await early == ()


async def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_ANSWER", 1000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    async with Segment(lambda _: httpx.Response(200, content=endless())).client() as client:
        with pytest.raises(e.OffContract):
            await client.spaces()


async def test_an_answer_that_trickles_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPT", 0.01)

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with Segment(never).client() as client:
        with pytest.raises(e.TimedOut):
            await client.create(PROD, metadata_id="m", name="n", settings={}, schema_name=None, enabled=True)


async def test_the_log_holds_verbs_and_no_bodies() -> None:
    with structlog.testing.capture_logs() as lines:
        async with Segment(data(profilesWarehouse=wire())).client() as client:
            await client.update(PROD, "w", settings={"password": SecretStr("hunter2")}, enabled=True, name="n")
    (line,) = [line for line in lines if line["event"] == "segment"]
    assert line["operation"] == "updateProfilesWarehouseForSpaceWarehouse"
    assert line["status"] == 200
    assert "hunter2" not in str(lines)
    assert "sgp_token" not in str(lines)


async def test_the_rest_of_the_contract() -> None:
    async with Segment(data(space={"id": "s", "slug": "prod", "name": "Prod"})).client() as client:
        assert (await client.space("s")).slug == "prod"
    async with Segment(data(space=None)).client() as client:
        with pytest.raises(e.ResourceMissing):
            await client.space("s")
    async with Segment(data(warehouseMetadata=SNOWFLAKE)).client() as client:
        assert await client.warehouse_type("CCIl4HLQPz") == kind("snowflake")
    item = {"collection": "tracks", "warehouseId": "w", "enabled": True, "properties": {}}
    async with Segment(data(items=[item], pagination={"current": "MA=="})).client() as client:
        assert [each.collection for each in await client.selective_syncs(PROD, "w")] == ["tracks"]
    async with Segment(data(status="UNCHANGED")).client() as client:
        assert await client.update_selective_syncs(PROD, "w", [], event_tables=True) == "UNCHANGED"
    async with Segment(data(status="FAILED")).client() as client:
        assert await client.validate("m", {"password": SecretStr("x")}) == "FAILED"
    event = {
        "id": "events/1", "timestamp": "2026-11-23T12:00:00Z", "type": "Novel Event", "actor": "public-api-token/x",
        "resourceId": "w", "resourceType": "warehouse", "resourceName": "n",
    }  # fmt: skip
    async with Segment(data(events=[event])).client() as client:
        assert [each.type for each in await client.audit_events({"resourceId": "w"})] == ["Novel Event"]


async def test_the_catalog_offers_what_syncs_profiles_and_what_nobody_knows() -> None:
    novel = {"id": "x", "name": "Novel DB", "slug": "novel", "options": []}
    db2 = {"id": "CUy2TYfDp0", "name": "IBM Db2 Warehouse", "slug": "db2", "options": []}
    async with Segment(data(warehousesCatalog=[SNOWFLAKE, novel, db2], pagination={"current": "x"})).client() as client:
        assert [each.name for each in await client.catalog()] == ["Novel DB", "Snowflake"]


def test_the_packages_catalog_knows_the_types_of_profiles_sync() -> None:
    catalog = known_catalog()
    slugs = {each.slug for each in catalog.types}
    assert catalog.profiles_sync <= slugs
    assert kind("snowflake").setting("password").secret  # type: ignore[union-attr]  # it is there
    assert all(each.setting("name") is None for each in catalog.types)
    assert {"ciphertext", "password", "private_key"} <= catalog.secret_keys
