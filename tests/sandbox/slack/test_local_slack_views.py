import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Control, Json, button, error, modal, plain, refusal, select_input, text_input


@pytest.fixture
def trigger(sandbox: LocalWorkspace) -> str:
    return sandbox.slack.triggers.issue("U0ALICE")


async def test_a_trigger_opens_a_modal_for_its_person(client: AsyncWebClient, control: Control, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(private_metadata="r1")))["view"]
    assert (view["callback_id"], view["private_metadata"], view["team_id"]) == ("m", "r1", "T0DEMO")
    assert (view["root_view_id"], view["previous_view_id"]) == (view["id"], None)
    assert (view["app_id"], view["bot_id"]) == ("A0WAREHOUSE", "B0WAREHOUSE")
    assert [shown["id"] for shown in await control.modals()] == [view["id"]]
    assert await control.modals("U0BOB") == []


async def test_a_trigger_works_once(client: AsyncWebClient, trigger: str) -> None:
    await client.views_open(trigger_id=trigger, view=modal())
    assert await error(client, "views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


async def test_a_trigger_pushes_once_and_opens_nothing_after_that(
    client: AsyncWebClient, sandbox: LocalWorkspace
) -> None:
    opened = (await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0ALICE"), view=modal()))["view"]
    trigger = sandbox.slack.triggers.issue("U0ALICE", opened["id"])
    await client.views_push(trigger_id=trigger, view=modal())
    for method in ("views.push", "views.open"):
        assert await error(client, method, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


async def test_a_trigger_expires_after_three_seconds(
    client: AsyncWebClient, control: Control, sandbox: LocalWorkspace
) -> None:
    in_time, late = (sandbox.slack.triggers.issue("U0ALICE") for _ in range(2))
    await control.post("clock", advance=2)
    await client.views_open(trigger_id=in_time, view=modal())
    await control.post("clock", advance=1.1)
    assert await error(client, "views.open", trigger_id=late, view=modal()) == "expired_trigger_id"


async def test_an_unknown_trigger_is_refused(client: AsyncWebClient) -> None:
    assert await error(client, "views.open", trigger_id="1.2.abc", view=modal()) == "invalid_trigger_id"
    assert await error(client, "views.open", view=modal()) == "invalid_arguments"


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("x" * 25)),
        modal(private_metadata="x" * 3001),
        modal(callback_id="x" * 256),
        modal({"type": "nonsense"}),
        modal(*[{"type": "divider"}] * 101),
        {"type": "modal", "blocks": []},
        {"type": "home", "blocks": []},
        {"type": "modal", "title": plain("No submit"), "blocks": [text_input()]},
    ],
)
async def test_a_view_that_slack_refuses_opens_nothing_and_leaves_the_trigger(
    client: AsyncWebClient, control: Control, trigger: str, view: Json
) -> None:
    answer = await refusal(client, "views.open", trigger_id=trigger, view=view)
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"]
    assert await control.modals() == []
    await client.views_open(trigger_id=trigger, view=modal())


async def test_an_update_keeps_the_id_and_changes_the_hash(
    client: AsyncWebClient, control: Control, trigger: str
) -> None:
    opened = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    updated = (await client.views_update(view_id=opened["id"], view=modal(callback_id="n")))["view"]
    assert (updated["id"], updated["callback_id"]) == (opened["id"], "n")
    assert updated["hash"] != opened["hash"]
    assert (await control.modals())[0]["hash"] == updated["hash"]


async def test_a_stale_hash_conflicts(client: AsyncWebClient, control: Control, trigger: str) -> None:
    opened = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    fresh = (await client.views_update(view_id=opened["id"], view=modal(), hash=opened["hash"]))["view"]
    stale = {"view_id": opened["id"], "hash": opened["hash"], "view": modal(callback_id="late")}
    assert await error(client, "views.update", **stale) == "hash_conflict"
    assert (await control.modals())[0]["hash"] == fresh["hash"]


async def test_a_view_is_found_by_the_bots_own_id_too(
    client: AsyncWebClient, sandbox: LocalWorkspace, trigger: str
) -> None:
    await client.views_open(trigger_id=trigger, view=modal(external_id="mine"))
    updated = await client.views_update(external_id="mine", view=modal(external_id="mine", callback_id="n"))
    assert updated["view"]["callback_id"] == "n"
    other = sandbox.slack.triggers.issue("U0BOB")
    code = await error(client, "views.open", trigger_id=other, view=modal(external_id="mine"))
    assert code == "duplicate_external_id"


async def test_a_view_that_is_not_open_cannot_be_updated(
    client: AsyncWebClient, control: Control, trigger: str
) -> None:
    opened = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    await control.post("close", user="U0ALICE")
    assert await error(client, "views.update", view_id=opened["id"], view=modal()) == "not_found"
    assert await error(client, "views.update", view=modal()) == "invalid_arguments"


async def test_initial_values_stand_in_the_state(client: AsyncWebClient, trigger: str) -> None:
    blocks = [
        text_input("name", initial_value="prod"),
        text_input("note"),
        select_input("kind", "snowflake", initial_option={"text": plain("Snowflake"), "value": "snowflake"}),
    ]
    values = (await client.views_open(trigger_id=trigger, view=modal(*blocks)))["view"]["state"]["values"]
    assert values["name"]["typed"] == {"type": "plain_text_input", "value": "prod"}
    assert values["note"]["typed"]["value"] is None
    assert values["kind"]["chosen"]["selected_option"]["value"] == "snowflake"


async def test_typed_text_is_kept_where_the_ids_stay(client: AsyncWebClient, control: Control, trigger: str) -> None:
    blocks = [text_input("name"), text_input("note"), select_input("kind"), button("more")]
    opened = (await client.views_open(trigger_id=trigger, view=modal(*blocks)))["view"]
    typed = {"name": {"typed": "prod"}, "note": {"typed": "why"}, "kind": {"chosen": "redshift"}}
    await control.post("view-action", user="U0ALICE", action={"action_id": "more"}, values=typed)
    again = modal(
        text_input("name", initial_value="new"), text_input("note2"), select_input("kind", "snowflake", "postgres")
    )
    values = (await client.views_update(view_id=opened["id"], view=again))["view"]["state"]["values"]
    assert values["name"]["typed"]["value"] == "prod"
    assert values["note2"]["typed"]["value"] is None
    assert values["kind"]["chosen"]["selected_option"] is None  # what was chosen isn't offered any more
    assert "note" not in values


async def test_what_was_typed_is_not_kept_for_an_input_of_another_kind(
    client: AsyncWebClient, control: Control, trigger: str
) -> None:
    opened = (await client.views_open(trigger_id=trigger, view=modal(text_input("name"), button("more"))))["view"]
    await control.post(
        "view-action", user="U0ALICE", action={"action_id": "more"}, values={"name": {"typed": "snowflake"}}
    )
    again = modal(select_input("name", "snowflake", action_id="typed"))
    values = (await client.views_update(view_id=opened["id"], view=again))["view"]["state"]["values"]
    assert values["name"]["typed"] == {"type": "static_select", "selected_option": None}


async def test_a_person_has_at_most_three_views(
    client: AsyncWebClient, control: Control, sandbox: LocalWorkspace
) -> None:
    first = (await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0ALICE"), view=modal()))["view"]
    below = first
    for _ in range(2):
        trigger_id = sandbox.slack.triggers.issue("U0ALICE", below["id"])
        pushed = (await client.views_push(trigger_id=trigger_id, view=modal()))["view"]
        assert (pushed["root_view_id"], pushed["previous_view_id"]) == (first["id"], below["id"])
        below = pushed
    trigger_id = sandbox.slack.triggers.issue("U0ALICE", below["id"])
    assert await error(client, "views.push", trigger_id=trigger_id, view=modal()) == "push_limit_reached"
    assert len(await control.modals()) == 3


async def test_a_push_needs_a_trigger_of_the_modal(
    client: AsyncWebClient, sandbox: LocalWorkspace, trigger: str
) -> None:
    await client.views_open(trigger_id=trigger, view=modal())
    elsewhere = sandbox.slack.triggers.issue("U0ALICE")
    assert await error(client, "views.push", trigger_id=elsewhere, view=modal()) == "not_found"


async def test_opening_again_starts_another_stack(
    client: AsyncWebClient, control: Control, sandbox: LocalWorkspace
) -> None:
    for name in ("one", "two"):
        await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0ALICE"), view=modal(callback_id=name))
    assert [view["callback_id"] for view in await control.modals()] == ["two"]
