import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Control, error


async def raw(sandbox: LocalWorkspace, method: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, object]]:
    """One call as bytes."""
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(sandbox.slack_api_url + method, data=body) as answer,
    ):
        return answer.status, await answer.json()


async def test_the_bot_learns_who_it_is(client: AsyncWebClient, sandbox: LocalWorkspace) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0DEMO", "U0WAREHOUSE", "B0WAREHOUSE")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


@pytest.mark.parametrize(
    ("token", "code"),
    [("xoxb-wrong", "invalid_auth"), ("", "not_authed"), ("the app's", "not_allowed_token_type")],
)
async def test_a_token_that_is_not_the_bots_is_refused(sandbox: LocalWorkspace, token: str, code: str) -> None:
    token = sandbox.app_token if token == "the app's" else token
    client = AsyncWebClient(token=token or None, base_url=sandbox.slack_api_url)
    for method in ("auth.test", "chat.postMessage", "views.open"):
        assert await error(client, method) == code
    assert (await client.api_test())["ok"]


async def test_a_token_may_come_as_a_parameter(sandbox: LocalWorkspace) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await raw(sandbox, "auth.test", f"token={sandbox.bot_token}".encode(), **form))[1]["ok"] is True
    assert (await raw(sandbox, "auth.test", b"token=xoxb-wrong", **form))[1]["error"] == "invalid_auth"


async def test_only_the_app_token_opens_a_socket(client: AsyncWebClient, sandbox: LocalWorkspace) -> None:
    assert await error(client, "apps.connections.open") == "not_allowed_token_type"
    answer = await client.apps_connections_open(app_token=sandbox.app_token)
    assert answer["url"].startswith(f"ws://127.0.0.1:{sandbox.port}/link?ticket=")


async def test_a_method_that_does_not_exist(client: AsyncWebClient) -> None:
    assert await error(client, "chat.shout") == "unknown_method"


async def test_a_body_that_is_no_json(sandbox: LocalWorkspace) -> None:
    json = {"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.bot_token}"}
    assert (await raw(sandbox, "auth.test", b"{", **json))[1] == {"ok": False, "error": "invalid_json"}
    assert (await raw(sandbox, "auth.test", b"[]", **json))[1] == {"ok": False, "error": "json_not_object"}


async def test_calls_are_in_the_log_without_their_token(
    client: AsyncWebClient, control: Control, sandbox: LocalWorkspace
) -> None:
    await client.chat_postMessage(channel="C0OPS", text="hi")
    await raw(sandbox, f"users.info?token={sandbox.bot_token}&user=U0BOB")
    posted = (await control.log("chat.postMessage"))[0]
    assert (posted["direction"], posted["payload"], posted["status"]) == (
        "from_bot",
        {"channel": "C0OPS", "text": "hi"},
        200,
    )
    assert posted["answer"]["ok"] is True
    assert sandbox.bot_token not in str(await control.get("log"))


async def test_people_carry_what_tells_guests_and_outsiders(client: AsyncWebClient) -> None:
    people = {user["id"]: user for user in (await client.users_list())["members"]}
    assert set(people) == {"U0ALICE", "U0BOB", "U0CAROL", "U0GUEST", "U0MALLORY", "U0WAREHOUSE"}
    guest = (await client.users_info(user="U0GUEST"))["user"]
    assert (guest["is_restricted"], guest["is_ultra_restricted"], guest["deleted"]) == (True, False, False)
    assert (people["U0MALLORY"]["team_id"], people["U0MALLORY"]["is_stranger"]) == ("T0OTHER", False)
    assert people["U0ALICE"]["tz"] == "Europe/Berlin"
    assert (people["U0WAREHOUSE"]["is_bot"], people["U0WAREHOUSE"]["name"]) == (True, "warehouse")
    assert await error(client, "users.info", user="U0NOBODY") == "user_not_found"


async def test_lists_come_in_pages(client: AsyncWebClient) -> None:
    names: list[str] = []
    async for page in await client.users_list(limit=4):
        names += [user["name"] for user in page["members"]]
    assert names == ["alice", "bob", "carol", "guest", "mallory", "warehouse"]
    assert await error(client, "users.list", cursor="what") == "invalid_cursor"
    assert await error(client, "users.list", limit="0") == "invalid_arguments"


async def test_the_group_of_approvers(client: AsyncWebClient) -> None:
    group = (await client.usergroups_list(include_users=True))["usergroups"][0]
    assert (group["id"], group["handle"], group["users"]) == ("S0DATA", "data-oncall", ["U0BOB", "U0CAROL"])
    assert (await client.usergroups_users_list(usergroup="S0DATA"))["users"] == ["U0BOB", "U0CAROL"]
    assert await error(client, "usergroups.users.list", usergroup="S0NONE") == "no_such_subteam"


async def test_channels_tell_of_membership_and_sharing(client: AsyncWebClient) -> None:
    assert (await client.conversations_info(channel="C0OPS"))["channel"]["is_member"] is True
    assert (await client.conversations_info(channel="C0QUIET"))["channel"]["is_member"] is False
    shared = (await client.conversations_info(channel="C0SHARED"))["channel"]
    assert (shared["is_ext_shared"], shared["name"]) == (True, "partners")
    assert (await client.conversations_members(channel="C0SHARED"))["members"] == [
        "U0ALICE",
        "U0BOB",
        "U0MALLORY",
        "U0WAREHOUSE",
    ]
    assert [channel["name"] for channel in (await client.conversations_list())["channels"]] == [
        "data-ops",
        "partners",
        "random",
    ]
    assert await error(client, "conversations.info", channel="C0NONE") == "channel_not_found"


async def test_direct_messages_are_opened_on_demand(client: AsyncWebClient) -> None:
    assert (await client.conversations_list(types="im"))["channels"] == []
    opened = await client.conversations_open(users="U0BOB", return_im=True)
    assert (opened["channel"]["id"], opened["channel"]["user"]) == ("D0BOB", "U0BOB")
    assert (await client.conversations_open(users="U0BOB"))["already_open"] is True
    assert (await client.conversations_open(channel="D0BOB"))["channel"]["is_im"] is True
    assert [channel["id"] for channel in (await client.conversations_list(types="im"))["channels"]] == ["D0BOB"]
    assert await error(client, "conversations.open", users="U0NOBODY") == "user_not_found"
    assert await error(client, "conversations.open", users="U0WAREHOUSE") == "cannot_dm_bot"
    assert await error(client, "conversations.open", users="U0BOB,U0CAROL") == "invalid_arguments"
