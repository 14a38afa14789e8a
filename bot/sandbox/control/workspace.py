"""The control API's changes to the world around the bot: what admins and members of a workspace do to it.

The bot is told of none of them: it subscribes to no such event, and finds out when Slack refuses it, or when it asks.
`/reset` takes all of them back.
"""

from typing import TYPE_CHECKING, Any

from bot.sandbox.control.parsing import Wants, known_channel, known_person
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import Impossible
from bot.sandbox.slack.fixtures import TEAM, Group, Person
from bot.sandbox.slack.methods.users import as_slack

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Answer = dict[str, Any]


async def membership(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, user, member?}`; the user may be the bot, which then gets `not_in_channel` when it posts."""
    slack = sandbox.slack
    channel = known_channel(slack, wants.text("channel"))
    person = _active(known_person(slack, wants.text("user")))
    change = slack.workspace.add_member if wants.flag("member", default=True) else slack.workspace.remove_member
    change(channel, person.id)
    return {"ok": True, "members": list(channel.members)}


async def archive(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, archived?}`; `archived: false` brings it back.

    Nobody writes in an archived channel: posts get `is_archived`, updates `is_inactive`. Buttons there can be clicked.
    """
    slack = sandbox.slack
    channel = slack.workspace.channel(wants.text("channel"))
    if channel is None:
        raise Impossible(f"there is no channel {wants.text('channel')}", 404)
    if channel.partner is not None:
        raise Impossible("a direct message can't be archived", 409)
    slack.workspace.archive(channel, archived=wants.flag("archived", default=True))
    return {"ok": True, "channel": channel.id, "is_archived": channel.is_archived}


async def deactivate(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user}`: closes the account. Answers with `{user}` as `users.info` tells it from now on.

    They leave every channel, their modals are gone, and they do nothing any more. A user group still lists them:
    whoever asks it has to ask `users.info` too.
    """
    slack = sandbox.slack
    person = wants.person(slack)
    _own(person)
    slack.views.close_all(person.id)
    return {"ok": True, "user": as_slack(slack.workspace.deactivate(person))}


async def guest(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{user, guest?, single_channel?}`; `guest: false` makes them a full member again.

    Answers with `{user}` as `users.info` tells it from now on. Channels and user groups stay as they are.
    """
    slack = sandbox.slack
    person, restricted, single = wants.person(slack), wants.flag("guest", default=True), wants.flag("single_channel")
    _own(person)
    if single and not restricted:
        raise Impossible("single_channel is for guests")
    return {"ok": True, "user": as_slack(slack.workspace.restrict(person, restricted=restricted, single=single))}


async def group(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{group, users}`: the group, by id or handle, has these members and no others, or none."""
    slack = sandbox.slack
    found = _known_group(slack, wants.text("group"))
    people = [_own(_active(known_person(slack, user))) for user in wants.texts("users")]
    slack.workspace.regroup(found, [person.id for person in people])
    return {"ok": True, "group": found.id, "users": list(found.users)}


async def delete(sandbox: "Sandbox", wants: Wants) -> Answer:
    """`{channel, messageTs}`: an admin deletes a message, whoever wrote it.

    The bot then gets `message_not_found` for it, and nobody can click in it; replies under it stay. What one person
    alone sees, an admin doesn't.
    """
    slack = sandbox.slack
    channel, ts = known_channel(slack, wants.text("channel")), wants.text("messageTs")
    message = slack.workspace.message(channel.id, ts)
    if message is None or message.ephemeral:
        raise Impossible(f"there is no message {ts} to delete in #{channel.name}", 409)
    slack.workspace.remove(message)
    return {"ok": True, "channel": channel.id, "ts": ts}


def _known_group(slack: LocalSlack, known_as: str) -> Group:
    found = slack.workspace.group(known_as)
    if found is None:
        raise Impossible(f"there is no user group {known_as}", 404)
    return found


def _active(person: Person) -> Person:
    if person.deleted:
        raise Impossible(f"{person.name} is deactivated", 409)
    return person


def _own(person: Person) -> Person:
    if person.is_bot or person.team_id != TEAM:
        raise Impossible(f"{person.name} is no person of this workspace", 409)
    return person


WORLD = [
    ("POST", "/membership", membership),
    ("POST", "/archive", archive),
    ("POST", "/deactivate", deactivate),
    ("POST", "/guest", guest),
    ("POST", "/group", group),
    ("POST", "/delete", delete),
]
