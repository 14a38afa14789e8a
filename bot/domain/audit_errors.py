"""What the audit log stops. `errors` has the tree that these belong to."""

from bot.domain.errors import BotError, StoreFailed

_VERIFY = "tell whoever runs the bot: `warehouse-bot audit verify` shows where."


class RequestDiffersFromLog(BotError):
    """The stored request is not what its entries in the audit log say: `problem` tells where, without any value.

    `claimed` tells whether it was claimed before, so that something may have been sent to Segment by then.
    """

    def __init__(self, problem: str, *, was_claimed: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.was_claimed = was_claimed

    @property
    def user_message(self) -> str:
        """What was not done, and whom to tell."""
        differs = "the stored request differs from the audit log."
        if self.was_claimed:
            return f"Stopped: {differs} Nothing more was sent to Segment. Look there what came of it, and {_VERIFY}"
        return f"Not executed: {differs} Nothing was sent to Segment. Ask again, and {_VERIFY}"


class RequestPredatesKey(RequestDiffersFromLog):
    """The request was asked before the audit log got the key that it has now, so its entries prove nothing."""

    @property
    def user_message(self) -> str:
        """Why it was not done, and what to do."""
        why = "this was asked before the key of the audit log was set or changed, so its entries prove nothing."
        if self.was_claimed:
            return f"Stopped: {why} Nothing more was sent to Segment. Look there what came of it."
        return f"Not executed: {why} Nothing was sent to Segment. Ask again."


class AuditKeyChanged(StoreFailed):
    """The audit log was given another key since this process started."""

    @property
    def user_message(self) -> str:
        """That nothing was kept, and who does what about it."""
        return (
            "The audit log has another key than this process of the bot, so nothing was kept. "
            "Whoever runs the bot starts it again with the newest AUDIT_KEY."
        )
