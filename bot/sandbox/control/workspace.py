"""The control API's changes to the world around the bot: what admins and members of a workspace do to it.

The bot is told of none of them: it subscribes to no such event, and finds out when Slack refuses it, or when it asks.
`/reset` takes all of them back.
"""

from bot.sandbox.control.parsing import ControlRequest, find_or_open_channel, find_person
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import TEAM_ID, Person, UserGroup
from bot.sandbox.slack.methods.users import person_to_json
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def set_membership(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, user, member?}`; the user may be the bot, which then gets `not_in_channel` when it posts."""
    slack = workspace.slack
    channel = find_or_open_channel(slack, wants.get_text("channel"))
    person = _active(find_person(slack, wants.get_text("user")))
    change = slack.workspace.add_member if wants.get_flag("member", default=True) else slack.workspace.remove_member
    change(channel, person.id)
    return {"ok": True, "members": list(channel.members)}


async def set_archived(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, archived?}`; `archived: false` brings it back.

    Nobody writes in an archived channel: posts get `is_archived`, updates `is_inactive`. Buttons there can be clicked.
    """
    slack = workspace.slack
    channel = slack.workspace.find_channel(wants.get_text("channel"))
    if channel is None:
        raise ControlError(f"there is no channel {wants.get_text('channel')}", 404)
    if channel.dm_user_id is not None:
        raise ControlError("a direct message can't be archived", 409)
    slack.workspace.set_archived(channel, is_archived=wants.get_flag("archived", default=True))
    return {"ok": True, "channel": channel.id, "is_archived": channel.is_archived}


async def deactivate_person(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user}`: closes the account. Answers with `{user}` as `users.info` tells it from now on.

    They leave every channel, their modals are gone, and they do nothing any more. A user group still lists them:
    whoever asks it has to ask `users.info` too.
    """
    slack = workspace.slack
    person = wants.find_actor(slack)
    _own(person)
    slack.views.close_all(person.id)
    return {"ok": True, "user": person_to_json(slack.workspace.deactivate_person(person))}


async def set_guest_status(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{user, guest?, single_channel?}`; `guest: false` makes them a full member again.

    Answers with `{user}` as `users.info` tells it from now on. Channels and user groups stay as they are.
    """
    slack = workspace.slack
    person, restricted, single = (
        wants.find_actor(slack),
        wants.get_flag("guest", default=True),
        wants.get_flag("single_channel"),
    )
    _own(person)
    if single and not restricted:
        raise ControlError("single_channel is for guests")
    return {
        "ok": True,
        "user": person_to_json(slack.workspace.set_guest(person, is_guest=restricted, is_single_channel=single)),
    }


async def set_user_group_members(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{group, users}`: the group, by id or handle, has these members and no others, or none."""
    slack = workspace.slack
    found = _known_group(slack, wants.get_text("group"))
    people = [_own(_active(find_person(slack, user))) for user in wants.get_text_list("users")]
    slack.workspace.set_group_members(found, [person.id for person in people])
    return {"ok": True, "group": found.id, "users": list(found.users)}


async def delete_message(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """`{channel, messageTs}`: an admin deletes a message, whoever wrote it.

    The bot then gets `message_not_found` for it, and nobody can click in it; replies under it stay. What one person
    alone sees, an admin doesn't.
    """
    slack = workspace.slack
    channel, ts = find_or_open_channel(slack, wants.get_text("channel")), wants.get_text("messageTs")
    message = slack.workspace.find_message(channel.id, ts)
    if message is None or message.is_ephemeral:
        raise ControlError(f"there is no message {ts} to delete in #{channel.name}", 409)
    slack.workspace.remove_message(message)
    return {"ok": True, "channel": channel.id, "ts": ts}


def _known_group(slack: LocalSlack, known_as: str) -> UserGroup:
    found = slack.workspace.find_group(known_as)
    if found is None:
        raise ControlError(f"there is no user group {known_as}", 404)
    return found


def _active(person: Person) -> Person:
    if person.deleted:
        raise ControlError(f"{person.name} is deactivated", 409)
    return person


def _own(person: Person) -> Person:
    if person.is_bot or person.team_id != TEAM_ID:
        raise ControlError(f"{person.name} is no person of this workspace", 409)
    return person


WORKSPACE_ROUTES = [
    ("POST", "/membership", set_membership),
    ("POST", "/archive", set_archived),
    ("POST", "/deactivate", deactivate_person),
    ("POST", "/guest", set_guest_status),
    ("POST", "/group", set_user_group_members),
    ("POST", "/delete", delete_message),
]
