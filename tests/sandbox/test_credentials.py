"""The credentials are random for each workspace, only the workspace returns them, and a reset keeps them."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.credentials import Credentials
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace


def test_credentials_are_random_and_have_the_formats_of_slack_and_segment() -> None:
    one, other = vars(Credentials.generate()), vars(Credentials.generate())
    assert set(one.values()).isdisjoint(other.values())
    assert len(set(one.values())) == len(one) == 5
    for name, prefix in (("bot_token", "xoxb-"), ("app_token", "xapp-1-"), ("segment_token", "sgp_")):
        assert one[name].startswith(prefix)
    assert all(len(value) >= 24 for value in one.values())


def test_credentials_are_not_in_the_repr() -> None:
    credentials = Credentials.generate()
    assert not [value for value in vars(credentials).values() if value in repr(credentials)]


async def test_the_state_returns_the_credentials_and_a_reset_keeps_them() -> None:
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        async with session.get("/_control/state") as answer:
            before = await answer.json()
        async with session.post("/_control/reset"):
            pass
        async with session.get("/_control/state") as answer:
            after = await answer.json()
        assert after["app"] == before["app"]
        assert (before["app"]["botToken"], before["app"]["appToken"]) == (sandbox.bot_token, sandbox.app_token)
        assert (before["app"]["signingSecret"], before["segment"]["token"]) == (
            sandbox.signing_secret,
            after["segment"]["token"],
        )
        assert (await AsyncWebClient(token=before["app"]["botToken"], base_url=sandbox.slack_api_url).auth_test())["ok"]


async def test_another_workspace_refuses_the_tokens() -> None:
    async with (
        WorkspaceServer(LocalWorkspace(port=0)) as one,
        WorkspaceServer(LocalWorkspace(port=0)) as other,
        aiohttp.ClientSession(other.url) as session,
    ):
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await AsyncWebClient(token=one.bot_token, base_url=other.slack_api_url).auth_test()
        async with session.get("/segment/spaces", headers={"Authorization": f"Bearer {one.segment.token}"}) as answer:
            assert answer.status == 401


async def test_payloads_have_the_verification_token_and_the_traffic_log_does_not() -> None:
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        link = await session.ws_connect(f"/link?ticket={sandbox.slack.socket_tickets.issue()}")
        await link.receive_json()
        typed = {"channel": "C0OPS", "user": "U0ALICE", "command": "/warehouse", "text": "list"}
        sending = asyncio.create_task(session.post("/_control/command", json=typed))
        envelope = await link.receive_json()
        await link.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await sending).status == 200
        assert envelope["payload"]["token"] == sandbox.credentials.verification_token
        async with session.get("/_control/log") as answer:
            log = await answer.text()
        assert not [value for value in vars(sandbox.credentials).values() if value in log]
        await link.close()
