"""A local Segment on a port; `call` checks every response against the contract."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.segment.app import build_segment_app
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.traffic_log import TrafficLog

TOKEN = "sgp_local_of_the_tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.segment.v1alpha+json"}

Client = TestClient[web.Request, web.Application]
Call = Callable[..., Awaitable[tuple[int, Any]]]


class Server(TestServer):
    """Finishes a call whose client has disconnected, which aiohttp does by default except in its TestServer."""

    async def _make_runner(self, **kwargs: Any) -> web.BaseRunner:
        return await super()._make_runner(**kwargs | {"handler_cancellation": False})


class Contract:
    """Checks responses against the OpenAPI contract."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def operations(self) -> list[tuple[str, str]]:
        """List all methods with their path templates."""
        paths: dict[str, dict[str, Any]] = self.spec["paths"]
        return [(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"]

    def check(self, method: str, path: str, status: int, media_type: str, body: object) -> None:
        """Fail the test if the contract doesn't declare this response for this call."""
        declared = self._declared(method, path, status)
        assert media_type in declared["content"], f"{media_type} is not declared for {method} {path}: {status}"
        schema = declared["content"][media_type]["schema"] | {"components": self.spec["components"]}
        Draft202012Validator(schema).validate(body)

    def _declared(self, method: str, path: str, status: int) -> dict[str, Any]:
        template = next((known for verb, known in self.operations() if verb == method and _fits(known, path)), None)
        if template is None:
            assert status in {401, 404, 413, 429}
            return self._response({"$ref": "#/components/responses/ServerError"})
        responses = self.spec["paths"][template][method.lower()]["responses"]
        # Segment answered POST with 200 in the past, with the same body; the text of the contract allows it.
        key = "201" if status == 200 and "201" in responses else str(status)
        return self._response(responses.get(key, responses["default"]))

    def _response(self, reference: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = self.spec["components"]["responses"][reference["$ref"].rsplit("/", 1)[1]]
        return found


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(yaml.safe_load(Path(__file__).with_name("segment-openapi.yaml").read_text("utf-8")))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state() -> SegmentState:
    return SegmentState(TOKEN)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def traffic(clock: Clock) -> TrafficLog:
    return TrafficLog(clock)


@pytest.fixture
async def client(state: SegmentState, clock: Clock, faults: Faults, traffic: TrafficLog) -> AsyncIterator[Client]:
    """A client that sends the token; its paths start with /segment."""
    main = web.Application()
    main.add_subapp("/segment", build_segment_app(state, clock, faults, traffic))
    async with TestClient(Server(main, host="127.0.0.1"), headers=HEADERS) as client:
        yield client


@pytest.fixture
def call(client: Client, contract: Contract) -> Call:
    """Return `call(method, path, body=None, **query)`: it checks each response against the contract."""

    async def send(
        method: str, path: str, body: object = None, headers: dict[str, str] | None = None, **query: str
    ) -> tuple[int, Any]:
        response: ClientResponse = await client.request(
            method, f"/segment{path}", json=body, params=query, headers=headers
        )
        answer = await response.json(content_type=None)
        contract.check(method, path, response.status, response.content_type, answer)
        return response.status, answer

    return send


@pytest.fixture
def failing(faults: Faults) -> Iterator[Callable[..., None]]:
    """Return `failing(match, **fault)`, which makes the next matching call fail."""

    def add(match: str, **fault: object) -> None:
        faults.add(Fault.model_validate({"target": "segment", "match": match} | fault))

    yield add
    assert not faults.list_due(), "a fault was asked for and never happened"
