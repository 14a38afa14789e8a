"""The local Segment serves all operations of the contract, and all responses match the schemas."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.sandbox.segment.routes import ROUTES
from tests.sandbox.segment.conftest import TOKEN

Client = TestClient[web.Request, web.Application]
Call = Callable[..., Awaitable[tuple[int, Any]]]

SPACE = "/spaces/jDReNXTo5faeNsacSbUT3e"
LIST = f"{SPACE}/profiles-warehouses"
ONE = f"{LIST}/ECKA2KrKeEvT8RM16mss4s"
SYNCS = f"{ONE}/selective-syncs"
SNOWFLAKE = {"account": "xy1", "username": "u", "password": "p", "warehouse": "w", "database": "d"}
CREATE = {"metadataId": "CCIl4HLQPz", "settings": SNOWFLAKE}
ALPHA = "application/vnd.segment.v1alpha+json"
V1 = "application/vnd.segment.v1+json"
V1BETA = "application/vnd.segment.v1beta+json"
JSON = "application/json"

SUCCESSES: list[tuple[str, str, object, int, str]] = [
    ("GET", "/", None, 200, "workspace"),
    ("GET", "/spaces", None, 200, "spaces"),
    ("GET", SPACE, None, 200, "space"),
    ("GET", LIST, None, 200, "profilesWarehouses"),
    ("POST", LIST, CREATE, 201, "profilesWarehouse"),
    ("PATCH", ONE, {"settings": {}}, 200, "profilesWarehouse"),
    ("DELETE", ONE, None, 200, "status"),
    ("GET", SYNCS, None, 200, "items"),
    ("PATCH", SYNCS, {}, 200, "status"),
    ("GET", "/catalog/warehouses", None, 200, "warehousesCatalog"),
    ("GET", "/catalog/warehouses/CCIl4HLQPz", None, 200, "warehouseMetadata"),
    ("POST", "/warehouses/validation", CREATE, 200, "status"),
    ("GET", "/audit-events", None, 200, "events"),
]


def test_every_operation_of_the_contract_has_a_route_and_no_other_has(contract: Any) -> None:
    assert sorted((route.method, route.path) for route in ROUTES) == sorted(contract.operations())
    assert len(SUCCESSES) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "body", "status", "key"), SUCCESSES)
async def test_a_success_fits_the_contract(
    call: Call, method: str, path: str, body: object, status: int, key: str
) -> None:
    actual_status, answer = await call(method, path, body)
    assert actual_status == status
    assert key in answer["data"]
    assert "errors" not in answer


@pytest.mark.parametrize("end_cursors", ["absent", "null"])
@pytest.mark.parametrize("secrets", ["absent", "redacted", "bullets"])
async def test_lists_fit_the_contract_under_every_switch(
    call: Call, state: Any, end_cursors: str, secrets: str
) -> None:
    state.configure_switches({"end_cursors": end_cursors, "secrets": secrets, "omit_pagination": True})
    for path in ("/spaces", LIST, SYNCS, "/catalog/warehouses", "/audit-events"):
        assert (await call("GET", path))[0] == 200


@pytest.mark.parametrize(
    ("path", "accept", "answered"),
    [
        ("/spaces", ALPHA, ALPHA),
        ("/spaces", f"text/html, {ALPHA.upper()};q=0.9", ALPHA),
        ("/spaces", V1, JSON),
        ("/spaces", JSON, JSON),
        ("/spaces", "text/html", JSON),
        (LIST, ALPHA, ALPHA),
        ("/catalog/warehouses", V1, V1),
        ("/catalog/warehouses", V1BETA, V1BETA),
        ("/catalog/warehouses", ALPHA, ALPHA),
        ("/audit-events", V1, V1),
        ("/", V1, V1),
        ("/", ALPHA, JSON),
    ],
)
async def test_the_response_has_the_accepted_version_or_plain_json(
    client: Client, path: str, accept: str, answered: str
) -> None:
    response = await client.get(f"/segment{path}", headers={"Accept": accept})
    assert response.status == 200
    assert response.headers["Content-Type"] == answered


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/spaces/nope", "Space with id 'nope' not found"),
        ("GET", "/spaces/nope/profiles-warehouses", "Space with id 'nope' not found"),
        ("DELETE", f"{LIST}/nope", "Warehouse with id 'nope' not found"),
        ("DELETE", f"{LIST}/pK4kzKjx6DkFx6dd2tY9vs", "Warehouse with id 'pK4kzKjx6DkFx6dd2tY9vs' not found"),
        ("GET", f"{LIST}/nope/selective-syncs", "Warehouse with id 'nope' not found"),
        ("GET", "/catalog/warehouses/nope", "Warehouse metadata with id 'nope' not found"),
        ("GET", ONE, f"Cannot GET {ONE}"),
        ("GET", "/nope", "Cannot GET /nope"),
        ("PUT", "/spaces", "Cannot PUT /spaces"),
    ],
)
async def test_a_missing_resource_is_404(call: Call, method: str, path: str, message: str) -> None:
    status, answer = await call(method, path)
    assert (status, answer) == (404, {"errors": [{"type": "not-found", "message": message}]})


async def test_an_id_with_a_slash_is_one_id(client: Client) -> None:
    response = await client.get("/segment/spaces/a%2Fb", headers={"Accept": JSON})
    assert (await response.json())["errors"][0]["message"] == "Space with id 'a/b' not found"


@pytest.mark.parametrize("path", ["/spaces/{}", LIST + "/{}/selective-syncs", "/catalog/warehouses/{}"])
async def test_an_id_is_255_characters_at_most(call: Call, path: str) -> None:
    assert (await call("GET", path.format("x" * 255)))[0] == 404
    assert (await call("GET", path.format("x" * 256)))[0] == 422


@pytest.mark.parametrize("authorization", ["", TOKEN, "Bearer wrong", f"Basic {TOKEN}"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/spaces"), ("DELETE", ONE), ("GET", "/nope"), ("POST", LIST)])
async def test_without_the_token_everything_is_401(call: Call, method: str, path: str, authorization: str) -> None:
    status, answer = await call(method, path, headers={"Authorization": authorization})
    assert (status, answer) == (401, {"errors": [{"type": "unauthorized", "message": "Unauthorized"}]})


async def test_a_failure_of_the_local_segment_is_logged_and_500_unknown(
    call: Call, state: Any, caplog: pytest.LogCaptureFixture
) -> None:
    state.audit_log = None
    status, answer = await call("GET", LIST)
    assert (status, answer["errors"][0]["type"]) == (500, "unknown")
    assert "Traceback" not in str(answer)
    assert "the local Segment failed" in caplog.text
