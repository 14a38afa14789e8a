"""The users.* and usergroups.* methods: people and user groups."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import BOT_ID, BOT_USER_ID, TEAM_ID, Person, UserGroup
from bot.sandbox.slack.methods.pagination import paginate

#: The fields that Slack omits for deactivated people.
_ACTIVE_ONLY_FIELDS = {
    "real_name",
    "tz",
    "tz_label",
    "tz_offset",
    "is_admin",
    "is_owner",
    "is_restricted",
    "is_ultra_restricted",
}


def person_to_json(person: Person) -> dict[str, Any]:
    """Return a person as `users.info` describes them, with fewer fields for a deactivated person."""
    profile = {"real_name": person.real_name, "display_name": person.name, "team": person.team_id}
    person_json: dict[str, Any] = {
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
        person_json = {name: value for name, value in person_json.items() if name not in _ACTIVE_ONLY_FIELDS}
    # Slack includes `is_stranger` only for people of another workspace.
    return person_json if person.team_id == TEAM_ID else person_json | {"is_stranger": person.is_stranger}


def _info(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    person = slack.workspace.people.get(arguments.required_text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": person_to_json(person)}


def _list(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    people, metadata = paginate(arguments, list(slack.workspace.people.values()))
    now = int(slack.clock.now())
    return {"members": [person_to_json(person) for person in people], "cache_ts": now, "response_metadata": metadata}


def _list_groups(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    groups = slack.workspace.groups.values()
    return {"usergroups": [_group_to_json(group, with_users=arguments.flag("include_users")) for group in groups]}


def _group_to_json(group: UserGroup, *, with_users: bool) -> dict[str, Any]:
    group_json: dict[str, Any] = {
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
    return group_json | ({"users": list(group.users)} if with_users else {})


def _list_group_users(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    group = slack.workspace.groups.get(arguments.required_text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "users.info": _info,
    "users.list": _list,
    "usergroups.list": _list_groups,
    "usergroups.users.list": _list_group_users,
}
