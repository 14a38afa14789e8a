"""Calls of the control API that act as an admin: membership, archiving, accounts, user groups, deleting messages.

The bot gets no event for these changes, since it subscribes to none. It notices them when Slack refuses a call, or when
it asks. `/reset` reverts them. Each docstring names the fields of the body.
"""

from bot.sandbox.control.lookup import find_actor, find_or_open_channel, find_person
from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import TEAM_ID, Person, UserGroup
from bot.sandbox.slack.methods.users import person_to_json
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def set_membership(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Add a user to a channel, or remove them: `{channel, user, member?}`.

    The user may be the bot; after its removal it gets `not_in_channel` when it posts.
    """
    slack = workspace.slack
    channel = find_or_open_channel(slack, request.get_text("channel"))
    person = find_person(slack, request.get_text("user"))
    _require_active(person)
    if request.get_flag("member", default=True):
        slack.workspace.add_member(channel, person.id)
    else:
        slack.workspace.remove_member(channel, person.id)
    return {"ok": True, "members": list(channel.members)}


async def set_archived(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Archive a channel: `{channel, archived?}`; `archived: false` restores it.

    Nobody can write in an archived channel: posting fails with `is_archived`, updating with `is_inactive`. Buttons in
    it can still be clicked.
    """
    slack = workspace.slack
    channel = slack.workspace.find_channel(request.get_text("channel"))
    if channel is None:
        raise ControlError(f"there is no channel {request.get_text('channel')}", 404)
    if channel.dm_user_id is not None:
        raise ControlError("a direct message can't be archived", 409)
    slack.workspace.set_archived(channel, is_archived=request.get_flag("archived", default=True))
    return {"ok": True, "channel": channel.id, "is_archived": channel.is_archived}


async def deactivate_person(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Deactivate an account: `{user}`; the answer has the `user` as `users.info` returns it from then on.

    The person leaves all channels, their modals close, and they can no longer act. User groups still list them, so a
    client that reads a group must check `users.info` too.
    """
    slack = workspace.slack
    person = find_actor(slack, request)
    _require_own_person(person)
    slack.views.close_all(person.id)
    return {"ok": True, "user": person_to_json(slack.workspace.deactivate_person(person))}


async def set_guest_status(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Make a person a guest: `{user, guest?, single_channel?}`; `guest: false` makes them a full member again.

    The answer has the `user` as `users.info` returns it from then on. Channels and user groups stay as they are.
    """
    slack = workspace.slack
    person = find_actor(slack, request)
    is_guest, is_single_channel = request.get_flag("guest", default=True), request.get_flag("single_channel")
    _require_own_person(person)
    if is_single_channel and not is_guest:
        raise ControlError("single_channel is for guests")
    person = slack.workspace.set_guest(person, is_guest=is_guest, is_single_channel=is_single_channel)
    return {"ok": True, "user": person_to_json(person)}


async def set_user_group_members(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Replace the members of a user group: `{group, users}`, with the group's id or handle."""
    slack = workspace.slack
    group = _find_group(slack, request.get_text("group"))
    members: list[str] = []
    for user in request.get_text_list("users"):
        person = find_person(slack, user)
        _require_active(person)
        _require_own_person(person)
        members.append(person.id)
    slack.workspace.set_group_members(group, members)
    return {"ok": True, "group": group.id, "users": list(group.users)}


async def delete_message(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Delete any message, as an admin can: `{channel, messageTs}`.

    The bot then gets `message_not_found` for it, and nobody can click in it; the replies in its thread stay. An admin
    doesn't see ephemeral messages, so those can't be deleted.
    """
    slack = workspace.slack
    channel, ts = find_or_open_channel(slack, request.get_text("channel")), request.get_text("messageTs")
    message = slack.workspace.find_message(channel.id, ts)
    if message is None or message.is_ephemeral:
        raise ControlError(f"there is no message {ts} to delete in #{channel.name}", 409)
    slack.workspace.remove_message(message)
    return {"ok": True, "channel": channel.id, "ts": ts}


def _find_group(slack: LocalSlack, id_or_handle: str) -> UserGroup:
    group = slack.workspace.find_group(id_or_handle)
    if group is None:
        raise ControlError(f"there is no user group {id_or_handle}", 404)
    return group


def _require_active(person: Person) -> None:
    if person.deleted:
        raise ControlError(f"{person.name} is deactivated", 409)


def _require_own_person(person: Person) -> None:
    if person.is_bot or person.team_id != TEAM_ID:
        raise ControlError(f"{person.name} is no person of this workspace", 409)


WORKSPACE_ROUTES = [
    ("POST", "/membership", set_membership),
    ("POST", "/archive", set_archived),
    ("POST", "/deactivate", deactivate_person),
    ("POST", "/guest", set_guest_status),
    ("POST", "/group", set_user_group_members),
    ("POST", "/delete", delete_message),
]
