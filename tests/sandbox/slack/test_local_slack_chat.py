import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.conftest import Control, Json, button, error, refusal, section


async def test_a_message_is_seen_by_everyone_in_the_channel(client: AsyncWebClient, control: Control) -> None:
    posted = await client.chat_postMessage(channel="C0OPS", text="hi", blocks=[section(), button()])
    message = posted["message"]
    assert (posted["channel"], message["bot_id"], message["user"]) == ("C0OPS", "B0WAREHOUSE", "U0WAREHOUSE")
    assert message["app_id"] == "A0WAREHOUSE"
    seen = (await control.messages(user="U0GUEST"))[0]
    assert (seen["ts"], seen["text"], seen["ephemeral"]) == (posted["ts"], "hi", False)
    assert [block["block_id"] for block in seen["blocks"]] == ["s", "acts"]


async def test_blocks_without_ids_get_some(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0OPS", text="hi", blocks=[{"type": "divider"}])
    assert posted["message"]["blocks"][0]["block_id"]


async def test_forms_are_understood_as_json_is(client: AsyncWebClient, control: Control) -> None:
    form = {"channel": "#data-ops", "text": "hi", "blocks": '[{"type": "divider"}]'}
    await client.api_call("chat.postMessage", data=form)
    assert (await control.messages())[0]["blocks"][0]["type"] == "divider"


async def test_timestamps_are_unique_and_in_order(client: AsyncWebClient, control: Control) -> None:
    sent = [(await client.chat_postMessage(channel="C0OPS", text=str(n)))["ts"] for n in range(5)]
    assert sent == sorted(set(sent))
    assert await control.texts() == ["0", "1", "2", "3", "4"]


async def test_what_slack_refuses_of_a_post(client: AsyncWebClient) -> None:
    post = "chat.postMessage"
    assert await error(client, post, channel="C0NONE", text="x") == "channel_not_found"
    assert await error(client, post, channel="C0QUIET", text="x") == "not_in_channel"
    assert await error(client, post, channel="C0OPS") == "no_text"
    assert await error(client, post, channel="C0OPS", text="x" * 40_001) == "msg_too_long"
    assert await error(client, post, channel="C0OPS", text="x", blocks="{nope") == "invalid_blocks_format"
    assert await error(client, post, text="x") == "invalid_arguments"
    assert await error(client, post, channel="U0WAREHOUSE", text="x") == "cannot_dm_bot"


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        [section("x" * 3001)],
        [{"type": "nonsense"}],
        [{"type": "section"}],
        [section(block_id="x" * 256)],
        [section(), section()],
    ],
    ids=["too many", "too long", "unknown kind", "nothing in it", "bad id", "an id twice"],
)
async def test_blocks_are_refused_as_slack_refuses_them(
    client: AsyncWebClient, control: Control, blocks: list[Json]
) -> None:
    answer = await refusal(client, "chat.postMessage", channel="C0OPS", text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"][0].startswith("[ERROR] ")
    assert await control.messages() == []


async def test_blocks_in_attachments_are_validated(client: AsyncWebClient, control: Control) -> None:
    given = {"channel": "C0OPS", "text": "x"}
    fine, wrong = {"blocks": [section()]}, {"blocks": [section("x" * 3001)]}
    answer = await refusal(client, "chat.postMessage", **given, attachments=[fine, wrong])
    assert answer["error"] == "invalid_attachments"
    assert "[json-pointer:/attachments/1/blocks/0/text/text]" in answer["response_metadata"]["messages"][0]
    assert await error(client, "chat.postMessage", **given, attachments=[fine] * 101) == "too_many_attachments"
    await client.api_call("chat.postMessage", json={**given, "attachments": [fine] * 100})
    assert await control.texts() == ["x"]


async def test_posting_to_a_person_opens_the_direct_message(client: AsyncWebClient, control: Control) -> None:
    posted = await client.chat_postMessage(channel="U0BOB", text="psst")
    assert posted["channel"] == "D0BOB"
    assert await control.texts("U0BOB", "U0BOB") == ["psst"]
    assert (await control.call("GET", "messages/D0BOB?user=U0ALICE"))[0] == 403
    assert (await control.get("state"))["dms"] == [{"id": "D0BOB", "user": "U0BOB"}]


async def test_replies_join_the_thread_of_the_message_they_answer(client: AsyncWebClient, control: Control) -> None:
    root = (await client.chat_postMessage(channel="C0OPS", text="root"))["ts"]
    reply = (await client.chat_postMessage(channel="C0OPS", text="reply", thread_ts=root))["ts"]
    await client.chat_postMessage(channel="C0OPS", text="reply to it", thread_ts=reply)
    assert [message.get("thread_ts") for message in await control.messages()] == [None, root, root]


async def test_an_update_replaces_text_and_blocks(client: AsyncWebClient, control: Control) -> None:
    ts = (await client.chat_postMessage(channel="C0OPS", text="one", blocks=[section()]))["ts"]
    await client.chat_update(channel="C0OPS", ts=ts, text="two", blocks=[button()])
    message = (await control.messages())[0]
    assert (message["text"], message["blocks"][0]["type"]) == ("two", "actions")
    assert message["edited"]["user"] == "U0WAREHOUSE"


async def test_an_update_with_text_alone_removes_the_blocks(client: AsyncWebClient, control: Control) -> None:
    ts = (await client.chat_postMessage(channel="C0OPS", text="one", blocks=[section()]))["ts"]
    await client.chat_update(channel="C0OPS", ts=ts, text="two")
    assert (await control.messages())[0]["blocks"] == []


async def test_what_slack_refuses_of_an_update(client: AsyncWebClient, control: Control) -> None:
    update = "chat.update"
    ts = (await client.chat_postMessage(channel="C0OPS", text="one"))["ts"]
    whispered = (await client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst"))["message_ts"]
    said = (await control.post("message", channel="C0OPS", user="U0BOB", text="mine"))["message"]["ts"]
    assert await error(client, update, channel="C0OPS", ts="1.1", text="x") == "message_not_found"
    assert await error(client, update, channel="C0OPS", ts=whispered, text="x") == "message_not_found"
    assert await error(client, update, channel="C0OPS", ts=said, text="x") == "cant_update_message"
    assert await error(client, update, channel="C0OPS", ts=ts, text="x" * 4001) == "msg_too_long"
    assert await error(client, update, channel="C0OPS", ts=ts) == "no_text"
    assert await error(client, "chat.delete", channel="C0OPS", ts=said) == "cant_delete_message"


async def test_existing_messages_are_addressed_by_channel_id_only(client: AsyncWebClient, control: Control) -> None:
    ts = (await client.chat_postMessage(channel="#data-ops", text="one"))["ts"]
    for name in ("#data-ops", "data-ops", "C0NONE"):
        assert await error(client, "chat.update", channel=name, ts=ts, text="two") == "channel_not_found"
        assert await error(client, "chat.delete", channel=name, ts=ts) == "channel_not_found"
        assert await error(client, "chat.getPermalink", channel=name, message_ts=ts) == "channel_not_found"
    assert await control.texts() == ["one"]


async def test_a_message_can_be_deleted(client: AsyncWebClient, control: Control) -> None:
    ts = (await client.chat_postMessage(channel="C0OPS", text="one"))["ts"]
    await client.chat_delete(channel="C0OPS", ts=ts)
    assert await control.messages() == []
    assert await error(client, "chat.delete", channel="C0OPS", ts=ts) == "message_not_found"


async def test_an_ephemeral_is_seen_by_its_addressee_alone(client: AsyncWebClient, control: Control) -> None:
    await client.chat_postEphemeral(channel="C0OPS", user="U0BOB", text="for bob")
    assert await control.texts(user="U0BOB") == ["for bob"]
    assert await control.texts(user="U0ALICE") == []
    assert (await control.get("messages/C0OPS"))["messages"] == []


async def test_what_slack_refuses_of_an_ephemeral(client: AsyncWebClient) -> None:
    whisper = "chat.postEphemeral"
    assert await error(client, whisper, channel="C0OPS", user="U0MALLORY", text="x") == "user_not_in_channel"
    assert await error(client, whisper, channel="C0QUIET", user="U0ALICE", text="x") == "not_in_channel"


async def test_a_permalink_leads_to_a_message(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0OPS", text="one"))["ts"]
    link = (await client.chat_getPermalink(channel="C0OPS", message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/C0OPS/p{ts.replace('.', '')}")
    assert await error(client, "chat.getPermalink", channel="C0OPS", message_ts="1.1") == "message_not_found"
