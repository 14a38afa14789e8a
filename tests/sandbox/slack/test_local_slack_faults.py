import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Control, Json, error, modal


@pytest.fixture
async def api(sandbox: LocalWorkspace, control: Control) -> AsyncWebClient:
    """A client that doesn't try again."""
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url, retry_handlers=[])


async def fault(control: Control, **wanted: object) -> None:
    assert (await control.post("faults", target="slack", match="chat.postMessage", **wanted))["ok"]


async def failed(api: AsyncWebClient) -> SlackApiError:
    with pytest.raises(SlackApiError) as refused:
        await api.chat_postMessage(channel="C0OPS", text="hi")
    return refused.value


async def test_a_rate_limit_has_retry_after(api: AsyncWebClient, control: Control) -> None:
    await fault(control, retry_after=7)
    response = (await failed(api)).response
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.data == {"ok": False, "error": "ratelimited"}
    assert await control.messages() == []


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"error": "account_inactive"}, 200, "account_inactive"),
        ({"status": 500}, 500, "internal_error"),
        ({"status": 503}, 503, "service_unavailable"),
        ({"status": 418}, 418, "fatal_error"),
    ],
)
async def test_a_call_can_fail(api: AsyncWebClient, control: Control, wanted: Json, status: int, code: str) -> None:
    await fault(control, **wanted)
    response = (await failed(api)).response
    assert (response.status_code, response["error"]) == (status, code)
    assert await control.messages() == []
    assert (await api.chat_postMessage(channel="C0OPS", text="hi"))["ok"]


@pytest.mark.parametrize(("when", "seen"), [("before", []), ("after", ["hi"])])
async def test_a_connection_can_be_lost(api: AsyncWebClient, control: Control, when: str, seen: list[str]) -> None:
    await fault(control, drop=when)
    with pytest.raises(aiohttp.ClientError):
        await api.chat_postMessage(channel="C0OPS", text="hi")
    assert await control.texts() == seen
    (entry,) = await control.log("chat.postMessage")
    assert (entry["answer"], entry["status"]) == ("(connection dropped)", None)


async def test_a_change_whose_answer_is_lost_is_done(api: AsyncWebClient, control: Control) -> None:
    ts = (await api.chat_postMessage(channel="C0OPS", text="one"))["ts"]
    await control.post("faults", target="slack", match="chat.update", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await api.chat_update(channel="C0OPS", ts=ts, text="two")
    assert await control.texts() == ["two"]
    await control.post("faults", target="slack", match="chat.delete", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await api.chat_delete(channel="C0OPS", ts=ts)
    assert await control.texts() == []


async def test_a_modal_whose_answer_is_lost_is_open(
    api: AsyncWebClient, control: Control, sandbox: LocalWorkspace
) -> None:
    trigger = sandbox.slack.triggers.issue("U0ALICE")
    await control.post("faults", target="slack", match="views.open", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await api.views_open(trigger_id=trigger, view=modal())
    assert len(await control.modals()) == 1
    assert await error(api, "views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


async def test_a_refusal_can_be_lost_too(api: AsyncWebClient, control: Control) -> None:
    await fault(control, drop="after")
    with pytest.raises(aiohttp.ClientError):
        await api.chat_postMessage(channel="C0QUIET", text="hi")
    assert await control.texts("C0QUIET") == []


async def test_an_answer_to_a_response_url_can_be_lost(sandbox: LocalWorkspace, control: Control) -> None:
    await control.post("faults", target="slack", match="response_url", drop="after")
    with pytest.raises(aiohttp.ClientError):
        await control.session.post(sandbox.slack.create_response_url("C0OPS", "U0ALICE"), json={"text": "hi"})
    assert await control.texts() == ["hi"]


async def test_a_fault_can_replace_the_response_after_the_effect(api: AsyncWebClient, control: Control) -> None:
    await fault(control, body="<html>", status=200)
    with pytest.raises((SlackApiError, ValueError)):
        await api.chat_postMessage(channel="C0OPS", text="hi")
    assert await control.texts() == ["hi"]


async def test_an_answer_can_be_slow(api: AsyncWebClient, control: Control) -> None:
    await fault(control, delay=0.1)
    before = time.monotonic()
    await api.chat_postMessage(channel="C0OPS", text="hi")
    assert time.monotonic() - before >= 0.1


async def test_a_response_url_can_fail(sandbox: LocalWorkspace, control: Control) -> None:
    await control.post("faults", target="slack", match="response_url", status=500)
    url = sandbox.slack.create_response_url("C0OPS", "U0ALICE")
    for status in (500, 200):
        async with control.session.post(url, json={"text": "hi"}) as answer:
            assert answer.status == status
    assert await control.texts() == ["hi"]


async def test_an_internal_error_is_a_500_without_traceback(
    api: AsyncWebClient, control: Control, sandbox: LocalWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.slack.workspace, "find_channel", None)
    response = (await failed(api)).response
    assert (response.status_code, response.data) == (500, {"ok": False, "error": "internal_error"})
