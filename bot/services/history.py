"""What was asked of a warehouse, and of those that had its name before."""

import asyncio
from collections.abc import Sequence

from bot.domain.lookup_errors import NotFound
from bot.domain.requests.history import Trail, Trails
from bot.domain.requests.request import Stored
from bot.domain.text import one_line
from bot.domain.warehouses import Warehouse
from bot.services.inventory import Checks
from bot.services.ports import Requests

#: Requests of each warehouse, and warehouses of one name.
REQUESTS, WAREHOUSES = 10, 3

#: Requests of one name that are looked through for the warehouses that had it.
_CALLED = 50


class Histories:
    """Puts the bot's requests and Segment's trail together."""

    def __init__(self, requests: Requests, checks: Checks) -> None:
        self._requests = requests
        self._checks = checks

    async def of(self, wanted: str) -> Trails:
        """The trails of the warehouses that have or had the id or name `wanted`.

        Raises:
            NotFound: there is none, and none is known to have been.
            Ambiguous: several have that name now.
            SegmentError: some space could not be read and the others don't have it.
        """
        called = await self._called(wanted)
        try:
            now = await self._checks.find(wanted)
        except NotFound:
            if not called:
                raise
            now = None
        ids = dict.fromkeys([now.id] if now else [])
        if now is None or wanted.strip() != now.id:
            ids |= dict.fromkeys(each.request.warehouse_id or "" for each in called)
        shown = [self._trail(each, now, called) for each in list(ids)[:WAREHOUSES]]
        return Trails(shown=tuple(await asyncio.gather(*shown)), more=max(0, len(ids) - WAREHOUSES))

    async def _called(self, wanted: str) -> Sequence[Stored]:
        here = {space.id for space in await self._checks.spaces()}
        called = await self._requests.called(one_line(wanted), _CALLED)
        return [each for each in called if each.request.change.space.id in here]

    async def _trail(self, warehouse_id: str, now: Warehouse | None, called: Sequence[Stored]) -> Trail:
        called = [each for each in called if (each.request.warehouse_id or "") == warehouse_id]
        requests = await self._requests.about(warehouse_id, REQUESTS) if warehouse_id else called[:REQUESTS]
        there = now if now and now.id == warehouse_id else None
        return Trail(
            name=there.name if there else called[0].request.change.warehouse_name,
            warehouse_id=warehouse_id,
            warehouse=there,
            requests=tuple(each.request for each in requests),
            events=await self._checks.events(warehouse_id) if warehouse_id else (),
        )
