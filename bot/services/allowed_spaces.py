"""The spaces that changes may be about: what a payload says of a space is compared with what Segment says."""

import asyncio

from bot.domain.changes.change import Change, Create
from bot.domain.decision_errors import SpaceNotAllowed
from bot.domain.segment_errors import SegmentError, TimedOut
from bot.domain.warehouses import Space
from bot.services.inventory import Inventory

#: Seconds of Slack's three that reading the spaces may take before a change is stored.
_READ_FOR = 0.7


class AllowedSpaces:
    """Rejects changes in spaces that the bot does not work with."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._known: dict[str, Space] = {}

    async def resolve_space(self, change: Change) -> Change:
        """`change` with its space as Segment names it, whatever the payload called it.

        Where SEGMENT_SPACES names none and Segment does not answer in time, `change` stays as it is:
        `require_allowed` is called again before anything is sent.

        Raises:
            SpaceNotAllowed: the bot does not work with that space.
            SegmentError: SEGMENT_SPACES names some, and Segment did not answer.
        """
        try:
            async with asyncio.timeout(_READ_FOR):
                return _in_space(change, await self.require_allowed(change.space))
        except (TimeoutError, SegmentError) as error:
            if not self._inventory.is_limited_to_spaces:
                return change
            if isinstance(error, SegmentError):
                raise
            raise TimedOut("listSpaces", was_sent=False) from error

    async def require_allowed(self, space: Space) -> Space:
        """The space of that id as Segment names it.

        What was known once is not read again: SEGMENT_SPACES does not change while the bot runs.

        Raises:
            SpaceNotAllowed: the bot does not work with it.
            SegmentError: Segment did not answer.
        """
        if space.id not in self._known:
            self._known = {each.id: each for each in await self._inventory.list_spaces()}
        if space.id not in self._known:
            raise SpaceNotAllowed(space.slug)
        return self._known[space.id]


def _in_space(change: Change, space: Space) -> Change:
    if isinstance(change, Create):
        return change.model_copy(update={"space": space})
    return change.model_copy(update={"target": change.target.model_copy(update={"space": space})})
