"""What people do: typing a command, clicking, choosing, opening their Home tab. Each waits for the bot's ack."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.block_actions import asking, chosen, confirmation
from bot.sandbox.slack.delivery import Ack, Again
from bot.sandbox.slack.errors import Impossible, SlackError
from bot.sandbox.slack.escaping import escaped
from bot.sandbox.slack.fixtures import TEAM, Channel, Person
from bot.sandbox.slack.inputs import typed_into
from bot.sandbox.slack.messages import tell
from bot.sandbox.slack.response_urls import respond
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

Answer = dict[str, Any]
INTERACTIVE = "interactive"


async def command(
    slack: LocalSlack, person: Person, channel: Channel, name: str, text: str, *, again: Again = Again.NOT
) -> Answer:
    """Type a command. Without an ack in time Slackbot says so to the person."""
    if person.team_id != TEAM:
        raise Impossible(f"{name} is no command in {person.name}'s workspace: it isn't installed there", 403)
    payload = payloads.slash_command(slack, person, channel, name, escaped(text, slack.workspace))
    ack = await deliver(slack, "slash_commands", "slash_commands", payload, again=again)
    error = ack.error or _said(slack, person, channel, ack)
    if error:
        tell(slack, channel, person.id, f'{name} failed with the error "{error}"')
        return {"ok": False, "error": error}
    return {"ok": True}


async def click(
    slack: LocalSlack,
    person: Person,
    channel: Channel,
    message: Message,
    action: Mapping[str, Any],
    *,
    confirmed: bool = False,
    again: Again = Again.NOT,
) -> Answer:
    """Click or choose on a message."""
    element, sent, values = chosen(message.blocks, message.values, action, slack.workspace.new_ts())
    if (confirm := confirmation(element)) and not confirmed:
        return {"ok": False, "confirm": confirm}
    message.values = values
    payload = payloads.message_action(slack, person, channel, message, sent)
    return answer(await deliver(slack, INTERACTIVE, "block_actions", payload, again=again))


async def act_in_view(
    slack: LocalSlack,
    person: Person,
    view: View,
    action: Mapping[str, Any],
    typed: Mapping[str, Any],
    *,
    confirmed: bool = False,
    again: Again = Again.NOT,
) -> Answer:
    """Click or choose in a modal or the Home tab, with what is `typed` there by now."""
    before = typed_into(view.values, view.blocks, typed)
    element, sent, values = chosen(view.blocks, before, action, slack.workspace.new_ts())
    if (confirm := confirmation(element)) and not confirmed:
        return {"ok": False, "confirm": confirm}
    view.values = values
    slack.changes.bump()
    if not sends(view, sent):
        return {"ok": True, "delivered": False}
    payload = payloads.view_action(slack, person, view, sent)
    return answer(await deliver(slack, INTERACTIVE, "block_actions", payload, again=again))


async def open_home(slack: LocalSlack, person: Person) -> Answer:
    """Open the Home tab."""
    return answer(await deliver(slack, "events_api", "app_home_opened", payloads.app_home_opened(slack, person)))


async def suggest_in_view(
    slack: LocalSlack, person: Person, view: View, action: Mapping[str, Any], value: str
) -> Answer:
    """Type into an external select of a modal or the Home tab; the answer holds the options that the bot offers."""
    asked = asking(view.blocks, action)
    payload = payloads.view_suggestion(person, view, {**asked, "value": value})
    return _offered(await deliver(slack, INTERACTIVE, "block_suggestion", payload))


async def suggest_on_message(
    slack: LocalSlack, person: Person, channel: Channel, message: Message, action: Mapping[str, Any], value: str
) -> Answer:
    """Type into an external select of a message; the answer holds the options that the bot offers."""
    asked = asking(message.blocks, action)
    payload = payloads.message_suggestion(person, channel, message, {**asked, "value": value})
    return _offered(await deliver(slack, INTERACTIVE, "block_suggestion", payload))


async def deliver(
    slack: LocalSlack, kind: str, name: str, payload: Mapping[str, Any], *, again: Again = Again.NOT
) -> Ack:
    """Hand a payload to the bot, and once more `again`, as Slack may; the first ack that came in time counts."""
    send = partial(slack.delivery.send, kind, name, payload)
    if again is Again.BESIDE:
        return await _both(send)
    ack = await send()
    if again is Again.AFTER:
        await send(attempt=1)
    return ack


def answer(ack: Ack) -> Answer:
    """What the one who acted sees of the ack."""
    return {"ok": True} if ack.ok else {"ok": False, "error": ack.error}


async def _both(send: Callable[[], Awaitable[Ack]]) -> Ack:
    acks: list[Ack] = []

    async def one() -> None:
        acks.append(await send())

    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(one())
    return next((ack for ack in acks if ack.ok), acks[0])


def _offered(ack: Ack) -> Answer:
    offered = {name: value for name, value in (ack.body or {}).items() if name in {"options", "option_groups"}}
    return answer(ack) | offered


def sends(view: View, action: Mapping[str, Any]) -> bool:
    """Whether an action is told to the bot at once: in an input block only with `dispatch_action`."""
    block = next((block for block in view.blocks if block["block_id"] == action["block_id"]), {})
    return block.get("type") != "input" or bool(block.get("dispatch_action"))


def _said(slack: LocalSlack, person: Person, channel: Channel, ack: Ack) -> str | None:
    """Post what the ack says; gives the error where it can't be posted."""
    if not ack.body:
        return None
    here = ResponseUrl(channel.id, person.id, None, expires=0)
    try:
        respond(slack, here, Arguments(ack.body))
    except SlackError as error:
        return error.code
    return None
