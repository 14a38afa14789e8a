"""Whether anybody could approve a change before it is asked, so that no request waits for nobody."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice

from bot.domain.actors import Actor, ActorKind, UserGroup
from bot.domain.changes.change import Change
from bot.domain.decision_errors import TooFewApprovers
from bot.domain.policy import Action, Policy, Rule, format_mentions
from bot.services.ports import Directory

#: Seconds of Slack's three that the count may take; what takes longer is accepted, and counted at the decisions.
_COUNT_TIMEOUT = 0.5

#: People whom Slack is asked about at the same time.
_AT_ONCE = 4


class ApproverAvailability:
    """Counts the people who could approve a change, until there are enough."""

    def __init__(self, directory: Directory, policy: Policy) -> None:
        self._directory = directory
        self._policy = policy

    async def require_approvers(
        self, change: Change, asked_by: str, initiators: frozenset[str]
    ) -> Mapping[str, UserGroup]:
        """Let `change` pass where each of its rules names enough active members beside `initiators`.

        It passes as well where Slack can't say (in time). Returns what is known of the groups among the approvers.

        Raises:
            TooFewApprovers: some rule takes more approvals than there are people who could give one.
        """
        rules = {action: rule for action, rule in self._policy.rules_for(change).items() if rule.approvals}
        groups: dict[str, UserGroup] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(_COUNT_TIMEOUT):
                groups |= await self._directory.get_groups(
                    frozenset().union(*(rule.approver_groups for rule in rules.values()))
                )
                for action, rule in rules.items():
                    await self._require_count(action, rule, groups, asked_by, initiators)
        return groups

    async def _require_count(
        self, action: Action, rule: Rule, groups: Mapping[str, UserGroup], asked_by: str, initiators: frozenset[str]
    ) -> None:
        if rule.approver_groups - groups.keys():
            return  # Slack can't say who is in one of them
        named = _people(rule, groups)
        eligible = await self._count(iter(sorted(named - initiators)), rule.approvals)
        if eligible is not None and eligible < rule.approvals:
            approvers = format_mentions(rule.approvers, groups)
            excluded = _excluded(named & initiators, asked_by)
            raise TooFewApprovers(approvers, rule.approvals, eligible, action, excluded)

    async def _count(self, people: Iterator[str], enough: int) -> int | None:
        """How many of `people` are active members, counted up to `enough`; None where Slack can't say."""
        found, is_clear = 0, True
        while found < enough and (some := frozenset(islice(people, _AT_ONCE))):
            actors = (await self._directory.get_actors(some)).values()
            found += sum(actor.kind is ActorKind.MEMBER for actor in actors)
            is_clear = is_clear and not any(map(_is_unknown, actors))
        return found if is_clear or found >= enough else None


def _people(rule: Rule, groups: Mapping[str, UserGroup]) -> frozenset[str]:
    named = frozenset(name for name in rule.approvers if name.startswith(("U", "W")))
    return named.union(*(group.members for name, group in groups.items() if name in rule.approvers))


def _excluded(initiators: frozenset[str], asked_by: str) -> str:
    if initiators <= {asked_by}:
        return "you" if initiators else ""
    return "those who asked for this, and for what it repeats,"


def _is_unknown(actor: Actor) -> bool:
    return actor.kind is ActorKind.UNKNOWN
