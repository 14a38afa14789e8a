"""Who is who: people and user groups, asked of Slack and kept for a minute at the most."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, Kind

log = structlog.get_logger(__name__)

#: Seconds that a fact about a person or a group may be old at the click.
_KEEP = 60.0

#: People whose facts are kept; more than ever press a button within a minute.
_MOST = 5_000

#: What can go wrong in the Slack client; see `voice` for the last two.
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, OSError, ValueError, AttributeError)


Fact = TypeVar("Fact")


class _Recent(Generic[Fact]):
    """Facts by key, each as old as a minute at the most."""

    def __init__(self, read: Callable[[str], Awaitable[Fact]]) -> None:
        self._read = read
        self._kept: dict[str, tuple[float, Fact]] = {}

    async def get(self, key: str) -> Fact:
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept[0] > _KEEP:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[key] = (time.monotonic(), await self._read(key))
        return kept[1]


class SlackDirectory:
    """Facts from `client` about the people of the workspace `team`. `groups` are the ids that matter to the policy."""

    def __init__(self, client: AsyncWebClient, team: str, groups: frozenset[str] = frozenset()) -> None:
        self._client = client
        self._team = team
        self._groups = groups
        self._users = _Recent(self._user)
        self._members = _Recent(self._group)

    def outsider(self, team_id: str | None) -> bool:
        """Whether a payload's user belongs to another company, as in a shared channel."""
        return team_id is not None and team_id != self._team

    async def actor(self, user_id: str, team_id: str | None) -> Actor:
        """The person's facts; Kind.UNKNOWN where Slack can't say. Never raises."""
        if self.outsider(team_id):
            return Actor(id=user_id, kind=Kind.OUTSIDER)
        try:
            user = await self._users.get(user_id)
            groups = [group for group in sorted(self._groups) if user_id in await self._members.get(group)]
        except _BROKEN as error:
            log.warning("person unknown", user=user_id, error=type(error).__name__)
            return Actor(id=user_id, kind=Kind.UNKNOWN)
        return Actor(id=user_id, kind=_kind(user, self._team), groups=frozenset(groups))

    async def _user(self, user_id: str) -> Mapping[str, object]:
        answer = await self._client.users_info(user=user_id)
        return dict(answer["user"])

    async def _group(self, group: str) -> frozenset[str]:
        answer = await self._client.usergroups_users_list(usergroup=group)
        return frozenset(answer["users"])

    async def ids(self, names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
        """The ids of what has a handle among `names`, and the groups among them that don't exist or are empty.

        Raises:
            SlackClientError: Slack did not answer.
        """
        groups = {name for name in names if not name.startswith(("U", "W"))}
        if not groups:
            return {}, []
        answer = await self._client.usergroups_list(include_users=True)
        by_handle = {f"@{group['handle']}": group for group in answer["usergroups"]}
        people = {str(group["id"]): group.get("users", ["?"]) for group in answer["usergroups"]}
        ids = {name: str(by_handle[handle]["id"]) for name in groups if (handle := f"@{name.lstrip('@')}") in by_handle}
        return ids, sorted(name for name in groups if not people.get(ids.get(name, name)))


def _kind(user: Mapping[str, object], team: str) -> Kind:
    checks = (
        (Kind.DEACTIVATED, user.get("deleted")),
        (Kind.BOT, user.get("is_bot") or user.get("id") == "USLACKBOT"),
        (Kind.OUTSIDER, user.get("is_stranger") or user.get("team_id", team) != team),
        (Kind.GUEST, user.get("is_restricted") or user.get("is_ultra_restricted")),
    )
    return next((kind for kind, applies in checks if applies), Kind.MEMBER)
