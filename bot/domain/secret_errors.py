"""What can go wrong when a request holds a secret, or the mask of one, where everybody would see it."""

from bot.domain.errors import BotError, quote_code
from bot.domain.redaction.scrubber import MASK


class SecretExposed(BotError):
    """The fields `keys` of a request, which everybody sees, hold a secret that the bot knows."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys)
        self.keys = keys

    @property
    def user_message(self) -> str:
        """Where it stands, and what to do about it."""
        return (
            f"Nothing was done: what was typed for {', '.join(map(quote_code, self.keys))} holds a secret that the bot "
            "knows, and everybody would see it. Take it out and try again. Slack keeps what is typed, so whoever owns "
            "the secret should replace it."
        )


class MaskedValue(BotError):
    """The fields `keys` of a change hold the mask that the bot shows in place of a secret."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys)
        self.keys = keys

    @property
    def user_message(self) -> str:
        """Where it stands, and what to do about it."""
        return (
            f"Nothing was done: {', '.join(map(quote_code, self.keys))} holds {MASK}, which the bot shows in place of "
            "a secret. Type what is meant, without a secret in it."
        )
