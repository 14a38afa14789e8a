"""users.* and usergroups.*: who is who."""

from collections.abc import Sequence
from typing import Any, TypeVar

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_ID, BOT_USER_ID, TEAM_ID, Person, UserGroup

Item = TypeVar("Item")

#: What Slack leaves out, rather than empty, of somebody who is deactivated.
_OF_THE_ACTIVE = {
    "real_name",
    "tz",
    "tz_label",
    "tz_offset",
    "is_admin",
    "is_owner",
    "is_restricted",
    "is_ultra_restricted",
}


def paginate(arguments: Arguments, items: Sequence[Item]) -> tuple[list[Item], dict[str, Any]]:
    """The page of `items` asked for, and the metadata that leads to the next one."""
    cursor, limit = arguments.text("cursor"), arguments.number("limit", 1000)
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor.removeprefix("next:") or 0)
    more = f"next:{start + limit}" if start + limit < len(items) else ""
    return list(items[start : start + limit]), {"next_cursor": more}


def person_to_json(person: Person) -> dict[str, Any]:
    """A person as `users.info` tells of them; of a deactivated one it tells less."""
    profile = {"real_name": person.real_name, "display_name": person.name, "team": person.team_id}
    shown: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "tz": person.time_zone.name,
        "tz_label": person.time_zone.label,
        "tz_offset": person.time_zone.offset_seconds,
        "profile": profile | ({"bot_id": BOT_ID} if person.is_bot else {}),
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if person.deleted:
        shown = {name: value for name, value in shown.items() if name not in _OF_THE_ACTIVE}
    # Slack tells of strangers only where somebody comes from another workspace.
    return shown if person.team_id == TEAM_ID else shown | {"is_stranger": person.is_stranger}


def _info(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    person = slack.workspace.people.get(arguments.required_text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": person_to_json(person)}


def _list(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    people, metadata = paginate(arguments, list(slack.workspace.people.values()))
    now = int(slack.clock.now())
    return {"members": [person_to_json(person) for person in people], "cache_ts": now, "response_metadata": metadata}


def _groups(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    groups = slack.workspace.groups.values()
    return {"usergroups": [_group(group, with_users=arguments.flag("include_users")) for group in groups]}


def _group(group: UserGroup, *, with_users: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": group.id,
        "team_id": TEAM_ID,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "created_by": BOT_USER_ID,
        "user_count": len(group.users),
    }
    return shown | ({"users": list(group.users)} if with_users else {})


def _group_users(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    group = slack.workspace.groups.get(arguments.required_text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "users.info": _info,
    "users.list": _list,
    "usergroups.list": _groups,
    "usergroups.users.list": _group_users,
}
