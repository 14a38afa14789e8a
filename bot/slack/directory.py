"""Look up people and user groups in Slack, and cache them for a minute."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, ActorKind, UserGroup
from bot.slack.background import BackgroundTasks
from bot.slack.client_errors import CLIENT_ERRORS

log = structlog.get_logger(__name__)

#: Seconds for which a fact about a person or a group is cached.
_CACHE_LIFETIME = 60.0

#: The most people in the cache; more than click a button within a minute.
_CACHE_SIZE = 5_000

#: Seconds, of the three that Slack waits for an ack, for the facts about a click; the decision is stored after them.
_INTERACTION_TIMEOUT = 1.5

#: Seconds for the same facts when no ack is waiting.
_FETCH_TIMEOUT = 10.0

#: Slack's codes for a user group that it does not list: because of the workspace's plan or the app's scopes, or because
#: there is no such group. The group then counts as empty.
UNREADABLE_GROUP_CODES = frozenset({"paid_teams_only", "plan_upgrade_required", "missing_scope", "no_such_subteam"})

#: Slack's codes for a user id that is unknown in this workspace.
_UNKNOWN_USER_CODES = frozenset({"user_not_found", "users_not_found", "user_not_visible"})

Fact = TypeVar("Fact")

#: The user object of `users.info`.
SlackUser = Mapping[str, object]


class _Cache(Generic[Fact]):
    """Facts by key, which `read` reads from Slack. At most one read per key runs at a time.

    A read continues when its caller stops waiting, so that the next click finds its result.
    """

    def __init__(self, read: Callable[[str], Awaitable[Fact]], background_tasks: BackgroundTasks) -> None:
        self._read = read
        self._background_tasks = background_tasks
        self._facts: dict[str, tuple[float, Fact]] = {}
        self._reads: dict[str, asyncio.Task[Fact | None]] = {}

    async def get(self, key: str, *, fresh: bool = False) -> Fact | None:
        """Return the fact, read again if it is too old or `fresh` is set; None if Slack does not answer."""
        cached = self._facts.get(key)
        if cached and not fresh and time.monotonic() - cached[0] <= _CACHE_LIFETIME:
            return cached[1]
        if key not in self._reads:
            self._reads[key] = self._background_tasks.spawn(self._read_and_cache(key), "facts")
        return await asyncio.shield(self._reads[key])

    async def _read_and_cache(self, key: str) -> Fact | None:
        read_at = time.monotonic()
        try:
            fact = await self._read(key)
        except CLIENT_ERRORS as error:
            log.warning("user or group lookup failed", about=key, error=type(error).__name__)
            return None
        finally:
            del self._reads[key]
        if len(self._facts) >= _CACHE_SIZE:
            self._facts.clear()
        self._facts[key] = (read_at, fact)
        return fact


class SlackDirectory:
    """The people of the workspace `team_id`, with their membership of the user groups `group_ids`.

    None of the methods raises. An actor is `ActorKind.UNKNOWN` if Slack does not answer in time.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        team_id: str,
        group_ids: frozenset[str],
        background_tasks: BackgroundTasks,
    ) -> None:
        self._client = client
        self._team_id = team_id
        self._group_ids = group_ids
        self._users = _Cache(self._read_user, background_tasks)
        self._groups = _Cache(self._read_group, background_tasks)

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        """Return the person in a payload that names `team_id` as their team.

        A person without a team, or of another team, is an outsider, unless Slack lists this workspace among the
        workspaces of their organisation that they are a member of: in an Enterprise Grid, a payload names the
        organisation or a sibling workspace.
        """
        found = await self._find_actors(_INTERACTION_TIMEOUT, frozenset({user_id}), self._group_ids)
        actor, user = found.get(user_id, (_build_unknown(user_id), {}))
        if team_id == self._team_id or self._team_id in _list_teams(user):
            return actor
        return Actor(id=user_id, kind=ActorKind.OUTSIDER)

    async def get_actors(self, user_ids: frozenset[str]) -> Mapping[str, Actor]:
        """Return people from the cache, without their groups."""
        found = await self._find_actors(_INTERACTION_TIMEOUT, user_ids, frozenset())
        return {each: found[each][0] if each in found else _build_unknown(each) for each in user_ids}

    async def fetch_actors(self, user_ids: frozenset[str], groups: frozenset[str]) -> Mapping[str, Actor]:
        """Return people, with their membership of `groups`, as Slack knows them now."""
        found = await self._find_actors(_FETCH_TIMEOUT, user_ids, groups, fresh=True)
        return {each: found[each][0] if each in found else _build_unknown(each) for each in user_ids}

    async def get_groups(self, names: frozenset[str]) -> Mapping[str, UserGroup]:
        """Return user groups by id, without those that Slack does not answer about."""
        try:
            async with asyncio.timeout(_INTERACTION_TIMEOUT):
                groups = await self._find_groups(names)
        except TimeoutError:
            return {}
        return {group_id: group for group_id, group in groups.items() if group is not None}

    async def _find_actors(
        self, seconds: float, user_ids: frozenset[str], group_ids: frozenset[str], *, fresh: bool = False
    ) -> Mapping[str, tuple[Actor, SlackUser]]:
        """Return the people that Slack answers about within `seconds`, with their user objects."""
        ordered_ids = sorted(user_ids)
        reads = (self._users.get(each, fresh=fresh) for each in ordered_ids)
        try:
            async with asyncio.timeout(seconds):
                users, found_groups = await asyncio.gather(
                    asyncio.gather(*reads), self._find_groups(group_ids, fresh=fresh)
                )
        except TimeoutError:
            log.warning("user lookup timed out", about=ordered_ids)
            return {}
        groups = [group for group in found_groups.values() if group is not None]
        if len(groups) < len(group_ids):
            return {}
        return {
            user_id: (self._build_actor(user_id, user, groups), user)
            for user_id, user in zip(ordered_ids, users, strict=True)
            if user
        }

    def _build_actor(self, user_id: str, user: SlackUser, groups: Sequence[UserGroup]) -> Actor:
        memberships = frozenset(group.id for group in groups if user_id in group.members)
        return Actor(id=user_id, kind=_find_kind(user, self._team_id), groups=memberships)

    async def _find_groups(self, group_ids: frozenset[str], *, fresh: bool = False) -> Mapping[str, UserGroup | None]:
        ordered_ids = sorted(group_ids)
        groups = await asyncio.gather(*(self._groups.get(each, fresh=fresh) for each in ordered_ids))
        return dict(zip(ordered_ids, groups, strict=True))

    async def _read_user(self, user_id: str) -> SlackUser:
        try:
            answer = await self._client.users_info(user=user_id)
        except SlackApiError as error:
            if error.response.get("error") in _UNKNOWN_USER_CODES:
                return {"id": user_id, "is_stranger": True}
            raise
        return dict(answer["user"])

    async def _read_group(self, group_id: str) -> UserGroup:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group_id)
        except SlackApiError as error:
            code = error.response.get("error")
            if code not in UNREADABLE_GROUP_CODES:
                raise
            log.error("user group can't be read, so it counts as empty", group=group_id, code=code)
            return UserGroup(id=group_id, error_code=code)
        return UserGroup(id=group_id, members=frozenset(answer["users"]))


def _build_unknown(user_id: str) -> Actor:
    return Actor(id=user_id, kind=ActorKind.UNKNOWN)


async def resolve_group_handles(client: AsyncWebClient, names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return the ids of the user groups that `names` has by handle, and the names of missing or empty groups.

    Raises:
        SlackClientError: Slack refuses or does not answer.
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
    members = {str(group["id"]): group.get("users", ["?"]) for group in answer["usergroups"]}
    ids = {name: str(by_handle[handle]["id"]) for name in groups if (handle := f"@{name.lstrip('@')}") in by_handle}
    return ids, sorted(name for name in groups if not members.get(ids.get(name, name)))


def _find_kind(user: SlackUser, team_id: str) -> ActorKind:
    is_colleague = team_id in _list_teams(user)
    is_outsider = user.get("is_stranger") or user.get("team_id", team_id) != team_id
    checks = (
        (ActorKind.DEACTIVATED, user.get("deleted")),
        (ActorKind.BOT, user.get("is_bot") or user.get("id") == "USLACKBOT"),
        (ActorKind.OUTSIDER, is_outsider and not is_colleague),
        (ActorKind.GUEST, user.get("is_restricted") or user.get("is_ultra_restricted")),
    )
    return next((kind for kind, applies in checks if applies), ActorKind.MEMBER)


def _list_teams(user: SlackUser) -> Collection[str]:
    """Return the workspaces of an Enterprise Grid that the person is a member of."""
    enterprise = user.get("enterprise_user")
    team_ids = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    return frozenset(map(str, team_ids)) if isinstance(team_ids, list) else frozenset()
