"""What of Slack's payloads has to be there, and what may be left out."""

import json
from typing import Any

import pytest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import PayloadIncomplete
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.request import Card
from bot.render.dialogs import DialogContext, render_deny_dialog
from bot.slack.app import create_bolt_app
from bot.slack.background import BackgroundTasks
from bot.slack.dispatcher import PayloadDispatcher
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import (
    BlockAction,
    SlashCommand,
    UnreadablePayload,
    ViewSubmission,
    decode_payload,
    find_sender,
    parse_payload,
)
from tests.support.samples import request

COMMAND = {"command": "/warehouse", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2.3"}
PRESS: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T1"},
    "trigger_id": "1.2.3",
    "container": {"type": "message", "channel_id": "C1", "message_ts": "1.0", "is_ephemeral": False},
    "channel": {"id": "C1"},
    "actions": [{"type": "button", "action_id": "again", "value": "W-1"}],
}


def submission(**changes: Any) -> dict[str, Any]:
    """A reason, typed into the dialog in which a request is denied."""
    drawn = json.loads(
        json.dumps(
            render_deny_dialog(request(), DialogContext(act="deny", channel="C1", hook="https://h", request_id="W"))
        )
    )
    answer = {"type": "plain_text_input", "value": "no"}
    blocks = [{"block_id": "text", **block} for block in drawn["blocks"]]
    view = {**drawn, "id": "V1", "blocks": blocks, "state": {"values": {"reason": {"value": answer}}}, **changes}
    return {"type": "view_submission", "user": {"id": "U1"}, "trigger_id": "1.2.3", "view": view}


def test_a_command_needs_no_text_and_no_response_url() -> None:
    assert parse_payload(COMMAND) == SlashCommand.model_validate(COMMAND)
    assert SlashCommand.model_validate(COMMAND).interaction == Interaction("U1", None, "C1", "1.2.3")


def test_a_press_tells_who_and_on_which_message() -> None:
    known = parse_payload(PRESS)
    assert isinstance(known, BlockAction)
    assert (known.action_id, known.value, known.message) == ("again", "W-1", Card(channel="C1", ts="1.0"))
    assert known.interaction == Interaction("U1", "T1", "C1", "1.2.3")


@pytest.mark.parametrize("value", [None, ""])
def test_an_input_that_is_left_empty_is_there_all_the_same(value: str | None) -> None:
    empty = {"reason": {"value": {"type": "plain_text_input", "value": value}}}
    known = parse_payload(submission(state={"values": empty}))
    assert isinstance(known, ViewSubmission)
    assert known.interaction == Interaction("U1", None, "C1", "1.2.3", "https://h", "V1")


@pytest.mark.parametrize("values", [{}, {"reason": {}}, {"reason": {"value": {"type": "plain_text_input"}}}])
def test_an_input_without_an_answer_is_not_taken_for_an_empty_one(values: dict[str, Any]) -> None:
    with pytest.raises(PayloadIncomplete) as caught:
        parse_payload(submission(state={"values": values}))
    assert caught.value.field == "view.state.values.reason.value"
    assert "Nothing was done." in caught.value.user_message


@pytest.mark.parametrize("metadata", ["", "{}", "[]", "no JSON", '{"act": "deny"}'])
def test_a_dialog_that_does_not_remember_what_it_is_about_is_refused(metadata: str) -> None:
    with pytest.raises(PayloadIncomplete, match=r"view\.private_metadata"):
        parse_payload(submission(private_metadata=metadata))


def test_the_version_of_a_view_may_be_left_out() -> None:
    assert "hash" not in submission()["view"]
    assert isinstance(parse_payload(submission()), ViewSubmission)


@pytest.mark.parametrize("kind", ["view_closed", "shortcut", "message_action", "block_suggestion"])
def test_what_means_nothing_to_the_bot_is_ended_by_an_ack(kind: str) -> None:
    assert parse_payload({"type": kind}) is None
    assert parse_payload({"type": "event_callback", "event": {"type": "message", "text": "hello"}}) is None


@pytest.mark.parametrize("payload", [{"type": "novel"}, {}, {"type": 7}])
def test_what_slack_does_not_send_is_unreadable(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePayload):
        parse_payload(payload)


def test_text_that_no_utf_8_holds_is_replaced_in_keys_and_values() -> None:
    assert decode_payload(json.dumps({"a\ud83d": ["\0", "😀"]})) == {"a\ufffd": ["\ufffd", "😀"]}


@pytest.mark.parametrize(
    ("payload", "sender"),
    [
        ({"user": {"id": "U1"}}, Interaction("U1", None, "U1", "")),
        ({"response_url": "https://h"}, Interaction("", None, "", "", "https://h")),
        ({"event": {"channel": "D1"}}, Interaction("D1", None, "D1", "")),
        ({"user": 7, "channel": {"id": "C1"}}, None),
        ({"user": {"id": 7}, "user_id": None}, None),
    ],
)
def test_whoever_can_be_told_is_found(payload: dict[str, Any], sender: Interaction | None) -> None:
    assert find_sender(payload) == sender


async def test_a_button_that_the_bot_does_not_have_any_more_is_acknowledged_and_told() -> None:
    identity = AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U0BOT", bot_token="xoxb-none")
    client, told, work = AsyncWebClient(token="xoxb-none"), list[str](), BackgroundTasks()

    class Telling(Messenger):
        async def send_error(self, asked: Interaction, error: Exception) -> None:
            told.append(f"{asked.user_id}: {getattr(error, 'user_message', '')}")

    intake = PayloadDispatcher(create_bolt_app(client, identity, None), Telling(client, Scrubber()), work)
    assert (await intake.receive(json.dumps(PRESS))).status == 200
    await work.drain(10)
    assert told == ["U1: The bot does not have this any more. Nothing was done. `/warehouse help` lists what there is."]
