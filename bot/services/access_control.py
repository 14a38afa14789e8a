"""Look up the person behind a payload, and check whether they may look; refusals are added to the audit log.

Whether somebody may approve a request is decided in `domain.requests.eligibility`.
"""

from collections.abc import Callable

from bot.domain.actors import Actor
from bot.domain.errors import NotAllowed
from bot.domain.policy import Verdict
from bot.services.ports import Directory
from bot.services.refusal_log import RefusalLog

#: The policy's check of a person: `may_view_warehouses`, `may_view_requests` or `check_membership`.
PermissionCheck = Callable[[Actor], Verdict]


class AccessControl:
    """Looks up people, and checks whether they may do what they try."""

    def __init__(self, directory: Directory, refusals: RefusalLog) -> None:
        self._directory = directory
        self._refusals = refusals

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        """Return the facts about the person in a payload, without any check."""
        return await self._directory.get_actor(user_id, team_id)

    async def require_permission(
        self, check: PermissionCheck, user_id: str, team_id: str | None, action: str, request_id: str = ""
    ) -> Actor:
        """Return the person if `check` allows them. Raises NotAllowed after it records the refused `action`."""
        actor = await self.get_actor(user_id, team_id)
        verdict = check(actor)
        if verdict.is_allowed:
            return actor
        error = NotAllowed(verdict.reason)
        await self._refusals.record(user_id, action, error, request_id)
        raise error
