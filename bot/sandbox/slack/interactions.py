"""People's interactions: commands, clicks, choices, the Home tab. Each waits for the bot's ack."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.block_actions import apply_action, find_external_select, get_confirm_dialog
from bot.sandbox.slack.delivery import Ack, Redelivery
from bot.sandbox.slack.errors import ControlError, SlackError
from bot.sandbox.slack.escaping import escape_command_text
from bot.sandbox.slack.fixtures import TEAM_ID, Channel, Person
from bot.sandbox.slack.inputs import apply_inputs
from bot.sandbox.slack.messages import post_slackbot_notice
from bot.sandbox.slack.response_urls import apply_response
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

JsonObject = dict[str, Any]
INTERACTIVE_ENVELOPE = "interactive"


async def send_command(
    slack: LocalSlack,
    person: Person,
    channel: Channel,
    name: str,
    text: str,
    *,
    redelivery: Redelivery = Redelivery.NONE,
) -> JsonObject:
    """Send a command. Without an ack in time, Slackbot notifies the person."""
    if person.team_id != TEAM_ID:
        raise ControlError(f"{name} is no command in {person.name}'s workspace: it isn't installed there", 403)
    payload = payloads.slash_command(slack, person, channel, name, escape_command_text(text, slack.workspace))
    ack = await deliver_payload(slack, "slash_commands", "slash_commands", payload, redelivery=redelivery)
    error = ack.error or _post_ack_message(slack, person, channel, ack)
    if error:
        post_slackbot_notice(slack, channel, person.id, f'{name} failed with the error "{error}"')
        return {"ok": False, "error": error}
    return {"ok": True}


async def act_on_message(
    slack: LocalSlack,
    person: Person,
    channel: Channel,
    message: Message,
    action: Mapping[str, Any],
    *,
    is_confirmed: bool = False,
    redelivery: Redelivery = Redelivery.NONE,
) -> JsonObject:
    """Act on an element of a message."""
    element, sent, values = apply_action(message.blocks, message.values, action, slack.workspace.new_ts())
    if (confirm := get_confirm_dialog(element)) and not is_confirmed:
        return {"ok": False, "confirm": confirm}
    message.values = values
    payload = payloads.message_block_actions(slack, person, channel, message, sent)
    return ack_to_result(
        await deliver_payload(slack, INTERACTIVE_ENVELOPE, "block_actions", payload, redelivery=redelivery)
    )


async def act_in_view(
    slack: LocalSlack,
    person: Person,
    view: View,
    action: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    is_confirmed: bool = False,
    redelivery: Redelivery = Redelivery.NONE,
) -> JsonObject:
    """Act on an element of a modal or the Home tab, after `inputs` are applied."""
    current_values = apply_inputs(view.values, view.blocks, inputs)
    element, sent, values = apply_action(view.blocks, current_values, action, slack.workspace.new_ts())
    if (confirm := get_confirm_dialog(element)) and not is_confirmed:
        return {"ok": False, "confirm": confirm}
    view.values = values
    slack.changes.notify()
    if not is_dispatched(view, sent):
        return {"ok": True, "delivered": False}
    payload = payloads.view_block_actions(slack, person, view, sent)
    return ack_to_result(
        await deliver_payload(slack, INTERACTIVE_ENVELOPE, "block_actions", payload, redelivery=redelivery)
    )


async def open_home(slack: LocalSlack, person: Person) -> JsonObject:
    """Open a person's Home tab."""
    return ack_to_result(
        await deliver_payload(slack, "events_api", "app_home_opened", payloads.app_home_opened(slack, person))
    )


async def load_options_in_view(
    slack: LocalSlack, person: Person, view: View, action: Mapping[str, Any], value: str
) -> JsonObject:
    """Search in an external select of a modal or the Home tab, and return the options that the bot offers."""
    element_ids = find_external_select(view.blocks, action)
    payload = payloads.view_block_suggestion(person, view, {**element_ids, "value": value})
    return _get_options(await deliver_payload(slack, INTERACTIVE_ENVELOPE, "block_suggestion", payload))


async def load_options_on_message(
    slack: LocalSlack, person: Person, channel: Channel, message: Message, action: Mapping[str, Any], value: str
) -> JsonObject:
    """Search in an external select of a message, and return the options that the bot offers."""
    element_ids = find_external_select(message.blocks, action)
    payload = payloads.message_block_suggestion(person, channel, message, {**element_ids, "value": value})
    return _get_options(await deliver_payload(slack, INTERACTIVE_ENVELOPE, "block_suggestion", payload))


async def deliver_payload(
    slack: LocalSlack, kind: str, name: str, payload: Mapping[str, Any], *, redelivery: Redelivery = Redelivery.NONE
) -> Ack:
    """Deliver a payload, twice if `redelivery` says so, and return the first ack that came in time."""
    send = partial(slack.delivery.send, kind, name, payload)
    if redelivery is Redelivery.CONCURRENT:
        return await _send_twice(send)
    ack = await send()
    if redelivery is Redelivery.AFTER_ACK:
        await send(attempt=1)
    return ack


def ack_to_result(ack: Ack) -> JsonObject:
    """Return the result of a delivery for the person."""
    return {"ok": True} if ack.is_ok else {"ok": False, "error": ack.error}


async def _send_twice(send: Callable[[], Awaitable[Ack]]) -> Ack:
    acks: list[Ack] = []

    async def send_once() -> None:
        acks.append(await send())

    async with asyncio.TaskGroup() as group:
        group.create_task(send_once())
        group.create_task(send_once())
    return next((ack for ack in acks if ack.is_ok), acks[0])


def _get_options(ack: Ack) -> JsonObject:
    options = {name: value for name, value in (ack.body or {}).items() if name in {"options", "option_groups"}}
    return ack_to_result(ack) | options


def is_dispatched(view: View, action: Mapping[str, Any]) -> bool:
    """Return whether the bot receives an action at once; input blocks require `dispatch_action`."""
    block = next((block for block in view.blocks if block["block_id"] == action["block_id"]), {})
    return block.get("type") != "input" or bool(block.get("dispatch_action"))


def _post_ack_message(slack: LocalSlack, person: Person, channel: Channel, ack: Ack) -> str | None:
    """Post the message in the ack; return the error code if Slack refuses it."""
    if not ack.body:
        return None
    response_url = ResponseUrl(channel.id, person.id, None, expires_at=0)
    try:
        apply_response(slack, response_url, Arguments(ack.body))
    except SlackError as error:
        return error.code
    return None
