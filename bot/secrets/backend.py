"""What the providers of external backends share: timeouts, errors, and the check of names."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.domain.errors import SecretProviderUnreachable

Result = TypeVar("Result")

#: The most names that one backend lists; a form can't offer more.
MAX_NAMES = 1000


class SecretBackend:
    """A system that stores secrets, as errors describe it.

    `name` is for the person who needs the secret. `things_to_check` is for the operator.
    """

    def __init__(self, name: str, things_to_check: str) -> None:
        self.name = name
        self._things_to_check = things_to_check

    def build_unreachable_error(self, problem: str) -> SecretProviderUnreachable:
        """Return the error for `problem`, which is a few words without a secret value."""
        return SecretProviderUnreachable(self.name, problem, self._things_to_check)

    async def run_with_timeout(self, seconds: float, call: Callable[[], Result]) -> Result:
        """Run the blocking `call` in a thread and return its result.

        Raises:
            SecretProviderUnreachable: it did not return in time. The thread continues until its own timeouts end it.
        """
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.to_thread(call)
        except TimeoutError:
            raise self.build_unreachable_error("no answer in time") from None


def is_safe_name(name: str) -> bool:
    """Whether `name` stays below the prefix it is appended to: it has no empty part, no `.` and no `..`."""
    return "\0" not in name and all(part not in {"", ".", ".."} for part in name.split("/"))
