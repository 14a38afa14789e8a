"""What the audit log stops. `errors` has the tree that these belong to."""

from bot.domain.errors import StoreFailed


class AuditKeyChanged(StoreFailed):
    """The audit log was given another key since this process started."""

    @property
    def says(self) -> str:
        """That nothing was kept, and who does what about it."""
        return (
            "The audit log has another key than this process of the bot, so nothing was kept. "
            "Whoever runs the bot starts it again with the newest AUDIT_KEY."
        )
