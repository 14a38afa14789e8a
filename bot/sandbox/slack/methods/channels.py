"""The conversations.* methods: channels, direct messages and their members."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_USER_ID, OTHER_TEAM_ID, TEAM_ID, Channel
from bot.sandbox.slack.methods.pagination import paginate

_CREATED = 1_700_000_000


def channel_to_json(channel: Channel) -> dict[str, Any]:
    """Return a channel as `conversations.info` describes it."""
    if channel.dm_user_id is not None:
        dm_fields = {"user": channel.dm_user_id, "is_open": True}
        return {"id": channel.id, "created": _CREATED, "is_im": True, "context_team_id": TEAM_ID, **dm_fields}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": _CREATED,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": False,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_member": BOT_USER_ID in channel.members,
        "num_members": len(channel.members),
        "context_team_id": TEAM_ID,
        "shared_team_ids": [TEAM_ID, OTHER_TEAM_ID] if channel.is_ext_shared else [TEAM_ID],
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _get_channel(slack: LocalSlack, arguments: Arguments) -> Channel:
    # These methods accept ids only, not names.
    channel = slack.workspace.channels.get(arguments.required_text("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _info(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    return {"channel": channel_to_json(_get_channel(slack, arguments))}


def _list(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    types = {name.strip() for name in (arguments.text("types") or "public_channel").split(",")}
    channels = [
        channel
        for channel in slack.workspace.channels.values()
        if ("im" if channel.dm_user_id else "public_channel") in types
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    page, metadata = paginate(arguments, channels)
    return {"channels": [channel_to_json(channel) for channel in page], "response_metadata": metadata}


def _members(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    members, metadata = paginate(arguments, _get_channel(slack, arguments).members)
    return {"members": members, "response_metadata": metadata}


def _open(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    if arguments.text("channel"):
        return {"channel": channel_to_json(_get_channel(slack, arguments))}
    users = [user.strip() for user in arguments.required_text("users").split(",")]
    if len(users) > 1:
        raise SlackError("invalid_arguments", ["this workspace has direct messages of two only: users"])
    person = slack.workspace.people.get(users[0])
    if person is None or person.is_bot or person.deleted:
        raise SlackError("user_not_found" if person is None else "cannot_dm_bot" if person.is_bot else "user_disabled")
    open_ids = {channel.id for channel in slack.workspace.channels.values()}
    channel = slack.workspace.open_direct_message(person)
    no_op = {"no_op": True, "already_open": True} if channel.id in open_ids else {}
    return no_op | {"channel": channel_to_json(channel) if arguments.flag("return_im") else {"id": channel.id}}


METHODS = {
    "conversations.info": _info,
    "conversations.list": _list,
    "conversations.members": _members,
    "conversations.open": _open,
}
