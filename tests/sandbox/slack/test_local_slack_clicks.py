import asyncio

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.conftest import Bot, Control, Json, button, modal, option, plain, section, text_input

CONFIRM = {"title": plain("Sure?"), "text": plain("It can't be undone."), "confirm": plain("Yes"), "deny": plain("No")}


@pytest.fixture
async def payloads(bot: Bot) -> list[Json]:
    """What came of clicks; each is acked at once."""
    got: list[Json] = []

    async def listen(ack: AsyncAck, body: Json) -> None:
        got.append(body)
        await ack()

    for action_id in ("approve", "more", "typed", "chosen"):
        bot.app.action(action_id)(listen)
    await bot.over_sockets()
    return got


async def card(client: AsyncWebClient, *blocks: Json, channel: str = "C0OPS") -> str:
    """A message with a button; gives its ts."""
    posted = await client.chat_postMessage(channel=channel, text="card", blocks=[*blocks] or [section(), button()])
    ts: str = posted["ts"]
    return ts


async def click(control: Control, ts: str, user: str = "U0BOB", channel: str = "C0OPS", **action: object) -> Json:
    given = {"type": "button", "action_id": "approve", "block_id": "acts", "value": "r1"} | action
    return await control.post("interact", channel=channel, messageTs=ts, user=user, action=given)


async def test_a_click_reaches_the_bot_with_slacks_fields(
    payloads: list[Json], client: AsyncWebClient, control: Control
) -> None:
    ts = await card(client)
    assert await click(control, ts) == {"ok": True}
    body = payloads[0]
    assert body["user"] == {"id": "U0BOB", "username": "bob", "name": "bob", "team_id": "T0DEMO"}
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": "C0OPS", "is_ephemeral": False}
    assert (body["channel"]["id"], body["message"]["ts"], body["team"]["id"]) == ("C0OPS", ts, "T0DEMO")
    assert {"trigger_id", "response_url", "api_app_id", "state"} <= body.keys()
    action = body["actions"][0]
    assert (action["type"], action["action_id"], action["block_id"], action["value"]) == (
        "button",
        "approve",
        "acts",
        "r1",
    )
    assert {"text", "action_ts"} <= action.keys()


async def test_outsiders_carry_their_own_team(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    ts = await card(client, button(), channel="C0SHARED")
    await click(control, ts, user="U0MALLORY", channel="C0SHARED")
    assert (payloads[0]["user"]["team_id"], payloads[0]["team"]["id"]) == ("T0OTHER", "T0DEMO")


async def test_a_click_on_an_ephemeral_says_so(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    whispered = await client.chat_postEphemeral(channel="C0OPS", user="U0BOB", text="psst", blocks=[button()])
    assert (await click(control, whispered["message_ts"]))["ok"]
    assert payloads[0]["container"]["is_ephemeral"] is True
    assert "message" not in payloads[0]
    assert payloads[0]["response_url"]


async def test_somebody_elses_ephemeral_cannot_be_clicked(
    payloads: list[Json], client: AsyncWebClient, control: Control
) -> None:
    whispered = await client.chat_postEphemeral(channel="C0OPS", user="U0BOB", text="psst", blocks=[button()])
    assert (await click(control, whispered["message_ts"], user="U0ALICE"))["ok"] is False
    assert payloads == []


@pytest.mark.parametrize(
    "action",
    [{"value": "r2"}, {"action_id": "gone"}, {"block_id": "gone"}, {"type": "static_select"}],
    ids=["another value", "no such action", "no such block", "another kind"],
)
async def test_what_is_not_on_the_message_cannot_be_clicked(
    payloads: list[Json], client: AsyncWebClient, control: Control, action: Json
) -> None:
    ts = await card(client)
    given = {"type": "button", "action_id": "approve", "block_id": "acts", "value": "r1"} | action
    status, words = await control.refused("interact", channel="C0OPS", messageTs=ts, user="U0BOB", action=given)
    assert (status, payloads) == (409, [])
    assert words


async def test_a_button_that_an_update_took_away_cannot_be_clicked(
    payloads: list[Json], client: AsyncWebClient, control: Control
) -> None:
    ts = await card(client)
    await client.chat_update(channel="C0OPS", ts=ts, text="done", blocks=[section("done")])
    assert "no approve to click on any more" in (await click(control, ts))["error"]
    await client.chat_delete(channel="C0OPS", ts=ts)
    assert "sees no such message" in (await click(control, ts))["error"]
    assert payloads == []


async def test_the_block_may_be_left_out(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    answer = await control.post(
        "interact", channel="C0OPS", messageTs=ts, user="U0BOB", action={"action_id": "approve"}
    )
    assert answer == {"ok": True}
    assert payloads[0]["actions"][0]["value"] == "r1"


async def test_a_confirm_dialog_is_asked_first(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    ts = await card(client, button(confirm=CONFIRM))
    assert await click(control, ts) == {"ok": False, "confirm": CONFIRM}
    assert payloads == []
    action = {"action_id": "approve", "value": "r1"}
    sure = {"channel": "C0OPS", "messageTs": ts, "user": "U0BOB", "action": action, "confirm": True}
    assert await control.post("interact", **sure) == {"ok": True}
    assert len(payloads) == 1


async def test_a_click_can_be_delivered_twice(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    ts = await card(client)
    twice = {"channel": "C0OPS", "messageTs": ts, "user": "U0BOB", "action": {"action_id": "approve"}}
    assert await control.post("interact", **twice, redeliver=True) == {"ok": True}
    assert len(payloads) == 2
    assert payloads[0]["actions"] == payloads[1]["actions"]


async def test_a_click_can_be_delivered_two_at_once(
    payloads: list[Json], client: AsyncWebClient, control: Control
) -> None:
    ts = await card(client)
    twice = {"channel": "C0OPS", "messageTs": ts, "user": "U0BOB", "action": {"action_id": "approve"}}
    assert await control.post("interact", **twice, redeliver="beside") == {"ok": True}
    assert len(payloads) == 2
    assert payloads[0] == payloads[1]


async def test_a_menu_sends_its_option_and_a_choice_stays(
    payloads: list[Json], client: AsyncWebClient, control: Control
) -> None:
    overflow = {"type": "overflow", "action_id": "more", "options": [option("show"), option("edit")]}
    select = {"type": "static_select", "action_id": "chosen", "options": [option("prod"), option("staging")]}
    ts = await card(client, {"type": "actions", "block_id": "acts", "elements": [overflow, select]})
    await click(control, ts, type="overflow", action_id="more", selected_option={"value": "edit"})
    await click(control, ts, type="static_select", action_id="chosen", selected_option=option("staging"))
    assert payloads[0]["actions"][0]["selected_option"] == option("edit")
    assert payloads[1]["state"]["values"]["acts"]["chosen"]["selected_option"]["value"] == "staging"
    assert "more" not in payloads[1]["state"]["values"]["acts"]
    answer = await click(control, ts, type="static_select", action_id="chosen", selected_option=option("elsewhere"))
    assert "not offered" in answer["error"]


async def test_an_action_in_a_modal_carries_what_is_typed(
    payloads: list[Json], client: AsyncWebClient, control: Control, bot: Bot
) -> None:
    trigger_id = bot.sandbox.slack.triggers.issue("U0ALICE")
    view = (await client.views_open(trigger_id=trigger_id, view=modal(text_input("name"), button("more"))))["view"]
    action = {"type": "button", "action_id": "more", "block_id": "acts"}
    typed = {"name": {"typed": "prod"}}
    assert await control.post("view-action", user="U0ALICE", action=action, values=typed) == {"ok": True}
    body = payloads[0]
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert (body["view"]["hash"], body["view"]["state"]["values"]["name"]["typed"]["value"]) == (view["hash"], "prod")
    assert "response_url" not in body
    pushed = await client.views_push(trigger_id=body["trigger_id"], view=modal())
    assert pushed["view"]["previous_view_id"] == view["id"]


async def test_an_input_sends_its_choice_only_with_dispatch_action(
    payloads: list[Json], client: AsyncWebClient, control: Control, bot: Bot
) -> None:
    blocks = [text_input("quiet"), text_input("loud", dispatch=True)]
    await client.views_open(trigger_id=bot.sandbox.slack.triggers.issue("U0ALICE"), view=modal(*blocks))
    action = {"type": "plain_text_input", "action_id": "typed", "value": "x"}
    quiet = await control.post("view-action", user="U0ALICE", action=action | {"block_id": "quiet"})
    assert (quiet, payloads) == ({"ok": True, "delivered": False}, [])
    assert await control.post("view-action", user="U0ALICE", action=action | {"block_id": "loud"}) == {"ok": True}
    assert payloads[0]["actions"][0]["value"] == "x"
    values = (await control.modals())[0]["state"]["values"]
    assert (values["quiet"]["typed"]["value"], values["loud"]["typed"]["value"]) == ("x", "x")


async def test_a_confirm_dialog_in_a_modal_leaves_no_trace_until_it_is_answered(
    payloads: list[Json], client: AsyncWebClient, control: Control, bot: Bot
) -> None:
    view = modal(text_input("name"), button(confirm=CONFIRM))
    await client.views_open(trigger_id=bot.sandbox.slack.triggers.issue("U0ALICE"), view=view)
    wanted = {"user": "U0ALICE", "action": {"action_id": "approve"}, "values": {"name": {"typed": "prod"}}}
    assert await control.post("view-action", **wanted) == {"ok": False, "confirm": CONFIRM}
    assert (await control.modals())[0]["state"]["values"]["name"]["typed"]["value"] is None
    assert await control.post("view-action", **wanted, confirm=True) == {"ok": True}
    assert len(payloads) == 1


async def test_a_click_without_a_connected_bot_fails(client: AsyncWebClient, control: Control) -> None:
    assert await click(control, await card(client)) == {"ok": False, "error": "dispatch_failed"}


@pytest.mark.parametrize("way", ["sockets", "http"])
async def test_an_ack_after_three_seconds_is_an_error_for_the_one_who_clicked(
    bot: Bot, control: Control, way: str, stopped_time: None
) -> None:
    called, release = asyncio.Event(), asyncio.Event()

    async def dawdle(ack: AsyncAck) -> None:
        called.set()
        await release.wait()
        await ack()

    bot.app.action("approve")(dawdle)
    await (bot.over_sockets() if way == "sockets" else bot.over_http())
    clicking = asyncio.create_task(click(control, await card(bot.app.client)))
    await called.wait()
    await control.post("clock", advance=2.9)
    await asyncio.sleep(0.05)
    assert not clicking.done()
    await control.post("clock", advance=0.2)
    async with asyncio.timeout(10):
        assert await clicking == {"ok": False, "error": "operation_timeout"}
    release.set()


async def test_an_external_select_asks_the_bot(client: AsyncWebClient, control: Control, bot: Bot) -> None:
    async def offer(ack: AsyncAck, payload: Json) -> None:
        await ack(options=[option(payload["value"] + "-1")])

    bot.app.options("found")(offer)
    await bot.over_sockets()
    select = {"type": "external_select", "action_id": "found"}
    ts = await card(client, {"type": "actions", "block_id": "acts", "elements": [select, button()["elements"][0]]})
    asked = {"channel": "C0OPS", "messageTs": ts, "user": "U0BOB", "value": "prod"}
    answer = await control.post("suggest", **asked, action={"action_id": "found", "block_id": "acts"})
    assert answer == {"ok": True, "options": [option("prod-1")]}
    assert (await control.refused("suggest", **asked, action={"action_id": "approve"}))[0] == 409
    found = {"type": "input", "block_id": "where", "label": plain("Where"), "element": select}
    await client.views_open(trigger_id=bot.sandbox.slack.triggers.issue("U0ALICE"), view=modal(found))
    in_modal = {"user": "U0ALICE", "value": "x", "action": {"action_id": "found"}}
    assert await control.post("suggest", **in_modal) == {"ok": True, "options": [option("x-1")]}
    assert (await control.refused("suggest", **in_modal, home=True))[0] == 409
