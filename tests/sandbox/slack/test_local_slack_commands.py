import asyncio

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck

from tests.sandbox.slack.conftest import Bot, Control, Json, until

TIMEOUT = '/warehouse failed with the error "operation_timeout"'
UNREACHED = '/warehouse failed with the error "dispatch_failed"'


@pytest.fixture(params=["sockets", "http"])
async def payloads(request: pytest.FixtureRequest, bot: Bot) -> list[Json]:
    """What the command's listener got; it acks with the words after "say" or "shout"."""
    got: list[Json] = []

    async def listen(ack: AsyncAck, body: Json) -> None:
        got.append(body)
        word, _, rest = body["text"].partition(" ")
        match word:
            case "say":
                await ack(rest)
            case "shout":
                await ack(text=rest, response_type="in_channel")
            case "bad":
                await ack(text="x", blocks=[{"type": "nonsense"}])
            case "raise":
                raise RuntimeError("as told")
            case _:
                await ack()

    bot.app.command("/warehouse")(listen)
    await (bot.over_sockets() if request.param == "sockets" else bot.over_http())
    return got


async def test_a_command_reaches_the_bot_with_slacks_fields(payloads: list[Json], control: Control) -> None:
    assert await control.command("list prod") == {"ok": True}
    body = payloads[0]
    assert {"token", "team_domain", "user_name", "api_app_id", "response_url", "trigger_id"} <= body.keys()
    assert (body["command"], body["text"], body["team_id"]) == ("/warehouse", "list prod", "T0DEMO")
    assert (body["user_id"], body["channel_id"], body["channel_name"]) == ("U0ALICE", "C0OPS", "data-ops")
    assert await control.messages() == []


async def test_an_ack_with_text_is_seen_by_the_person_alone(payloads: list[Json], control: Control) -> None:
    await control.command("say only you")
    said = (await control.messages())[0]
    assert (said["text"], said["ephemeral"], said["bot_id"]) == ("only you", True, "B0WAREHOUSE")
    assert await control.texts(user="U0BOB") == []


async def test_an_ack_can_speak_to_the_channel(payloads: list[Json], control: Control) -> None:
    await control.command("shout everyone")
    assert await control.texts(user="U0BOB") == ["everyone"]


async def test_an_ack_that_slack_cannot_show_is_told_to_the_person(payloads: list[Json], control: Control) -> None:
    assert await control.command("bad") == {"ok": False, "error": "invalid_blocks"}
    assert await control.texts() == ['/warehouse failed with the error "invalid_blocks"']


async def test_mentions_links_and_entities_are_escaped(payloads: list[Json], control: Control) -> None:
    await control.command("ask @bob in #data-ops, @data-oncall & <b> me@bob.example @nobody https://x.example/?a=1&b=2")
    assert payloads[0]["text"] == (
        "ask <@U0BOB|bob> in <#C0OPS|data-ops>, <!subteam^S0DATA|@data-oncall> &amp; &lt;b&gt; me@bob.example @nobody "
        "<https://x.example/?a=1&amp;b=2>"
    )


async def test_without_the_bot_in_the_channel_a_command_still_reaches_it(
    payloads: list[Json], control: Control
) -> None:
    assert await control.command("say here", channel="random") == {"ok": True}
    assert await control.texts("C0QUIET") == ["here"]


async def test_a_command_can_be_typed_to_the_bot_directly(payloads: list[Json], control: Control) -> None:
    await control.command("say hello", channel="U0ALICE")
    assert payloads[0]["channel_name"] == "directmessage"
    assert await control.texts("U0ALICE") == ["hello"]


async def test_a_payload_can_be_delivered_twice(payloads: list[Json], control: Control) -> None:
    assert await control.command("say once", redeliver=True) == {"ok": True}
    assert len(payloads) == 2
    assert payloads[0] == payloads[1]
    assert await control.texts() == ["once"]


async def test_people_of_another_company_have_no_command(payloads: list[Json], control: Control) -> None:
    status, words = await control.refused(
        "command", user="U0MALLORY", channel="C0SHARED", command="/warehouse", text="list"
    )
    assert (status, payloads) == (403, [])
    assert "no command in mallory's workspace" in words


async def test_only_members_can_send_a_command_in_a_channel(payloads: list[Json], control: Control) -> None:
    status, words = await control.refused("command", user="carol", channel="partners", command="/warehouse")
    assert (status, words) == (403, "carol isn't in #partners")


async def test_a_command_without_a_connected_bot_fails(control: Control) -> None:
    assert await control.command("list") == {"ok": False, "error": "dispatch_failed"}
    told = (await control.messages())[0]
    assert (told["text"], told["user"], told["ephemeral"]) == (UNREACHED, "USLACKBOT", True)
    assert await control.texts(user="U0BOB") == []


async def test_a_bot_that_listens_nowhere_over_http_fails_too(control: Control) -> None:
    await control.post("delivery", mode="http", url="http://127.0.0.1:9/slack/events")
    assert await control.command("list") == {"ok": False, "error": "dispatch_failed"}


async def test_a_500_from_the_bot_is_no_ack(bot: Bot, control: Control) -> None:
    async def fail(ack: AsyncAck) -> None:
        raise RuntimeError("as told")

    bot.app.command("/warehouse")(fail)
    await bot.over_http()
    assert await control.command("list") == {"ok": False, "error": "dispatch_failed"}


@pytest.mark.parametrize("way", ["sockets", "http"])
async def test_an_ack_after_three_seconds_is_an_error_for_the_person(
    bot: Bot, control: Control, way: str, stopped_time: None
) -> None:
    called, release = asyncio.Event(), asyncio.Event()

    async def dawdle(ack: AsyncAck) -> None:
        called.set()
        await release.wait()
        await ack("too late")

    bot.app.command("/warehouse")(dawdle)
    await (bot.over_sockets() if way == "sockets" else bot.over_http())
    typing = asyncio.create_task(control.command("list"))
    await called.wait()
    await control.post("clock", advance=2.9)
    await asyncio.sleep(0.05)
    assert not typing.done()
    await control.post("clock", advance=0.2)
    async with asyncio.timeout(10):
        assert await typing == {"ok": False, "error": "operation_timeout"}
    release.set()
    await asyncio.sleep(0.05)
    assert await control.texts() == [TIMEOUT]


async def test_the_log_shows_what_went_out_and_what_came_back(payloads: list[Json], control: Control) -> None:
    await control.command("say it")
    entry = (await control.log("slash_commands"))[0]
    assert (entry["side"], entry["direction"]) == ("slack", "to_bot")
    assert entry["payload"]["text"] == "say it"
    assert "token" not in entry["payload"]
    assert entry["answer"] == {"ok": True, "ack": {"text": "it"}}


async def test_reading_on_waits_for_what_is_not_acked_yet(bot: Bot, control: Control) -> None:
    release = asyncio.Event()

    async def dawdle(ack: AsyncAck) -> None:
        await release.wait()
        await ack()

    bot.app.command("/warehouse")(dawdle)
    await bot.over_sockets()
    typing = asyncio.create_task(control.command("list"))
    await until(lambda: bool(bot.sandbox.slack.sockets._pending_acks))
    assert (await control.log("slash_commands"))[0]["answer"] == {"waiting": True}
    assert "slash_commands" not in [entry["name"] for entry in (await control.get("log?since=0"))["log"]]
    release.set()
    await typing
    assert "slash_commands" in [entry["name"] for entry in (await control.get("log?since=0"))["log"]]
