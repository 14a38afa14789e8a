"""The world around the bot changes, and Slack's answers with it."""

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.conftest import Bot, Control, Json, button, error, modal

CLICK = {"channel": "C0OPS", "user": "U0BOB", "action": {"action_id": "approve", "block_id": "acts", "value": "r1"}}


async def card(client: AsyncWebClient) -> str:
    """A message with a button; gives its ts."""
    ts: str = (await client.chat_postMessage(channel="C0OPS", text="card", blocks=[button()]))["ts"]
    return ts


async def who(client: AsyncWebClient, user: str) -> Json:
    found: Json = (await client.users_info(user=user))["user"]
    return found


async def test_an_archived_channel_takes_nothing(client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    archived = {"ok": True, "channel": "C0OPS", "is_archived": True}
    assert await control.post("archive", channel="data-ops") == archived
    for method, more, code in (
        ("chat.postMessage", {}, "is_archived"),
        ("chat.postEphemeral", {"user": "U0ALICE"}, "is_archived"),
        ("chat.update", {"ts": ts}, "is_inactive"),
    ):
        assert await error(client, method, channel="C0OPS", text="x", **more) == code
    assert await control.texts() == ["card"]
    assert (await client.conversations_info(channel="C0OPS"))["channel"]["is_archived"] is True
    assert (await control.get("state"))["channels"][0]["is_archived"] is True


async def test_nobody_writes_in_an_archived_channel(control: Control) -> None:
    await control.post("archive", channel="C0OPS")
    refusal = (409, "#data-ops is archived")
    command = {"channel": "C0OPS", "user": "U0ALICE", "command": "/warehouse"}
    assert await control.refused("command", **command) == refusal
    assert await control.refused("message", channel="C0OPS", user="U0ALICE", text="hi") == refusal
    assert await control.texts() == []


async def test_an_archived_channel_can_be_brought_back(client: AsyncWebClient, control: Control) -> None:
    await control.post("archive", channel="C0OPS")
    assert (await control.post("archive", channel="C0OPS", archived=False))["is_archived"] is False
    await client.chat_postMessage(channel="C0OPS", text="back")
    assert await control.texts() == ["back"]


async def test_the_bot_posts_only_where_it_is(client: AsyncWebClient, control: Control) -> None:
    bot = {"channel": "C0OPS", "user": "U0WAREHOUSE"}
    assert "U0WAREHOUSE" not in (await control.post("membership", **bot, member=False))["members"]
    assert await error(client, "chat.postMessage", channel="C0OPS", text="x") == "not_in_channel"
    assert await error(client, "chat.postEphemeral", channel="C0OPS", user="U0ALICE", text="x") == "not_in_channel"
    assert (await client.conversations_info(channel="C0OPS"))["channel"]["is_member"] is False
    assert "U0WAREHOUSE" in (await control.post("membership", **bot))["members"]
    assert (await client.chat_postMessage(channel="C0OPS", text="x"))["ok"]


async def test_deactivated_people_have_fewer_fields(client: AsyncWebClient, control: Control) -> None:
    answer = await control.post("deactivate", user="bob")
    bob = await who(client, "U0BOB")
    assert answer == {"ok": True, "user": bob}
    assert (bob["deleted"], bob["name"], bob["profile"]["real_name"]) == (True, "bob", "Bob Brandt")
    assert not {"real_name", "tz", "is_admin", "is_restricted", "is_ultra_restricted"} & bob.keys()
    assert [user["deleted"] for user in (await client.users_list())["members"]] == [False, True, *[False] * 4]


async def test_the_deactivated_leave_channels_but_not_their_group(client: AsyncWebClient, control: Control) -> None:
    await client.chat_postMessage(channel="U0BOB", text="psst")
    await control.post("deactivate", user="U0BOB")
    for channel in ("C0OPS", "C0SHARED", "C0QUIET"):
        assert "U0BOB" not in (await client.conversations_members(channel=channel))["members"]
    assert (await client.usergroups_users_list(usergroup="S0DATA"))["users"] == ["U0BOB", "U0CAROL"]
    whisper = {"channel": "C0OPS", "user": "U0BOB", "text": "x"}
    assert await error(client, "chat.postEphemeral", **whisper) == "user_not_in_channel"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("command", {"channel": "C0OPS", "command": "/warehouse"}),
        ("command", {"channel": "D0BOB", "command": "/warehouse"}),
        ("message", {"channel": "C0OPS", "text": "hi"}),
        ("interact", {"channel": "C0OPS", "messageTs": "1.1", "action": {}}),
        ("view-action", {"action": {}}),
        ("home-action", {"action": {}}),
        ("submit", {}),
        ("close", {}),
        ("open-home", {}),
        ("suggest", {"action": {}}),
        ("deactivate", {}),
        ("guest", {}),
    ],
)
async def test_the_deactivated_do_nothing_any_more(control: Control, path: str, body: Json) -> None:
    await control.post("deactivate", user="U0BOB")
    assert await control.refused(path, user="U0BOB", **body) == (403, "bob is deactivated")


async def test_the_modals_of_the_deactivated_are_gone(bot: Bot, control: Control) -> None:
    opened: list[str] = []

    async def listen(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
        await ack()
        opened.append((await client.views_open(trigger_id=body["trigger_id"], view=modal()))["view"]["id"])

    bot.app.command("/warehouse")(listen)
    await bot.over_sockets()
    await control.command("add")
    await control.post("deactivate", user="U0ALICE")
    assert await control.modals() == []
    assert await error(bot.app.client, "views.update", view_id=opened[0], view=modal()) == "not_found"


async def test_anybody_can_become_a_guest(client: AsyncWebClient, control: Control) -> None:
    async def is_guest() -> tuple[bool, bool]:
        bob = await who(client, "U0BOB")
        return bob["is_restricted"], bob["is_ultra_restricted"]

    assert (await control.post("guest", user="U0BOB"))["user"] == await who(client, "U0BOB")
    assert await is_guest() == (True, False)
    await control.post("guest", user="U0BOB", single_channel=True)
    assert await is_guest() == (True, True)
    await control.post("guest", user="U0BOB", guest=False)
    assert await is_guest() == (False, False)


async def test_a_group_gets_other_members(client: AsyncWebClient, control: Control) -> None:
    changed = await control.post("group", group="@data-oncall", users=["carol", "U0ALICE", "U0CAROL"])
    assert changed == {"ok": True, "group": "S0DATA", "users": ["U0CAROL", "U0ALICE"]}
    assert (await client.usergroups_users_list(usergroup="S0DATA"))["users"] == ["U0CAROL", "U0ALICE"]
    (listed,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (listed["users"], listed["user_count"]) == (["U0CAROL", "U0ALICE"], 2)


async def test_a_group_can_lose_everyone(client: AsyncWebClient, control: Control) -> None:
    assert (await control.post("group", group="S0DATA", users=[]))["users"] == []
    assert (await client.usergroups_users_list(usergroup="S0DATA"))["users"] == []


async def test_a_deleted_message_is_gone_for_the_bot(client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    assert await control.post("delete", channel="C0OPS", messageTs=ts) == {"ok": True, "channel": "C0OPS", "ts": ts}
    assert await error(client, "chat.update", channel="C0OPS", ts=ts, text="x") == "message_not_found"
    assert await error(client, "chat.delete", channel="C0OPS", ts=ts) == "message_not_found"
    assert await error(client, "chat.getPermalink", channel="C0OPS", message_ts=ts) == "message_not_found"
    assert await control.messages() == []


async def test_a_deleted_message_cannot_be_clicked(client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    await control.post("delete", channel="C0OPS", messageTs=ts)
    status, words = await control.refused("interact", messageTs=ts, **CLICK)
    assert (status, "sees no such message" in words) == (409, True)
    assert await control.log("block_actions") == []


async def test_a_deleted_message_cannot_be_replaced_either(bot: Bot, control: Control) -> None:
    hooks: list[str] = []

    async def listen(ack: AsyncAck, body: Json) -> None:
        hooks.append(body["response_url"])
        await ack()

    bot.app.action("approve")(listen)
    await bot.over_sockets()
    ts = await card(bot.app.client)
    await control.post("interact", messageTs=ts, **CLICK)
    await control.post("delete", channel="C0OPS", messageTs=ts)
    async with control.session.post(hooks[0], json={"text": "x", "replace_original": True}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "message_not_found")


async def test_replies_to_a_deleted_message_stay(client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    await client.chat_postMessage(channel="C0OPS", text="reply", thread_ts=ts)
    await control.post("delete", channel="C0OPS", messageTs=ts)
    (reply,) = await control.messages()
    assert (reply["text"], reply["thread_ts"]) == ("reply", ts)


async def test_what_one_person_alone_sees_cannot_be_deleted(client: AsyncWebClient, control: Control) -> None:
    ts = (await client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst"))["message_ts"]
    assert (await control.refused("delete", channel="C0OPS", messageTs=ts))[0] == 409
    assert await control.texts() == ["psst"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("archive", {"channel": "C0NONE"}, 404, "no channel C0NONE"),
        ("archive", {"channel": "C0OPS", "archived": "yes"}, 400, "archived must be true or false"),
        ("membership", {"channel": "C0OPS", "user": "U0CAROL"}, 409, "carol is deactivated"),
        ("deactivate", {"user": "U0EVE"}, 404, "nobody called U0EVE"),
        ("deactivate", {"user": "U0MALLORY"}, 409, "no person of this workspace"),
        ("deactivate", {"user": "U0WAREHOUSE"}, 400, "the bot itself"),
        ("guest", {"user": "U0MALLORY"}, 409, "no person of this workspace"),
        ("guest", {"user": "U0BOB", "guest": False, "single_channel": True}, 400, "single_channel is for guests"),
        ("group", {"group": "S0NONE", "users": []}, 404, "no user group S0NONE"),
        ("group", {"group": "S0DATA"}, 400, "users is required, as a list of strings"),
        ("group", {"group": "S0DATA", "users": [1]}, 400, "users is required, as a list of strings"),
        ("group", {"group": "S0DATA", "users": ["U0MALLORY"]}, 409, "no person of this workspace"),
        ("group", {"group": "S0DATA", "users": ["U0WAREHOUSE"]}, 409, "no person of this workspace"),
        ("group", {"group": "S0DATA", "users": ["U0CAROL"]}, 409, "carol is deactivated"),
        ("delete", {"channel": "C0OPS", "messageTs": "1.1"}, 409, "no message 1.1"),
    ],
)
async def test_what_cannot_be_changed_is_said_in_words(
    control: Control, path: str, body: Json, status: int, words: str
) -> None:
    await control.post("deactivate", user="U0CAROL")
    got, said = await control.refused(path, **body)
    assert (got, words in said) == (status, True)
    assert (await control.get("state"))["groups"][0]["users"] == ["U0BOB", "U0CAROL"]


async def test_a_direct_message_cannot_be_archived(client: AsyncWebClient, control: Control) -> None:
    await client.chat_postMessage(channel="U0BOB", text="psst")
    assert await control.refused("archive", channel="D0BOB") == (409, "a direct message can't be archived")
