"""Who is who: people and user groups, asked of Slack and kept for a minute at the most."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, Kind
from bot.slack.work import Work

log = structlog.get_logger(__name__)

#: Seconds that a fact about a person or a group may be old at the click.
_KEEP = 60.0

#: Seconds of Slack's three that the facts of a press may take, so that what is decided can be stored before the ack.
_WITHIN = 1.5

#: People whose facts are kept; more than ever press a button within a minute.
_MOST = 5_000

#: What can go wrong in the Slack client; see `voice` for the last two.
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, OSError, ValueError, AttributeError)


Fact = TypeVar("Fact")


class _Recent(Generic[Fact]):
    """Facts by key, each as old as a minute at the most. One question at a time is asked about a key.

    Who stops waiting does not stop the question: its answer serves the next press.
    """

    def __init__(self, read: Callable[[str], Awaitable[Fact]], work: Work) -> None:
        self._read = read
        self._work = work
        self._kept: dict[str, tuple[float, Fact]] = {}
        self._asked: dict[str, asyncio.Task[Fact | None]] = {}

    async def get(self, key: str) -> Fact | None:
        kept = self._kept.get(key)
        if kept and time.monotonic() - kept[0] <= _KEEP:
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

    def __init__(self, client: AsyncWebClient, team: str, groups: frozenset[str], work: Work) -> None:
        self._client = client
        self._team = team
        self._groups = groups
        self._users = _Recent(self._user, work)
        self._members = _Recent(self._group, work)

    def outsider(self, team_id: str | None) -> bool:
        """Whether a payload's user belongs to another company, as in a shared channel."""
        return team_id is not None and team_id != self._team

    async def actor(self, user_id: str, team_id: str | None) -> Actor:
        """The person's facts; Kind.UNKNOWN where Slack can't say within a second and a half. Never raises."""
        if self.outsider(team_id):
            return Actor(id=user_id, kind=Kind.OUTSIDER)
        try:
            async with asyncio.timeout(_WITHIN):
                user, members = await asyncio.gather(self._users.get(user_id), self._memberships(self._groups))
        except TimeoutError:
            log.warning("Slack is slow to say who is who", about=user_id)
            return Actor(id=user_id, kind=Kind.UNKNOWN)
        if user is None or None in members.values():
            return Actor(id=user_id, kind=Kind.UNKNOWN)
        groups = frozenset(group for group, people in members.items() if people and user_id in people)
        return Actor(id=user_id, kind=_kind(user, self._team), groups=groups)

    async def deserted(self, groups: frozenset[str]) -> frozenset[str]:
        """Those of `groups` in which nobody is, or that don't exist; none where Slack can't say."""
        try:
            async with asyncio.timeout(_WITHIN):
                members = await self._memberships(groups)
        except TimeoutError:
            return frozenset()
        return frozenset(group for group, people in members.items() if people is not None and not people)

    async def _memberships(self, groups: frozenset[str]) -> Mapping[str, frozenset[str] | None]:
        order = sorted(groups)
        return dict(zip(order, await asyncio.gather(*map(self._members.get, order)), strict=True))

    async def _user(self, user_id: str) -> Mapping[str, object]:
        answer = await self._client.users_info(user=user_id)
        return dict(answer["user"])

    async def _group(self, group: str) -> frozenset[str]:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except SlackApiError as error:
            if error.response.get("error") == "no_such_subteam":
                return frozenset()
            raise
        return frozenset(answer["users"])


async def group_ids(client: AsyncWebClient, names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The ids of what has a handle among `names`, and the groups among them that don't exist or are empty.

    Raises:
        SlackClientError: Slack did not answer.
    """
    groups = {name for name in names if not name.startswith(("U", "W"))}
    if not groups:
        return {}, []
    answer = await client.usergroups_list(include_users=True)
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
