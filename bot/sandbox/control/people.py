"""Calls of the control API that act as a person: commands, messages, clicks, modals, the Home tab.

Each docstring names the fields of the body. `redeliver: true` sends the payload once more after its ack; "beside"
sends two copies at once.
"""

from typing import Any

from bot.sandbox.control.lookup import find_actor, find_visible_message, find_writable_channel, get_home_view
from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.slack import interactions, modals
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import BOT_USER_ID, SLASH_COMMAND, Channel, Person
from bot.sandbox.slack.messages import find_thread_root_ts, message_to_control_json, post_slackbot_notice
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def send_command(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Send a slash command: `{channel, user, command, text, redeliver?}`."""
    slack = workspace.slack
    person = find_actor(slack, request)
    channel = find_writable_channel(slack, request, person)
    name, text = request.get_text("command", SLASH_COMMAND), request.get_text("text", "").strip()
    if name != SLASH_COMMAND:
        raise ControlError(f"{name} is no command here: there is {SLASH_COMMAND}", 404)
    return await interactions.send_command(slack, person, channel, name, text, redelivery=request.get_redelivery())


async def post_message(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Post a message: `{channel, user, text, thread_ts?}`.

    "/invite @warehouse" adds the bot to the channel, and "/kick @warehouse" removes it.
    """
    slack = workspace.slack
    person = find_actor(slack, request)
    channel, text = find_writable_channel(slack, request, person), request.get_text("text").strip()
    if not text:
        raise ControlError("text is required: a message says something")
    if text.startswith("/"):
        return _run_membership_command(slack, person, channel, text)
    message = Message(channel.id, slack.workspace.new_ts(), person.id, text)
    if thread_ts := request.get_text("thread_ts", ""):
        message.thread_ts = find_thread_root_ts(slack, channel, thread_ts)
    return {"ok": True, "message": message_to_control_json(slack.workspace.add_message(message))}


async def act_on_message(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Use an element of a message: `{channel, messageTs, user, action, confirm?, redeliver?}`."""
    slack = workspace.slack
    person = find_actor(slack, request)
    channel, message = find_visible_message(slack, request, person)
    action, options = request.get_mapping("action"), _get_action_options(request)
    return await interactions.act_on_message(slack, person, channel, message, action, **options)


async def act_in_view(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Use an element of the top modal: `{user, action, values?, confirm?, redeliver?}`."""
    person = find_actor(workspace.slack, request)
    return await _act_in_view(workspace.slack, request, person, modals.get_top_modal(workspace.slack, person))


async def act_on_home(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Use an element of the Home tab: `{user, action, values?, confirm?, redeliver?}`."""
    person = find_actor(workspace.slack, request)
    return await _act_in_view(workspace.slack, request, person, get_home_view(workspace.slack, person))


async def submit_modal(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Submit the top modal: `{user, values?, redeliver?}`."""
    values = request.get_mapping("values", required=False)
    person = find_actor(workspace.slack, request)
    return await modals.submit_modal(workspace.slack, person, values, redelivery=request.get_redelivery())


async def close_modals(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Close the top modal, or all of them: `{user, all?}`."""
    person = find_actor(workspace.slack, request)
    return await modals.close_modal(workspace.slack, person, close_all=request.get_flag("all"))


async def open_home(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Open the Home tab: `{user}`; the answer has its `view`, or null."""
    person = find_actor(workspace.slack, request)
    answer = await interactions.open_home(workspace.slack, person)
    view = workspace.slack.views.get_home(person.id)
    return answer | {"view": view.to_json() if view else None}


async def search_options(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Search an external select: `{user, action: {block_id, action_id}, value, channel?, messageTs?, home?}`.

    `value` is the text to search for. The select is on a message where `channel` is given, on the Home tab with
    `home`, and else in the top modal.
    """
    slack = workspace.slack
    person = find_actor(slack, request)
    action, value = request.get_mapping("action"), request.get_text("value", "")
    if "channel" in request.body:
        channel, message = find_visible_message(slack, request, person)
        return await interactions.load_options_on_message(slack, person, channel, message, action, value)
    view = get_home_view(slack, person) if request.get_flag("home") else modals.get_top_modal(slack, person)
    return await interactions.load_options_in_view(slack, person, view, action, value)


async def _act_in_view(slack: LocalSlack, request: ControlRequest, person: Person, view: View) -> JsonObject:
    values = request.get_mapping("values", required=False)
    action, options = request.get_mapping("action"), _get_action_options(request)
    return await interactions.act_in_view(slack, person, view, action, values, **options)


def _get_action_options(request: ControlRequest) -> dict[str, Any]:
    return {"is_confirmed": request.get_flag("confirm"), "redelivery": request.get_redelivery()}


def _run_membership_command(slack: LocalSlack, person: Person, channel: Channel, text: str) -> JsonObject:
    command, _, name = text.partition(" ")
    member = slack.workspace.find_person(name.strip())
    if command not in {"/invite", "/kick"} or member is None or member.id != BOT_USER_ID:
        raise ControlError(f"{text!r} is no message: /invite @warehouse is known here, and commands go to /command")
    if command == "/invite":
        slack.workspace.add_member(channel, BOT_USER_ID)
    else:
        slack.workspace.remove_member(channel, BOT_USER_ID)
    outcome = "added to" if command == "/invite" else "removed from"
    post_slackbot_notice(slack, channel, person.id, f"<@{BOT_USER_ID}> was {outcome} #{channel.name}.")
    return {"ok": True}


PEOPLE_ROUTES = [
    ("POST", "/command", send_command),
    ("POST", "/message", post_message),
    ("POST", "/interact", act_on_message),
    ("POST", "/view-action", act_in_view),
    ("POST", "/home-action", act_on_home),
    ("POST", "/submit", submit_modal),
    ("POST", "/close", close_modals),
    ("POST", "/open-home", open_home),
    ("POST", "/suggest", search_options),
]
