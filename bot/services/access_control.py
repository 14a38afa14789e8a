"""Who is let in at the edge: every command, button and form asks here first, so that each refusal is in the audit."""

from collections.abc import Callable

from bot.domain.actors import Actor
from bot.domain.errors import NotAllowed
from bot.domain.policy import Verdict
from bot.services.ports import Directory
from bot.services.refusal_log import RefusalLog

#: What of the policy decides: `may_look`, `may_read_requests` or `may_enter`.
PermissionCheck = Callable[[Actor], Verdict]


class AccessControl:
    """Finds out who somebody is, and whether they may do what they try."""

    def __init__(self, directory: Directory, refusals: RefusalLog) -> None:
        self._directory = directory
        self._refusals = refusals

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        """The facts of the person in a payload. Refuses nobody."""
        return await self._directory.get_actor(user_id, team_id)

    async def require_permission(
        self, check: PermissionCheck, user_id: str, team_id: str | None, action: str, request_id: str = ""
    ) -> Actor:
        """Let those pass whom `may` lets. Raises NotAllowed; the attempt at `action` is then in the audit trail."""
        actor = await self.get_actor(user_id, team_id)
        verdict = check(actor)
        if verdict.is_allowed:
            return actor
        error = NotAllowed(verdict.reason)
        await self._refusals.record(user_id, action, error, request_id)
        raise error
