"""Record refused attempts in the audit log, one entry each."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.audit.entries import AuditEntry
from bot.domain.errors import BotError
from bot.domain.secret_errors import SecretExposed
from bot.domain.text import truncate
from bot.services.ports import Now, RequestStore

Result = TypeVar("Result")


class RefusalLog:
    """Writes refused attempts to the audit log."""

    def __init__(self, requests: RequestStore, now: Now) -> None:
        self._requests = requests
        self._now = now

    async def record(self, user_id: str, action: str, error: BotError, request_id: str = "", detail: str = "") -> None:
        """Record that `error` refused `user_id` the `action`, about `request_id` if there is a request."""
        entry = AuditEntry(
            at=self._now(),
            request_id=truncate(request_id, 32),
            actor=user_id,
            action=action,
            state="",
            refused=error.user_message,
            detail="" if isinstance(error, SecretExposed) else detail,  # the detail may hold the secret
        )
        await self._requests.append_audit_entry(entry)

    async def run_audited(
        self, user_id: str, action: str, act: Callable[[], Awaitable[Result]], request_id: str = "", detail: str = ""
    ) -> Result:
        """Run `act`. Record a BotError that it raises, and raise it again."""
        try:
            return await act()
        except BotError as error:
            await self.record(user_id, action, error, request_id, detail)
            raise
