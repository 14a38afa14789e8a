"""slack-sdk's AsyncWebClient: every method that the local Slack has, every refusal as its own exception."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.sandbox.slack.web_api import METHODS
from tests.sandbox.clients.conftest import Json, button, modal
from tests.support.local_workspace import Workspace

Call = Callable[["Scene"], Awaitable[AsyncSlackResponse]]


@dataclass
class Scene:
    """The client, and what a call may need."""

    client: AsyncWebClient
    workspace: Workspace

    async def card(self) -> str:
        """A message with a button; gives its ts."""
        return str((await self.client.chat_postMessage(channel="C0OPS", text="card", blocks=[button()]))["ts"])

    async def trigger(self) -> str:
        """What a command just typed allows; nobody takes it, and the log shows it."""
        await self.workspace.command("list")
        return str((await self.workspace.calls("slash_commands"))[-1]["payload"]["trigger_id"])

    async def opened(self, view: Json | None = None) -> Json:
        """A modal for Alice."""
        answer = await self.client.views_open(trigger_id=await self.trigger(), view=view or modal(button()))
        view = answer["view"]
        assert view is not None
        return view

    async def trigger_in_modal(self) -> str:
        """What a press in the modal on top allows."""
        await self.workspace.post("view-action", user="U0ALICE", action={"action_id": "approve"})
        return str((await self.workspace.calls("block_actions"))[-1]["payload"]["trigger_id"])


@pytest.fixture
def scene(client: AsyncWebClient, workspace: Workspace) -> Scene:
    return Scene(client, workspace)


async def push(scene: Scene) -> AsyncSlackResponse:
    await scene.opened()
    return await scene.client.views_push(trigger_id=await scene.trigger_in_modal(), view=modal())


async def update_view(scene: Scene) -> AsyncSlackResponse:
    opened = await scene.opened()
    return await scene.client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(callback_id="n"))


async def with_card(scene: Scene, method: Any, ts: str, **more: Any) -> AsyncSlackResponse:
    answer: AsyncSlackResponse = await method(channel="C0OPS", **{ts: await scene.card()}, **more)
    return answer


async def open_view(scene: Scene) -> AsyncSlackResponse:
    return await scene.client.views_open(trigger_id=await scene.trigger(), view=modal())


CALLS: dict[str, Call] = {
    "api.test": lambda scene: scene.client.api_test(),
    "auth.test": lambda scene: scene.client.auth_test(),
    "apps.connections.open": lambda scene: scene.client.apps_connections_open(
        app_token=scene.workspace.variables["SLACK_APP_TOKEN"]
    ),
    "chat.postMessage": lambda scene: scene.client.chat_postMessage(channel="C0OPS", text="hi", blocks=[button()]),
    "chat.postEphemeral": lambda scene: scene.client.chat_postEphemeral(channel="C0OPS", user="U0BOB", text="psst"),
    "chat.update": lambda scene: with_card(scene, scene.client.chat_update, "ts", text="new", blocks=[]),
    "chat.delete": lambda scene: with_card(scene, scene.client.chat_delete, "ts"),
    "chat.getPermalink": lambda scene: with_card(scene, scene.client.chat_getPermalink, "message_ts"),
    "views.open": open_view,
    "views.push": push,
    "views.update": update_view,
    "views.publish": lambda scene: scene.client.views_publish(user_id="U0BOB", view={"type": "home", "blocks": []}),
    "users.info": lambda scene: scene.client.users_info(user="U0BOB"),
    "users.list": lambda scene: scene.client.users_list(limit=2),
    "usergroups.list": lambda scene: scene.client.usergroups_list(include_users=True),
    "usergroups.users.list": lambda scene: scene.client.usergroups_users_list(usergroup="S0DATA"),
    "conversations.info": lambda scene: scene.client.conversations_info(channel="C0OPS"),
    "conversations.list": lambda scene: scene.client.conversations_list(types="public_channel,im"),
    "conversations.members": lambda scene: scene.client.conversations_members(channel="C0OPS"),
    "conversations.open": lambda scene: scene.client.conversations_open(users=["U0BOB"]),
}


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_every_method_that_there_is_answers_the_client(scene: Scene, method: str) -> None:
    answer = await CALLS[method](scene)
    assert (answer.status_code, answer["ok"]) == (200, True)
    (entry, *_) = reversed(await scene.workspace.calls(method))
    assert (entry["name"], entry["status"]) == (method, 200)


async def late_trigger(scene: Scene) -> AsyncSlackResponse:
    trigger = await scene.trigger()
    await scene.workspace.post("clock", advance=3.1)
    return await scene.client.views_open(trigger_id=trigger, view=modal())


async def used_trigger(scene: Scene) -> AsyncSlackResponse:
    trigger = await scene.trigger()
    await scene.client.views_open(trigger_id=trigger, view=modal())
    return await scene.client.views_open(trigger_id=trigger, view=modal())


async def stale_hash(scene: Scene) -> AsyncSlackResponse:
    opened = await scene.opened()
    await scene.client.views_update(view_id=opened["id"], view=modal())
    return await scene.client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())


async def fourth_view(scene: Scene) -> AsyncSlackResponse:
    await scene.opened()
    for _ in range(2):
        await scene.client.views_push(trigger_id=await scene.trigger_in_modal(), view=modal(button()))
    return await scene.client.views_push(trigger_id=await scene.trigger_in_modal(), view=modal())


async def archived(scene: Scene) -> AsyncSlackResponse:
    ts = await scene.card()
    await scene.workspace.archive()
    return await scene.client.chat_update(channel="C0OPS", ts=ts, text="x")


def with_token(token: str | None) -> Call:
    async def call(scene: Scene) -> AsyncSlackResponse:
        return await AsyncWebClient(token=token, base_url=scene.client.base_url).auth_test()

    return call


def post(**more: Any) -> Call:
    return lambda scene: scene.client.chat_postMessage(**{"channel": "C0OPS", "text": "x"} | more)


REFUSED: dict[str, Call] = {
    "invalid_auth": with_token("xoxb-of-somebody-else"),
    "not_authed": with_token(None),
    "not_allowed_token_type": lambda scene: scene.client.apps_connections_open(app_token=scene.client.token or ""),
    "unknown_method": lambda scene: scene.client.api_call("chat.shout"),
    "channel_not_found": post(channel="C0NONE"),
    "not_in_channel": post(channel="C0QUIET"),
    "no_text": lambda scene: scene.client.api_call("chat.postMessage", json={"channel": "C0OPS"}),
    "msg_too_long": post(text="x" * 40_001),
    "invalid_blocks": post(blocks=[{"type": "nonsense"}]),
    "is_inactive": archived,
    "message_not_found": lambda scene: scene.client.chat_update(channel="C0OPS", ts="1.1", text="x"),
    "user_not_in_channel": lambda scene: scene.client.chat_postEphemeral(channel="C0OPS", user="U0MALLORY", text="x"),
    "user_not_found": lambda scene: scene.client.users_info(user="U0NOBODY"),
    "no_such_subteam": lambda scene: scene.client.usergroups_users_list(usergroup="S0NONE"),
    "invalid_arguments": lambda scene: scene.client.views_publish(user_id="U0BOB", view={"type": "home"}),
    "invalid_trigger_id": lambda scene: scene.client.views_open(trigger_id="1.2.abc", view=modal()),
    "expired_trigger_id": late_trigger,
    "exchanged_trigger_id": used_trigger,
    "hash_conflict": stale_hash,
    "push_limit_reached": fourth_view,
}


@pytest.mark.parametrize("code", REFUSED)
async def test_a_refusal_is_raised_with_slacks_code(scene: Scene, code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        await REFUSED[code](scene)
    response = refused.value.response
    assert (response["ok"], response["error"], response.status_code) == (False, code, 200)


async def test_pages_are_turned_by_the_client(client: AsyncWebClient) -> None:
    pages = [page["members"] async for page in await client.users_list(limit=4)]
    assert [len(page) for page in pages] == [4, 2]


async def test_the_clients_own_handler_waits_as_long_as_it_is_told(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    await workspace.fault("slack", "chat.postMessage", retry_after=1)
    before = time.monotonic()
    assert (await client.chat_postMessage(channel="C0OPS", text="hi"))["ok"]
    assert time.monotonic() - before >= 1
    assert [call["status"] for call in await workspace.calls("chat.postMessage")] == [429, 200]
    assert [each["text"] for each in await workspace.messages()] == ["hi"]


async def test_without_a_handler_being_told_to_wait_is_raised(client: AsyncWebClient, workspace: Workspace) -> None:
    await workspace.fault("slack", "chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0OPS", text="hi")
    response = refused.value.response
    assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "7")


async def test_the_client_tries_again_after_an_error_of_the_server(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    client.retry_handlers.append(AsyncServerErrorRetryHandler())
    await workspace.fault("slack", "chat.postMessage", status=503)
    assert (await client.chat_postMessage(channel="C0OPS", text="hi"))["ok"]
    assert [call["status"] for call in await workspace.calls("chat.postMessage")] == [503, 200]


async def test_the_client_tries_again_where_the_connection_is_lost(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    await workspace.fault("slack", "chat.postMessage", drop="before")
    assert (await client.chat_postMessage(channel="C0OPS", text="hi"))["ok"]
    assert [each["text"] for each in await workspace.messages()] == ["hi"]
