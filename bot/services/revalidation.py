"""Measuring a request anew: by a policy that changed, and by what its approvers are at the moment it begins."""

import structlog

from bot.domain.policy import Policy
from bot.domain.requests.eligibility import adopted, people_behind, revalidated
from bot.domain.requests.request import Request, Stored
from bot.services.ports import Directory, Now, Requests
from bot.services.request_chains import with_chain

log = structlog.get_logger(__name__)


class Revalidation:
    """Holds pending requests to the policy in force, and their approvals to fresh facts."""

    def __init__(self, requests: Requests, directory: Directory, policy: Policy, now: Now) -> None:
        self._requests = requests
        self._directory = directory
        self._policy = policy
        self._now = now
        #: What this process has already held to its policy: another process with another policy must not make the two
        #: rewrite a request in turns.
        self._adopted: set[str] = set()

    def is_outdated(self, request: Request) -> bool:
        """Whether `request` waits for something else than what the policy in force demands."""
        return request.id not in self._adopted and adopted(request, self._policy, self._now()) is not None

    async def adopt(self, stored: Stored) -> Stored:
        """Make a waiting request take what the policy in force demands. Raises Closed where it moved meanwhile."""
        move = adopted(stored.request, self._policy, self._now())
        if move is None or stored.request.id in self._adopted:
            return stored
        self._adopted.add(stored.request.id)
        log.info("request held to the policy in force", request=stored.request.id)
        return await self._requests.advance(stored.request.id, move)

    async def confirm(self, stored: Stored) -> Stored:
        """Read anew who the people behind a ready request are, and whether their decisions still count.

        Returns it as it was where it may begin. Otherwise it waits again, with the votes that count, or it has ended
        since its requester may not ask for it any more.

        Raises:
            PeopleUnknown: Slack can't say now; no vote is lost.
            Closed: it moved meanwhile.
        """
        request = await with_chain(stored.request, self._requests)
        people = await self._directory.read(people_behind(request), self._groups(request))
        move = revalidated(request, people, self._policy, self._now())
        if move is None:
            return stored
        log.info("request not begun", request=request.id, why=move.kind)
        return await self._requests.advance(request.id, move)

    def _groups(self, request: Request) -> frozenset[str]:
        """The groups that say whether the people behind `request` may ask for it or decide it."""
        rules = self._policy.rules_of(request.change).values()
        names = frozenset().union(*(rule.requesters | rule.approvers | rule.break_glass for rule in rules))
        needs_all = bool(request.requirements) or any(rule.approvals for rule in rules)
        wanted = names if needs_all else frozenset().union(*(rule.requesters for rule in rules))
        return frozenset(name for name in wanted if name.startswith("S"))
