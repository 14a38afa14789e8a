"""The control API's acts of people: commands, messages, clicks, modals, Home."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.sandbox.control.parsing import Wants
from bot.sandbox.slack import interactions as doings
from bot.sandbox.slack import modals
from bot.sandbox.slack.errors import Impossible
from bot.sandbox.slack.fixtures import BOT_USER, COMMAND, Channel, Person
from bot.sandbox.slack.messages import as_seen, root_of, tell
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Answer = dict[str, Any]


async def command(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, user, command, text, redeliver?}`.

    `redeliver: true` sends the payload once more after its ack, "beside" sends two of it at once; so it is everywhere.
    """
    person = wants.person(sandbox.slack)
    channel = wants.writable(sandbox.slack, person)
    name, text = wants.text("command", COMMAND), wants.text("text", "")
    if name != COMMAND:
        raise Impossible(f"{name} is no command here: there is {COMMAND}", 404)
    return await doings.command(sandbox.slack, person, channel, name, text.strip(), again=wants.again())


async def message(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, user, text, thread_ts?}`; "/invite @warehouse" and "/kick @warehouse" do what they do in Slack."""
    slack = sandbox.slack
    person = wants.person(slack)
    channel, text = wants.writable(slack, person), wants.text("text").strip()
    if not text:
        raise Impossible("text is required: a message says something")
    if text.startswith("/"):
        return _slash(sandbox, person, channel, text)
    posted = Message(channel.id, slack.workspace.new_ts(), person.id, text)
    if thread_ts := wants.text("thread_ts", ""):
        posted.thread_ts = root_of(slack, channel, thread_ts)
    return {"ok": True, "message": as_seen(slack.workspace.add(posted))}


async def interact(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, messageTs, user, action, confirm?, redeliver?}`."""
    slack = sandbox.slack
    person = wants.person(slack)
    channel, found = _message(sandbox, wants, person)
    return await doings.click(slack, person, channel, found, wants.mapping("action"), **_how(wants))


async def view_action(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, action, values?, confirm?, redeliver?}`: in the modal on top."""
    person = wants.person(sandbox.slack)
    return await _act(sandbox, wants, person, modals.on_top(sandbox.slack, person))


async def home_action(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, action, values?, confirm?, redeliver?}`: on the Home tab."""
    person = wants.person(sandbox.slack)
    return await _act(sandbox, wants, person, _home(sandbox, person))


async def submit(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, values?, redeliver?}`."""
    values = wants.mapping("values", required=False)
    return await modals.submit(sandbox.slack, wants.person(sandbox.slack), values, again=wants.again())


async def close(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, all?}`."""
    return await modals.close(sandbox.slack, wants.person(sandbox.slack), every=wants.flag("all"))


async def open_home(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user}`."""
    person = wants.person(sandbox.slack)
    answer = await doings.open_home(sandbox.slack, person)
    home = sandbox.slack.views.home(person.id)
    return answer | {"view": home.shown() if home else None}


async def suggest(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, action: {block_id, action_id}, value, channel?, messageTs?, home?}`."""
    slack = sandbox.slack
    person, action, value = wants.person(slack), wants.mapping("action"), wants.text("value", "")
    if "channel" in wants.body:
        channel, found = _message(sandbox, wants, person)
        return await doings.suggest_on_message(slack, person, channel, found, action, value)
    view = _home(sandbox, person) if wants.flag("home") else modals.on_top(slack, person)
    return await doings.suggest_in_view(slack, person, view, action, value)


async def _act(sandbox: "Sandbox", wants: Wants, person: Person, view: View) -> Answer:
    values: Mapping[str, Any] = wants.mapping("values", required=False)
    return await doings.act_in_view(sandbox.slack, person, view, wants.mapping("action"), values, **_how(wants))


def _message(sandbox: "Sandbox", wants: Wants, person: Person) -> tuple[Channel, Message]:
    channel = wants.channel(sandbox.slack, person)
    found = sandbox.slack.workspace.message(channel.id, wants.text("messageTs"))
    if found is None or found.seen_by not in {None, person.id}:
        raise Impossible(f"{person.name} sees no such message in #{channel.name}", 409)
    return channel, found


def _home(sandbox: "Sandbox", person: Person) -> View:
    home = sandbox.slack.views.home(person.id)
    if home is None:
        raise Impossible(f"nothing was published to {person.name}'s Home tab", 409)
    return home


def _how(wants: Wants) -> dict[str, Any]:
    return {"confirmed": wants.flag("confirm"), "again": wants.again()}


def _slash(sandbox: "Sandbox", person: Person, channel: Channel, text: str) -> Answer:
    verb, _, whom = text.partition(" ")
    invited = sandbox.slack.workspace.person(whom.strip())
    if verb not in {"/invite", "/kick"} or invited is None or invited.id != BOT_USER:
        raise Impossible(f"{text!r} is no message: /invite @warehouse is known here, and commands go to /command")
    if verb == "/invite":
        sandbox.slack.workspace.add_member(channel, BOT_USER)
    else:
        sandbox.slack.workspace.remove_member(channel, BOT_USER)
    done = "added to" if verb == "/invite" else "removed from"
    tell(sandbox.slack, channel, person.id, f"<@{BOT_USER}> was {done} #{channel.name}.")
    return {"ok": True}


PEOPLE = [
    ("POST", "/command", command),
    ("POST", "/message", message),
    ("POST", "/interact", interact),
    ("POST", "/view-action", view_action),
    ("POST", "/home-action", home_action),
    ("POST", "/submit", submit),
    ("POST", "/close", close),
    ("POST", "/open-home", open_home),
    ("POST", "/suggest", suggest),
]
