"""Who is who: people and user groups, asked of Slack and kept for a minute at the most."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, ActorKind, UserGroup
from bot.slack.background import BackgroundTasks

log = structlog.get_logger(__name__)

#: Seconds that a fact about a person or a group may be old at the click.
_KEEP = 60.0

#: Seconds of Slack's three that the facts of a press may take, so that what is decided can be stored before the ack.
_INTERACTION_TIMEOUT = 1.5

#: People whose facts are kept; more than ever press a button within a minute.
_MOST = 5_000

#: Seconds for the same facts where nobody waits for an ack.
_READ_WITHIN = 10.0

#: Slack's codes for a user group that it will not list: for the workspace's plan, the app's scopes, or since there is
#: none. It then counts as empty.
UNREADABLE_GROUP_CODES = frozenset({"paid_teams_only", "plan_upgrade_required", "missing_scope", "no_such_subteam"})

#: Slack's codes for somebody who is nobody in this workspace.
_NO_SUCH_USER = frozenset({"user_not_found", "users_not_found", "user_not_visible"})

#: What can go wrong in the Slack client; see `voice` for the last two.
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, OSError, ValueError, AttributeError)


Fact = TypeVar("Fact")

#: Somebody as `users.info` tells of them.
SlackUser = Mapping[str, object]


class _Recent(Generic[Fact]):
    """Facts by key, each as old as a minute at the most. One question at a time is asked about a key.

    Who stops waiting does not stop the question: its answer serves the next press.
    """

    def __init__(self, read: Callable[[str], Awaitable[Fact]], work: BackgroundTasks) -> None:
        self._read = read
        self._work = work
        self._kept: dict[str, tuple[float, Fact]] = {}
        self._asked: dict[str, asyncio.Task[Fact | None]] = {}

    async def get(self, key: str, *, fresh: bool = False) -> Fact | None:
        """What is known of `key`; with `fresh`, what Slack says now. None where Slack does not say."""
        kept = self._kept.get(key)
        if kept and not fresh and time.monotonic() - kept[0] <= _KEEP:
            return kept[1]
        if key not in self._asked:
            self._asked[key] = self._work.spawn(self._ask(key), "facts")
        return await asyncio.shield(self._asked[key])

    async def _ask(self, key: str) -> Fact | None:
        asked_at = time.monotonic()
        try:
            fact = await self._read(key)
        except _BROKEN as error:
            log.warning("Slack does not say who is who", about=key, error=type(error).__name__)
            return None
        finally:
            del self._asked[key]
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = (asked_at, fact)
        return fact


class SlackDirectory:
    """Facts from `client` about the people of the workspace `team`. `groups` are the ids that matter to the policy."""

    def __init__(self, client: AsyncWebClient, team: str, groups: frozenset[str], work: BackgroundTasks) -> None:
        self._client = client
        self._team = team
        self._groups = groups
        self._users = _Recent(self._user, work)
        self._members = _Recent(self._group, work)

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        """The facts of the person in a payload that names `team_id` as their team. Never raises.

        Kind.UNKNOWN where Slack can't say within a second and a half. Without a team, or with another than this
        workspace's, they are an outsider unless Slack lists this workspace among those of their organisation that they
        are in: in an Enterprise Grid the team is the organisation's or a sibling's.
        """
        found = await self._within(_INTERACTION_TIMEOUT, frozenset({user_id}), self._groups)
        actor, user = found.get(user_id, (_unknown(user_id), {}))
        if team_id == self._team or self._team in _teams(user):
            return actor
        return Actor(id=user_id, kind=ActorKind.OUTSIDER)

    async def get_actors(self, user_ids: frozenset[str]) -> Mapping[str, Actor]:
        """The facts of people, a minute old at the most; Kind.UNKNOWN where Slack can't say. Never raises."""
        found = await self._within(_INTERACTION_TIMEOUT, user_ids, frozenset())
        return {each: found[each][0] if each in found else _unknown(each) for each in user_ids}

    async def fetch_actors(self, user_ids: frozenset[str], groups: frozenset[str]) -> Mapping[str, Actor]:
        """The facts of people, asked of Slack now, with their membership of `groups`. Never raises."""
        found = await self._within(_READ_WITHIN, user_ids, groups, fresh=True)
        return {each: found[each][0] if each in found else _unknown(each) for each in user_ids}

    async def get_groups(self, names: frozenset[str]) -> Mapping[str, UserGroup]:
        """Those user groups; one that Slack can't tell about now is left out. Never raises."""
        try:
            async with asyncio.timeout(_INTERACTION_TIMEOUT):
                found = await self._memberships(names)
        except TimeoutError:
            return {}
        return {name: group for name, group in found.items() if group is not None}

    async def _within(
        self, seconds: float, user_ids: frozenset[str], groups: frozenset[str], *, fresh: bool = False
    ) -> Mapping[str, tuple[Actor, SlackUser]]:
        """The people whom Slack tells about in time, as actors and as Slack tells them."""
        order = sorted(user_ids)
        asked = (self._users.get(each, fresh=fresh) for each in order)
        try:
            async with asyncio.timeout(seconds):
                users, members = await asyncio.gather(asyncio.gather(*asked), self._memberships(groups, fresh=fresh))
        except TimeoutError:
            log.warning("Slack is slow to say who is who", about=order)
            return {}
        known = [group for group in members.values() if group is not None]
        if len(known) < len(groups):
            return {}
        return {each: (self._actor(each, user, known), user) for each, user in zip(order, users, strict=True) if user}

    def _actor(self, user_id: str, user: SlackUser, groups: Sequence[UserGroup]) -> Actor:
        mine = frozenset(group.id for group in groups if user_id in group.members)
        return Actor(id=user_id, kind=_kind(user, self._team), groups=mine)

    async def _memberships(self, groups: frozenset[str], *, fresh: bool = False) -> Mapping[str, UserGroup | None]:
        order = sorted(groups)
        found = await asyncio.gather(*(self._members.get(each, fresh=fresh) for each in order))
        return dict(zip(order, found, strict=True))

    async def _user(self, user_id: str) -> SlackUser:
        try:
            answer = await self._client.users_info(user=user_id)
        except SlackApiError as error:
            if error.response.get("error") in _NO_SUCH_USER:
                return {"id": user_id, "is_stranger": True}
            raise
        return dict(answer["user"])

    async def _group(self, group: str) -> UserGroup:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except SlackApiError as error:
            code = error.response.get("error")
            if code not in UNREADABLE_GROUP_CODES:
                raise
            log.error("user group can't be read, so it counts as empty", group=group, code=code)
            return UserGroup(id=group, error_code=code)
        return UserGroup(id=group, members=frozenset(answer["users"]))


def _unknown(user_id: str) -> Actor:
    return Actor(id=user_id, kind=ActorKind.UNKNOWN)


async def resolve_group_handles(client: AsyncWebClient, names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The ids of what has a handle among `names`, and the groups among them that don't exist or are empty.

    Raises:
        SlackClientError: Slack did not answer.
    """
    groups = {name for name in names if not name.startswith(("U", "W"))}
    if not groups:
        return {}, []
    try:
        answer = await client.usergroups_list(include_users=True)
    except SlackApiError as error:
        if (code := error.response.get("error")) not in UNREADABLE_GROUP_CODES:
            raise
        log.error("user groups can't be listed, so they count as empty", code=code)
        return {}, sorted(groups)
    by_handle = {f"@{group['handle']}": group for group in answer["usergroups"]}
    people = {str(group["id"]): group.get("users", ["?"]) for group in answer["usergroups"]}
    ids = {name: str(by_handle[handle]["id"]) for name in groups if (handle := f"@{name.lstrip('@')}") in by_handle}
    return ids, sorted(name for name in groups if not people.get(ids.get(name, name)))


def _kind(user: SlackUser, team: str) -> ActorKind:
    is_colleague = team in _teams(user)
    is_stranger = user.get("is_stranger") or user.get("team_id", team) != team
    checks = (
        (ActorKind.DEACTIVATED, user.get("deleted")),
        (ActorKind.BOT, user.get("is_bot") or user.get("id") == "USLACKBOT"),
        (ActorKind.OUTSIDER, is_stranger and not is_colleague),
        (ActorKind.GUEST, user.get("is_restricted") or user.get("is_ultra_restricted")),
    )
    return next((kind for kind, applies in checks if applies), ActorKind.MEMBER)


def _teams(user: SlackUser) -> Collection[str]:
    """The workspaces of an Enterprise Grid that somebody is a member of."""
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    return frozenset(map(str, teams)) if isinstance(teams, list) else frozenset()
