"""Read the history of a warehouse, and of those that had its name before."""

import asyncio
from collections.abc import Sequence

from bot.domain.lookup_errors import NotFound
from bot.domain.requests.history import WarehouseHistories, WarehouseHistory
from bot.domain.requests.request import StoredRequest
from bot.domain.text import to_one_line
from bot.domain.warehouses import Warehouse
from bot.services.inventory import Inventory
from bot.services.ports import RequestStore

#: Requests of each warehouse, and warehouses of one name.
MAX_REQUESTS, MAX_WAREHOUSES = 10, 3

#: Requests of one name that are looked through for the warehouses that had it.
_CALLED = 50


class HistoryReader:
    """Puts the bot's requests and Segment's trail together."""

    def __init__(self, requests: RequestStore, inventory: Inventory) -> None:
        self._requests = requests
        self._inventory = inventory

    async def read(self, wanted: str) -> WarehouseHistories:
        """The trails of the warehouses that have or had the id or name `wanted`.

        Raises:
            NotFound: there is none, and none is known to have been.
            AmbiguousWarehouse: several have that name now.
            SegmentError: some space could not be read and the others don't have it.
        """
        called = await self._called(wanted)
        try:
            now = await self._inventory.find_warehouse(wanted)
        except NotFound:
            if not called:
                raise
            now = None
        ids = dict.fromkeys([now.id] if now else [])
        if now is None or wanted.strip() != now.id:
            ids |= dict.fromkeys(each.request.warehouse_id or "" for each in called)
        shown = [self._trail(each, now, called) for each in list(ids)[:MAX_WAREHOUSES]]
        return WarehouseHistories(
            histories=tuple(await asyncio.gather(*shown)), omitted_count=max(0, len(ids) - MAX_WAREHOUSES)
        )

    async def _called(self, wanted: str) -> Sequence[StoredRequest]:
        here = {space.id for space in await self._inventory.list_spaces()}
        called = await self._requests.list_by_name_or_id(to_one_line(wanted), _CALLED)
        return [each for each in called if each.request.change.space.id in here]

    async def _trail(
        self, warehouse_id: str, now: Warehouse | None, called: Sequence[StoredRequest]
    ) -> WarehouseHistory:
        called = [each for each in called if (each.request.warehouse_id or "") == warehouse_id]
        requests = (
            await self._requests.list_by_warehouse(warehouse_id, MAX_REQUESTS)
            if warehouse_id
            else called[:MAX_REQUESTS]
        )
        there = now if now and now.id == warehouse_id else None
        return WarehouseHistory(
            name=there.name if there else called[0].request.change.warehouse_name,
            warehouse_id=warehouse_id,
            warehouse=there,
            requests=tuple(each.request for each in requests),
            segment_events=await self._inventory.list_events(warehouse_id) if warehouse_id else (),
        )
