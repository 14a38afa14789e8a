"""Attempts that are refused, kept in the audit trail: one entry each, wherever they come from."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.audit.entries import AuditEntry
from bot.domain.errors import BotError
from bot.domain.secret_errors import SecretExposed
from bot.domain.text import truncate
from bot.services.ports import Now, RequestStore

Result = TypeVar("Result")


class RefusalLog:
    """Writes refused attempts into the audit trail."""

    def __init__(self, requests: RequestStore, now: Now) -> None:
        self._requests = requests
        self._now = now

    async def record(self, user_id: str, action: str, error: BotError, request_id: str = "", detail: str = "") -> None:
        """Keep that `error` refused `user_id` the `action`, about the request `request_id` if it was about one."""
        entry = AuditEntry(
            at=self._now(),
            request_id=truncate(request_id, 32),
            actor=user_id,
            action=action,
            state="",
            refused=error.user_message,
            detail="" if isinstance(error, SecretExposed) else detail,  # which would keep it
        )
        await self._requests.append_audit_entry(entry)

    async def run_audited(
        self, user_id: str, action: str, act: Callable[[], Awaitable[Result]], request_id: str = "", detail: str = ""
    ) -> Result:
        """Do `act`; a BotError that it raises is kept, and raised again."""
        try:
            return await act()
        except BotError as error:
            await self.record(user_id, action, error, request_id, detail)
            raise
