import asyncio

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck

from tests.sandbox.slack.conftest import Bot, Control, Json, modal, plain, select_input, text_input, until

Acks = list[Json]


class Modal:
    """A bot that acks each submission with the next of `acks`, and notes what came."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.acks: Acks = []
        self.got: list[Json] = []

    async def take(self, ack: AsyncAck, body: Json) -> None:
        self.got.append(body)
        await ack(**(self.acks.pop(0) if self.acks else {}))

    async def open(self, view: Json | None = None) -> Json:
        """Open a modal for Alice."""
        trigger_id = self.bot.sandbox.slack.triggers.issue("U0ALICE")
        answer = await self.bot.app.client.views_open(trigger_id=trigger_id, view=view or modal())
        opened: Json = answer["view"]
        return opened


@pytest.fixture(params=["sockets", "http"])
async def app(request: pytest.FixtureRequest, bot: Bot) -> Modal:
    app = Modal(bot)
    bot.app.view("m")(app.take)
    bot.app.view_closed("m")(app.take)
    await (bot.over_sockets() if request.param == "sockets" else bot.over_http())
    return app


async def submit(control: Control, value: str | None = "prod", **more: object) -> Json:
    return await control.post("submit", user="U0ALICE", values={"name": {"typed": value}}, **more)


async def test_a_submission_carries_the_state_and_closes_the_modal(app: Modal, control: Control) -> None:
    opened = await app.open(modal(text_input(), select_input(), private_metadata="r1"))
    values = {"name": {"typed": "prod"}, "kind": {"chosen": "redshift"}}
    assert await control.post("submit", user="U0ALICE", values=values) == {"ok": True}
    body = app.got[0]
    assert (body["type"], body["user"]["id"], body["response_urls"]) == ("view_submission", "U0ALICE", [])
    view = body["view"]
    assert (view["id"], view["hash"], view["private_metadata"]) == (opened["id"], opened["hash"], "r1")
    assert view["state"]["values"]["name"]["typed"] == {"type": "plain_text_input", "value": "prod"}
    assert view["state"]["values"]["kind"]["chosen"]["selected_option"]["text"]["text"] == "Redshift"
    assert await control.modals() == []


async def test_values_may_be_given_as_slack_writes_them(app: Modal, control: Control) -> None:
    await app.open()
    state = {"type": "plain_text_input", "value": "prod"}
    await control.post("submit", user="U0ALICE", values={"name": {"typed": state}})
    assert app.got[0]["view"]["state"]["values"]["name"]["typed"] == state


async def test_required_inputs_are_required_before_the_bot_hears_of_it(app: Modal, control: Control) -> None:
    await app.open(modal(text_input(), text_input("note", optional=True), select_input()))
    answer = await control.post("submit", user="U0ALICE", values={"name": {"typed": ""}})
    assert answer["ok"] is False
    assert set(answer["errors"]) == {"name", "kind"}
    assert app.got == []
    assert len(await control.modals()) == 1


async def test_errors_stay_in_the_modal_with_what_was_typed(app: Modal, control: Control) -> None:
    await app.open()
    app.acks = [{"response_action": "errors", "errors": {"name": "taken"}}]
    assert await submit(control) == {"ok": False, "response_action": "errors", "errors": {"name": "taken"}}
    assert (await control.modals())[0]["state"]["values"]["name"]["typed"]["value"] == "prod"


async def test_errors_for_a_block_that_is_no_input_are_refused(app: Modal, control: Control) -> None:
    await app.open()
    app.acks = [{"response_action": "errors", "errors": {"elsewhere": "taken"}}]
    answer = await submit(control)
    assert (answer["ok"], answer["error"]) == (False, "invalid_arguments")
    assert "elsewhere" in answer["messages"][0]


async def test_an_update_keeps_the_id_and_the_typed_text(app: Modal, control: Control) -> None:
    opened = await app.open()
    app.acks = [{"response_action": "update", "view": modal(text_input(), title=plain("Again"))}]
    assert await submit(control) == {"ok": True, "response_action": "update"}
    (view,) = await control.modals()
    assert (view["id"], view["title"]["text"]) == (opened["id"], "Again")
    assert view["state"]["values"]["name"]["typed"]["value"] == "prod"


async def test_pushed_views_are_left_one_by_one_or_all_at_once(app: Modal, control: Control) -> None:
    first = await app.open()
    push = {"response_action": "push", "view": modal()}
    app.acks = [push, push, {}, {"response_action": "clear"}]
    assert await submit(control) == {"ok": True, "response_action": "push"}
    await submit(control)
    stack = await control.modals()
    assert [view["previous_view_id"] for view in stack] == [None, first["id"], stack[1]["id"]]
    assert await submit(control) == {"ok": True}
    assert len(await control.modals()) == 2
    assert await submit(control) == {"ok": True, "response_action": "clear"}
    assert await control.modals() == []


async def test_a_fourth_view_is_refused(app: Modal, control: Control) -> None:
    await app.open()
    app.acks = [{"response_action": "push", "view": modal()}] * 3
    answers = [await submit(control) for _ in range(3)]
    assert answers[-1] == {"ok": False, "error": "push_limit_reached", "messages": []}
    assert len(await control.modals()) == 3


async def test_a_view_that_slack_refuses_leaves_the_modal(app: Modal, control: Control) -> None:
    await app.open()
    app.acks = [{"response_action": "update", "view": modal(title=plain("x" * 25))}]
    assert (await submit(control))["error"] == "invalid_arguments"
    assert (await control.modals())[0]["title"]["text"] == "A modal"


async def test_closing_is_sent_only_with_notify_on_close(app: Modal, control: Control) -> None:
    await app.open()
    assert await control.post("close", user="U0ALICE") == {"ok": True}
    assert app.got == []
    await app.open(modal(notify_on_close=True))
    assert await control.post("close", user="U0ALICE") == {"ok": True}
    assert (app.got[0]["type"], app.got[0]["is_cleared"]) == ("view_closed", False)
    assert await control.modals() == []


async def test_closing_shows_the_view_below(app: Modal, control: Control) -> None:
    first = await app.open(modal(notify_on_close=True))
    app.acks = [{"response_action": "push", "view": modal(notify_on_close=True)}]
    await submit(control)
    await control.post("close", user="U0ALICE")
    assert [view["id"] for view in await control.modals()] == [first["id"]]
    app.acks = [{"response_action": "push", "view": modal(notify_on_close=True)}]
    await submit(control)
    await control.post("close", user="U0ALICE", all=True)
    assert await control.modals() == []
    assert [body["is_cleared"] for body in app.got if body["type"] == "view_closed"] == [False, True, True]


@pytest.mark.parametrize("how", [True, "after", "beside"])
async def test_a_submission_can_be_delivered_twice(app: Modal, control: Control, how: object) -> None:
    await app.open()
    assert await submit(control, redeliver=how) == {"ok": True}
    assert [body["view"]["id"] for body in app.got] == [app.got[0]["view"]["id"]] * 2


async def test_without_a_modal_there_is_nothing_to_submit(control: Control) -> None:
    for act in ("submit", "close"):
        assert await control.refused(act, user="U0ALICE") == (409, "alice has no modal open")


async def test_a_view_without_submit_cannot_be_submitted(app: Modal, control: Control) -> None:
    view = modal({"type": "divider"})
    del view["submit"]
    await app.open(view)
    assert await control.refused("submit", user="U0ALICE") == (409, "this modal has no submit button")


async def test_what_is_not_there_cannot_be_typed_into(app: Modal, control: Control) -> None:
    await app.open(modal(text_input(), select_input()))
    assert (await control.refused("submit", user="U0ALICE", values={"gone": {"typed": "x"}}))[0] == 409
    assert (await control.refused("submit", user="U0ALICE", values={"kind": {"chosen": "oracle"}}))[0] == 409
    assert (await control.refused("submit", user="U0ALICE", values={"name": "x"}))[0] == 400


async def test_a_late_ack_leaves_the_modal_open(bot: Bot, control: Control, stopped_time: None) -> None:
    app, release, called = Modal(bot), asyncio.Event(), []

    async def dawdle(ack: AsyncAck) -> None:
        called.append(1)
        await release.wait()
        await ack()

    bot.app.view("m")(dawdle)
    await bot.over_sockets()
    await app.open()
    submitting = asyncio.create_task(submit(control))
    await until(lambda: bool(called))
    await control.post("clock", advance=3.1)
    async with asyncio.timeout(10):
        assert await submitting == {"ok": False, "error": "operation_timeout"}
    release.set()
    await asyncio.sleep(0.05)
    assert len(await control.modals()) == 1
