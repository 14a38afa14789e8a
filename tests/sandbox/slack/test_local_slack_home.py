import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.conftest import Bot, Control, Json, button, error, modal, section, text_input


def tab(*blocks: Json, **more: object) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section(), button()], **more}


@pytest.fixture
async def payloads(bot: Bot) -> list[Json]:
    got: list[Json] = []

    async def opened(body: Json, client: AsyncWebClient) -> None:
        got.append(body)
        await client.views_publish(user_id=body["event"]["user"], view=tab(callback_id="home"))

    async def clicked(ack: AsyncAck, body: Json) -> None:
        got.append(body)
        await ack()

    bot.app.event("app_home_opened")(opened)
    bot.app.action("approve")(clicked)
    await bot.over_sockets()
    return got


async def test_opening_the_home_tab_tells_the_bot(payloads: list[Json], control: Control) -> None:
    assert await control.get("home/U0ALICE") == {"ok": True, "view": None}
    answer = await control.post("open-home", user="U0ALICE")
    assert (answer["ok"], answer["view"]["callback_id"]) == (True, "home")
    event = payloads[0]["event"]
    assert (event["user"], event["channel"], event["tab"]) == ("U0ALICE", "D0ALICE", "home")
    assert "view" not in event
    await control.post("open-home", user="U0ALICE")
    assert payloads[1]["event"]["view"]["callback_id"] == "home"


async def test_a_home_tab_is_its_persons_alone(client: AsyncWebClient, control: Control) -> None:
    view = (await client.views_publish(user_id="U0ALICE", view=tab(private_metadata="a")))["view"]
    assert (view["type"], view["private_metadata"], view["previous_view_id"]) == ("home", "a", None)
    assert (await control.get("home/alice"))["view"]["id"] == view["id"]
    assert (await control.get("home/bob"))["view"] is None
    assert await control.modals() == []


async def test_publishing_again_keeps_the_id_and_heeds_the_hash(client: AsyncWebClient, control: Control) -> None:
    first = (await client.views_publish(user_id="U0ALICE", view=tab()))["view"]
    second = (await client.views_publish(user_id="U0ALICE", view=tab(), hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    stale = {"user_id": "U0ALICE", "view": tab(), "hash": first["hash"]}
    assert await error(client, "views.publish", **stale) == "hash_conflict"


async def test_what_slack_refuses_of_a_home_tab(client: AsyncWebClient) -> None:
    publish = "views.publish"
    assert await error(client, publish, user_id="U0NOBODY", view=tab()) == "user_not_found"
    assert await error(client, publish, user_id="U0ALICE", view=modal()) == "invalid_arguments"
    assert await error(client, publish, user_id="U0ALICE", view=tab({"type": "nonsense"})) == "invalid_arguments"
    assert await error(client, publish, user_id="U0ALICE") == "invalid_arguments"


async def test_a_click_on_the_home_tab(payloads: list[Json], client: AsyncWebClient, control: Control) -> None:
    await client.views_publish(user_id="U0ALICE", view=tab(text_input(), button()))
    action = {"action_id": "approve", "block_id": "acts", "value": "r1"}
    typed = {"name": {"typed": "prod"}}
    assert await control.post("home-action", user="U0ALICE", action=action, values=typed) == {"ok": True}
    body = payloads[0]
    assert (body["container"]["type"], body["view"]["type"]) == ("view", "home")
    assert body["view"]["state"]["values"]["name"]["typed"]["value"] == "prod"
    await client.views_open(trigger_id=body["trigger_id"], view=modal())
    assert len(await control.modals()) == 1


async def test_an_unpublished_home_tab_cannot_be_clicked(control: Control) -> None:
    status, words = await control.refused("home-action", user="U0ALICE", action={"action_id": "approve"})
    assert (status, words) == (409, "nothing was published to alice's Home tab")
