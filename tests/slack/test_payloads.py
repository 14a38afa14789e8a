"""Which fields of Slack's payloads are required, and which are optional."""

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
    """Return the submission of a reason in the dialog that denies a request."""
    dialog = json.loads(
        json.dumps(
            render_deny_dialog(request(), DialogContext(act="deny", channel="C1", hook="https://h", request_id="W"))
        )
    )
    answer = {"type": "plain_text_input", "value": "no"}
    blocks = [{"block_id": "text", **block} for block in dialog["blocks"]]
    view = {**dialog, "id": "V1", "blocks": blocks, "state": {"values": {"reason": {"value": answer}}}, **changes}
    return {"type": "view_submission", "user": {"id": "U1"}, "trigger_id": "1.2.3", "view": view}


def test_a_command_needs_no_text_and_no_response_url() -> None:
    assert parse_payload(COMMAND) == SlashCommand.model_validate(COMMAND)
    assert SlashCommand.model_validate(COMMAND).interaction == Interaction("U1", None, "C1", "1.2.3")


def test_a_click_names_the_person_and_the_message() -> None:
    known = parse_payload(PRESS)
    assert isinstance(known, BlockAction)
    assert (known.action_id, known.value, known.message) == ("again", "W-1", Card(channel="C1", ts="1.0"))
    assert known.interaction == Interaction("U1", "T1", "C1", "1.2.3")


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_input_is_accepted(value: str | None) -> None:
    empty = {"reason": {"value": {"type": "plain_text_input", "value": value}}}
    known = parse_payload(submission(state={"values": empty}))
    assert isinstance(known, ViewSubmission)
    assert known.interaction == Interaction("U1", None, "C1", "1.2.3", "https://h", "V1")


@pytest.mark.parametrize("values", [{}, {"reason": {}}, {"reason": {"value": {"type": "plain_text_input"}}}])
def test_an_input_without_an_answer_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(PayloadIncomplete) as caught:
        parse_payload(submission(state={"values": values}))
    assert caught.value.field == "view.state.values.reason.value"
    assert "Nothing was done." in caught.value.user_message


@pytest.mark.parametrize("metadata", ["", "{}", "[]", "no JSON", '{"act": "deny"}'])
def test_a_dialog_without_its_metadata_is_refused(metadata: str) -> None:
    with pytest.raises(PayloadIncomplete, match=r"view\.private_metadata"):
        parse_payload(submission(private_metadata=metadata))


def test_the_hash_of_a_view_is_optional() -> None:
    assert "hash" not in submission()["view"]
    assert isinstance(parse_payload(submission()), ViewSubmission)


@pytest.mark.parametrize("kind", ["view_closed", "shortcut", "message_action", "block_suggestion"])
def test_unused_types_and_events_are_ignored(kind: str) -> None:
    assert parse_payload({"type": kind}) is None
    assert parse_payload({"type": "event_callback", "event": {"type": "message", "text": "hello"}}) is None


@pytest.mark.parametrize("payload", [{"type": "novel"}, {}, {"type": 7}])
def test_an_unknown_type_is_unreadable(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePayload):
        parse_payload(payload)


def test_text_that_utf_8_can_not_encode_is_replaced_in_keys_and_values() -> None:
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
def test_the_sender_of_an_incomplete_payload_is_found(payload: dict[str, Any], sender: Interaction | None) -> None:
    assert find_sender(payload) == sender


async def test_a_click_on_a_removed_button_is_acknowledged_and_answered() -> None:
    identity = AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U0BOT", bot_token="xoxb-none")
    client, errors, background_tasks = AsyncWebClient(token="xoxb-none"), list[str](), BackgroundTasks()

    class RecordingMessenger(Messenger):
        async def send_error(self, interaction: Interaction, error: Exception) -> None:
            errors.append(f"{interaction.user_id}: {getattr(error, 'user_message', '')}")

    dispatcher = PayloadDispatcher(
        create_bolt_app(client, identity, None), RecordingMessenger(client, Scrubber()), background_tasks
    )
    assert (await dispatcher.receive(json.dumps(PRESS))).status == 200
    await background_tasks.drain(10)
    assert errors == [
        "U1: The bot does not have this any more. Nothing was done. `/warehouse help` lists what there is."
    ]
