"""Revalidate requests: apply a changed policy, and check the people behind a request right before it begins."""

import structlog

from bot.domain.policy import Policy
from bot.domain.requests.eligibility import adopt_policy, find_people_to_revalidate, revalidate
from bot.domain.requests.request import Request, StoredRequest
from bot.services.new_requests import load_chain
from bot.services.ports import Directory, Now, RequestStore

log = structlog.get_logger(__name__)


class Revalidator:
    """Checks pending requests against the policy in force, and their approvals against fresh facts about people."""

    def __init__(self, requests: RequestStore, directory: Directory, policy: Policy, now: Now) -> None:
        self._requests = requests
        self._directory = directory
        self._policy = policy
        self._now = now
        #: What this process has already held to its policy: another process with another policy must not make the two
        #: rewrite a request in turns.
        self._adopted: set[str] = set()

    def has_outdated_requirements(self, request: Request) -> bool:
        """Whether `request` waits for something else than what the policy in force demands."""
        return request.id not in self._adopted and adopt_policy(request, self._policy, self._now()) is not None

    async def apply_policy(self, stored: StoredRequest) -> StoredRequest:
        """Apply the policy in force to a waiting request. Raises RequestClosed if it changed meanwhile."""
        move = adopt_policy(stored.request, self._policy, self._now())
        if move is None or stored.request.id in self._adopted:
            return stored
        self._adopted.add(stored.request.id)
        log.info("request held to the policy in force", request=stored.request.id)
        return await self._requests.advance(stored.request.id, move)

    async def revalidate(self, stored: StoredRequest) -> StoredRequest:
        """Read anew who the people behind a ready request are, and whether their decisions still count.

        Returns it as it was where it may begin. Otherwise it waits again, with the votes that count, or it has ended
        since its requester may not ask for it any more.

        Raises:
            ApprovalsUnverifiable: Slack can't say now; no vote is lost.
            RequestClosed: the request changed meanwhile.
        """
        request = await load_chain(stored.request, self._requests)
        people = await self._directory.fetch_actors(find_people_to_revalidate(request), self._groups(request))
        move = revalidate(request, people, self._policy, self._now())
        if move is None:
            return stored
        log.info("request not begun", request=request.id, why=move.kind)
        return await self._requests.advance(request.id, move)

    def _groups(self, request: Request) -> frozenset[str]:
        """The groups that say whether the people behind `request` may ask for it or decide it."""
        rules = self._policy.rules_for(request.change).values()
        names = frozenset().union(*(rule.requesters | rule.approvers | rule.break_glass for rule in rules))
        needs_all = bool(request.requirements) or any(rule.approvals for rule in rules)
        wanted = names if needs_all else frozenset().union(*(rule.requesters for rule in rules))
        return frozenset(name for name in wanted if name.startswith("S"))
