"""Errors of the audit log. They belong to the tree in `errors`."""

from bot.domain.errors import BotError, StoreFailed

_VERIFY = "tell whoever runs the bot: `warehouse-bot audit verify` shows where."


class RequestDiffersFromLog(BotError):
    """The stored request differs from its entries in the audit log.

    `problem` says where, without any value. `was_claimed` says whether the request was claimed before, so that
    something may have been sent to Segment already.
    """

    def __init__(self, problem: str, *, was_claimed: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.was_claimed = was_claimed

    @property
    def user_message(self) -> str:
        """Say what was not executed, and whom to tell."""
        differs = "the stored request differs from the audit log."
        if self.was_claimed:
            return f"Stopped: {differs} Nothing more was sent to Segment. Look there what came of it, and {_VERIFY}"
        return f"Not executed: {differs} Nothing was sent to Segment. Ask again, and {_VERIFY}"


class RequestPredatesKey(RequestDiffersFromLog):
    """The request is older than the current key of the audit log, so its entries prove nothing."""

    @property
    def user_message(self) -> str:
        """Say why the request was not executed, and what to do."""
        why = "this was asked before the key of the audit log was set or changed, so its entries prove nothing."
        if self.was_claimed:
            return f"Stopped: {why} Nothing more was sent to Segment. Look there what came of it."
        return f"Not executed: {why} Nothing was sent to Segment. Ask again."


class AuditKeyChanged(StoreFailed):
    """The audit log got another key after this process started."""

    @property
    def user_message(self) -> str:
        """Say that nothing was stored, and how to fix it."""
        return (
            "The audit log has another key than this process of the bot, so nothing was kept. "
            "Whoever runs the bot starts it again with the newest AUDIT_KEY."
        )
