"""Responses of Segment, and a fake Segment that sends them through httpx's MockTransport."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from pydantic import SecretStr

from bot.segment.client import SegmentClient
from tests.support.samples import PROD

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
    """Sends the responses in turn and repeats the last one; records the requests."""

    def __init__(self, *responses: httpx.Response | Exception | Handler) -> None:
        self._responses = list(responses)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
        if isinstance(response, Exception):
            raise response
        if callable(response):
            result = response(request)
            response = await result if asyncio.iscoroutine(result) else result
        assert isinstance(response, httpx.Response)
        return response

    def client(self) -> SegmentClient:
        return SegmentClient("https://segment.test", SecretStr("sgp_token"), httpx.MockTransport(self))


async def never(_: httpx.Request) -> httpx.Response:
    """Never respond."""
    await asyncio.Event().wait()
    raise AssertionError
