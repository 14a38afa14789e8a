"""Answers as Segment gives them, and a Segment that gives them, through httpx's MockTransport."""

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


async def never(_: httpx.Request) -> httpx.Response:
    """An answer that does not come."""
    await asyncio.Event().wait()
    raise AssertionError
