"""The control API's acts of people: commands, messages, clicks, modals, Home."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.slack import interactions as doings
from bot.sandbox.slack import modals
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import BOT_USER_ID, SLASH_COMMAND, Channel, Person
from bot.sandbox.slack.messages import find_thread_root_ts, message_to_control_json, post_slackbot_notice
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def send_command(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, user, command, text, redeliver?}`.

    `redeliver: true` sends the payload once more after its ack, "beside" sends two of it at once; so it is everywhere.
    """
    person = wants.find_actor(workspace.slack)
    channel = wants.find_writable_channel(workspace.slack, person)
    name, text = wants.get_text("command", SLASH_COMMAND), wants.get_text("text", "")
    if name != SLASH_COMMAND:
        raise ControlError(f"{name} is no command here: there is {SLASH_COMMAND}", 404)
    return await doings.send_command(
        workspace.slack, person, channel, name, text.strip(), redelivery=wants.get_redelivery()
    )


async def post_message(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, user, text, thread_ts?}`; "/invite @warehouse" and "/kick @warehouse" do what they do in Slack."""
    slack = workspace.slack
    person = wants.find_actor(slack)
    channel, text = wants.find_writable_channel(slack, person), wants.get_text("text").strip()
    if not text:
        raise ControlError("text is required: a message says something")
    if text.startswith("/"):
        return _slash(workspace, person, channel, text)
    posted = Message(channel.id, slack.workspace.new_ts(), person.id, text)
    if thread_ts := wants.get_text("thread_ts", ""):
        posted.thread_ts = find_thread_root_ts(slack, channel, thread_ts)
    return {"ok": True, "message": message_to_control_json(slack.workspace.add_message(posted))}


async def act_on_message(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, messageTs, user, action, confirm?, redeliver?}`."""
    slack = workspace.slack
    person = wants.find_actor(slack)
    channel, found = _message(workspace, wants, person)
    return await doings.act_on_message(slack, person, channel, found, wants.get_mapping("action"), **_how(wants))


async def act_in_view(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, action, values?, confirm?, redeliver?}`: in the modal on top."""
    person = wants.find_actor(workspace.slack)
    return await _act(workspace, wants, person, modals.get_top_modal(workspace.slack, person))


async def act_on_home(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, action, values?, confirm?, redeliver?}`: on the Home tab."""
    person = wants.find_actor(workspace.slack)
    return await _act(workspace, wants, person, _home(workspace, person))


async def submit_modal(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, values?, redeliver?}`."""
    values = wants.get_mapping("values", required=False)
    return await modals.submit_modal(
        workspace.slack, wants.find_actor(workspace.slack), values, redelivery=wants.get_redelivery()
    )


async def close_modals(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, all?}`."""
    return await modals.close_modal(workspace.slack, wants.find_actor(workspace.slack), close_all=wants.get_flag("all"))


async def open_home(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user}`."""
    person = wants.find_actor(workspace.slack)
    answer = await doings.open_home(workspace.slack, person)
    home = workspace.slack.views.get_home(person.id)
    return answer | {"view": home.to_json() if home else None}


async def search_options(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, action: {block_id, action_id}, value, channel?, messageTs?, home?}`."""
    slack = workspace.slack
    person, action, value = wants.find_actor(slack), wants.get_mapping("action"), wants.get_text("value", "")
    if "channel" in wants.body:
        channel, found = _message(workspace, wants, person)
        return await doings.load_options_on_message(slack, person, channel, found, action, value)
    view = _home(workspace, person) if wants.get_flag("home") else modals.get_top_modal(slack, person)
    return await doings.load_options_in_view(slack, person, view, action, value)


async def _act(workspace: LocalWorkspace, wants: ControlRequest, person: Person, view: View) -> JsonObject:
    values: Mapping[str, Any] = wants.get_mapping("values", required=False)
    return await doings.act_in_view(workspace.slack, person, view, wants.get_mapping("action"), values, **_how(wants))


def _message(workspace: LocalWorkspace, wants: ControlRequest, person: Person) -> tuple[Channel, Message]:
    channel = wants.find_joined_channel(workspace.slack, person)
    found = workspace.slack.workspace.find_message(channel.id, wants.get_text("messageTs"))
    if found is None or found.visible_to not in {None, person.id}:
        raise ControlError(f"{person.name} sees no such message in #{channel.name}", 409)
    return channel, found


def _home(workspace: LocalWorkspace, person: Person) -> View:
    home = workspace.slack.views.get_home(person.id)
    if home is None:
        raise ControlError(f"nothing was published to {person.name}'s Home tab", 409)
    return home


def _how(wants: ControlRequest) -> dict[str, Any]:
    return {"is_confirmed": wants.get_flag("confirm"), "redelivery": wants.get_redelivery()}


def _slash(workspace: LocalWorkspace, person: Person, channel: Channel, text: str) -> JsonObject:
    verb, _, whom = text.partition(" ")
    invited = workspace.slack.workspace.find_person(whom.strip())
    if verb not in {"/invite", "/kick"} or invited is None or invited.id != BOT_USER_ID:
        raise ControlError(f"{text!r} is no message: /invite @warehouse is known here, and commands go to /command")
    if verb == "/invite":
        workspace.slack.workspace.add_member(channel, BOT_USER_ID)
    else:
        workspace.slack.workspace.remove_member(channel, BOT_USER_ID)
    done = "added to" if verb == "/invite" else "removed from"
    post_slackbot_notice(workspace.slack, channel, person.id, f"<@{BOT_USER_ID}> was {done} #{channel.name}.")
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
