"""conversations.*: where people talk, and with whom."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_USER, OTHER_TEAM, TEAM, Channel
from bot.sandbox.slack.methods.users import page

_CREATED = 1_700_000_000


def as_slack(channel: Channel) -> dict[str, Any]:
    """A channel as `conversations.info` tells of it."""
    if channel.partner is not None:
        partner = {"user": channel.partner, "is_open": True}
        return {"id": channel.id, "created": _CREATED, "is_im": True, "context_team_id": TEAM, **partner}
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
        "is_member": BOT_USER in channel.members,
        "num_members": len(channel.members),
        "context_team_id": TEAM,
        "shared_team_ids": [TEAM, OTHER_TEAM] if channel.is_ext_shared else [TEAM],
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _known(slack: LocalSlack, arguments: Arguments) -> Channel:
    # By id alone: these methods don't take names.
    channel = slack.workspace.channels.get(arguments.needed("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _info(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    return {"channel": as_slack(_known(slack, arguments))}


def _list(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    kinds = {kind.strip() for kind in (arguments.text("types") or "public_channel").split(",")}
    channels = [
        channel
        for channel in slack.workspace.channels.values()
        if ("im" if channel.partner else "public_channel") in kinds
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    shown, metadata = page(arguments, channels)
    return {"channels": [as_slack(channel) for channel in shown], "response_metadata": metadata}


def _members(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    members, metadata = page(arguments, _known(slack, arguments).members)
    return {"members": members, "response_metadata": metadata}


def _open(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    if arguments.text("channel"):
        return {"channel": as_slack(_known(slack, arguments))}
    users = [user.strip() for user in arguments.needed("users").split(",")]
    if len(users) > 1:
        raise SlackError("invalid_arguments", ["this workspace has direct messages of two only: users"])
    person = slack.workspace.people.get(users[0])
    if person is None or person.is_bot or person.deleted:
        raise SlackError("user_not_found" if person is None else "cannot_dm_bot" if person.is_bot else "user_disabled")
    known = {channel.id for channel in slack.workspace.channels.values()}
    channel = slack.workspace.dm(person)
    already = {"no_op": True, "already_open": True} if channel.id in known else {}
    return already | {"channel": as_slack(channel) if arguments.flag("return_im") else {"id": channel.id}}


METHODS = {
    "conversations.info": _info,
    "conversations.list": _list,
    "conversations.members": _members,
    "conversations.open": _open,
}
