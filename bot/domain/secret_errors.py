"""Errors of requests that have a secret, or the mask of one, where everybody would see it; see the tree in `errors`."""

from dataclasses import dataclass

from bot.domain.errors import BotError, quote_code
from bot.domain.redaction.scrubber import MASK


@dataclass(eq=False, repr=False)
class SecretExposed(BotError):
    """The fields `keys` of a request, which everybody sees, hold a secret that the bot knows."""

    keys: tuple[str, ...]

    @property
    def user_message(self) -> str:
        """Which fields hold it, and what to do about it."""
        return (
            f"Nothing was done: what was typed for {', '.join(map(quote_code, self.keys))} holds a secret that the bot "
            "knows, and everybody would see it. Take it out and try again. Slack keeps what is typed, so whoever owns "
            "the secret should replace it."
        )


@dataclass(eq=False, repr=False)
class MaskedValue(BotError):
    """The fields `keys` of a change hold the mask that the bot shows in place of a secret."""

    keys: tuple[str, ...]

    @property
    def user_message(self) -> str:
        """Which fields hold it, and what to do about it."""
        return (
            f"Nothing was done: {', '.join(map(quote_code, self.keys))} holds {MASK}, which the bot shows in place of "
            "a secret. Type what is meant, without a secret in it."
        )
