"""What the adapters share: a blocking call that ends in time, and names that stay where they belong."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.domain.errors import SecretProviderUnreachable

Result = TypeVar("Result")

#: Names that one place lists at the most; no form could offer more.
MAX_NAMES = 1000


class ProviderStartFailed(Exception):
    """A place that is configured can't be opened; the text names the variable and what it wants, and holds no value."""


class SecretBackend:
    """Where secrets are, in words for people: `name` for the person who asked, `look_at` for who runs the bot."""

    def __init__(self, name: str, look_at: str) -> None:
        self.name = name
        self._look_at = look_at

    def build_unreachable_error(self, problem: str) -> SecretProviderUnreachable:
        """The error that says so; `problem` is a word or two that hold no value."""
        return SecretProviderUnreachable(self.name, problem, self._look_at)

    async def run_with_timeout(self, seconds: float, call: Callable[[], Result]) -> Result:
        """What the blocking `call` returns, run in a thread.

        Raises:
            SecretsUnreachable: it did not return in time. The thread goes on until its own timeouts end it.
        """
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.to_thread(call)
        except TimeoutError:
            raise self.build_unreachable_error("no answer in time") from None


def is_safe_name(name: str) -> bool:
    """Whether `name`, put behind a prefix, can only mean something below it: no empty part, no `.` and no `..`."""
    return "\0" not in name and all(part not in {"", ".", ".."} for part in name.split("/"))
