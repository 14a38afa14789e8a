"""Errors that the audit log causes; a part of the tree in `errors`."""

from dataclasses import KW_ONLY, dataclass

from bot.domain.errors import BotError, StoreFailed

_VERIFY = "tell whoever runs the bot: `warehouse-bot audit verify` shows where."


@dataclass(eq=False, repr=False)
class RequestDiffersFromLog(BotError):
    """The stored request differs from its entries in the audit log: `problem` says where, without any value.

    `was_claimed` tells whether a process had claimed the request, so that it may have sent something to Segment.
    """

    problem: str
    _: KW_ONLY
    was_claimed: bool

    @property
    def user_message(self) -> str:
        """Say what was not executed, and whom to tell."""
        differs = "the stored request differs from the audit log."
        if self.was_claimed:
            return f"Stopped: {differs} Nothing more was sent to Segment. Look there what came of it, and {_VERIFY}"
        return f"Not executed: {differs} Nothing was sent to Segment. Ask again, and {_VERIFY}"


class RequestPredatesKey(RequestDiffersFromLog):
    """The request is older than the present key of the audit log, so its entries prove nothing."""

    @property
    def user_message(self) -> str:
        """Say why the request was not executed, and what to do."""
        why = "this was asked before the key of the audit log was set or changed, so its entries prove nothing."
        if self.was_claimed:
            return f"Stopped: {why} Nothing more was sent to Segment. Look there what came of it."
        return f"Not executed: {why} Nothing was sent to Segment. Ask again."


class AuditKeyChanged(StoreFailed):
    """The audit log was given another key after this process started."""

    message = (
        "The audit log has another key than this process of the bot, so nothing was kept. "
        "Whoever runs the bot starts it again with the newest AUDIT_KEY."
    )
