"""List and find warehouses, spaces and warehouse types, with read calls only."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Generic, TypeVar

from bot.domain.commands.commands import List
from bot.domain.commands.list_query import UnreadableSpace, WarehousePage, build_warehouse_page
from bot.domain.lookup_errors import AmbiguousWarehouse, NotFound, WarehouseDeleted
from bot.domain.requests.history import find_deletion
from bot.domain.segment_errors import SegmentError
from bot.domain.segment_events import SegmentEvent
from bot.domain.text import to_one_line
from bot.domain.warehouses import SearchResult, Space, Warehouse, WarehouseType
from bot.services.ports import Now, RequestStore, Segment

Data = TypeVar("Data")

#: How long spaces and types are cached. They change a few times a year, and Segment limits the rate of calls.
_KEEP_SPACES = timedelta(minutes=1)
_KEEP_TYPES = timedelta(minutes=10)

#: The maximum number of requests to search for the deletion of a warehouse.
_CALLED = 20

#: The maximum number of spaces to read at the same time.
_AT_ONCE = 4


class _Failure(UnreadableSpace, arbitrary_types_allowed=True):
    error: SegmentError


class Inventory:
    """Reads warehouses, spaces and warehouse types from Segment.

    `requests` shows which warehouses this bot deleted. `known_types` lists the types whose settings the bot knows.
    `allowed_spaces` holds the slugs or ids of the spaces that the bot works with; empty means all.
    """

    def __init__(
        self,
        segment: Segment,
        requests: RequestStore,
        now: Now,
        known_types: Sequence[WarehouseType] = (),
        allowed_spaces: frozenset[str] = frozenset(),
    ) -> None:
        self._segment = segment
        self._requests = requests
        self._table = {kind.metadata_id: kind for kind in known_types}
        self._now = now
        self._allowed = frozenset(name.casefold() for name in allowed_spaces)
        self._spaces = _Recent(self._allowed_spaces, now, _KEEP_SPACES)
        self._types = _Recent(segment.list_warehouse_types, now, _KEEP_TYPES)

    @property
    def is_limited_to_spaces(self) -> bool:
        """Whether the bot works with only some of the spaces in Segment."""
        return bool(self._allowed)

    async def list_spaces(self) -> tuple[Space, ...]:
        """Return the allowed spaces, sorted by slug. Raises SegmentError."""
        return await self._spaces.get()

    async def list_types(self) -> tuple[WarehouseType, ...]:
        """Return the warehouse types that can be created, sorted by name. Raises SegmentError."""
        return await self._types.get()

    def get_type(self, metadata_id: str, name: str) -> WarehouseType:
        """Return the warehouse type with this id; without settings where the bot does not know the type."""
        return self._table.get(metadata_id) or WarehouseType(metadata_id=metadata_id, slug=name, name=name)

    async def find_space(self, wanted: str) -> Space:
        """Return the space with this slug, name or id; case does not matter.

        Raises:
            NotFound: no space matches; the error lists the closest slugs.
            SegmentError: Segment can't list the spaces.
        """
        spaces = await self.list_spaces()
        by_key = {key.casefold(): space for space in spaces for key in (space.name, space.slug, space.id)}
        if space := by_key.get(wanted.strip().casefold()):
            return space
        close_keys = get_close_matches(wanted.casefold(), by_key, n=2, cutoff=0.5)
        slugs = dict.fromkeys(by_key[key].slug for key in close_keys) or dict.fromkeys(each.slug for each in spaces)
        raise NotFound("space", wanted, tuple(slugs)[:5])

    async def list_warehouses(self, query: List) -> WarehousePage:
        """Return the page of warehouses that `query` selects. The page names the spaces that Segment can't list.

        Raises:
            NotFound: the space or the type of the query does not exist.
            SegmentError: Segment can't list any of the spaces.
        """
        spaces = (await self.find_space(query.space),) if query.space else await self.list_spaces()
        if query.type:
            await self._known_type(query.type)
        warehouses, failures = await self._read(spaces)
        return build_warehouse_page(query, spaces, warehouses, self._now(), failures)

    async def find_warehouse(self, wanted: str) -> Warehouse:
        """Return the one warehouse with this id or name.

        Raises:
            NotFound: no warehouse matches; the error lists the closest names.
            WarehouseDeleted: no warehouse matches, and this bot deleted one with this id or name.
            AmbiguousWarehouse: several warehouses have this name.
            SegmentError: no warehouse matches, and at least one space could not be read.
        """
        warehouses, failures = await self._read(await self.list_spaces())
        result = SearchResult.search(warehouses, wanted)
        if result.single_match:
            return result.single_match
        if result.matches:
            raise AmbiguousWarehouse(wanted, result.matches)
        if failures:
            raise failures[0].error
        await self._deleted(wanted)
        raise NotFound("warehouse", wanted, tuple(dict.fromkeys(each.name for each in result.suggestions)))

    async def _deleted(self, wanted: str) -> None:
        space_ids = {space.id for space in await self.list_spaces()}
        stored_requests = await self._requests.list_by_name_or_id(to_one_line(wanted), _CALLED)
        requests = [stored.request for stored in stored_requests]
        deletion = find_deletion(request for request in requests if request.change.space.id in space_ids)
        if deletion:
            raise WarehouseDeleted(wanted, deletion)

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...] | None:
        """Return Segment's own audit events of a warehouse, newest first; None where Segment does not provide them."""
        try:
            return await self._segment.list_events(warehouse_id)
        except SegmentError:
            return None

    async def fetch_warehouse(self, space: Space, warehouse_id: str) -> Warehouse | None:
        """Return the current state of the warehouse, or None if it no longer exists. Raises SegmentError."""
        return next((each for each in await self.fetch_warehouses(space) if each.id == warehouse_id), None)

    async def fetch_warehouses(self, space: Space) -> tuple[Warehouse, ...]:
        """Return every warehouse of `space`, read from Segment after this call starts. Raises SegmentError."""
        return await self._segment.list_warehouses(space, fresh=True)

    async def _allowed_spaces(self) -> tuple[Space, ...]:
        spaces = await self._segment.list_spaces()
        allowed = [space for space in spaces if self._allowed & {space.id.casefold(), space.slug.casefold()}]
        return tuple(sorted(allowed if self._allowed else spaces, key=lambda space: space.slug.casefold()))

    async def _known_type(self, wanted: str) -> None:
        types = await self.list_types()
        names = {name.casefold() for each in types for name in (each.slug, each.name)}
        if wanted.casefold() not in names:
            close_names = get_close_matches(wanted.casefold(), names, n=2, cutoff=0.5)
            raise NotFound("warehouse type", wanted, tuple(close_names) or tuple(sorted(each.slug for each in types)))

    async def _read(self, spaces: Sequence[Space]) -> tuple[list[Warehouse], list[_Failure]]:
        semaphore = asyncio.Semaphore(_AT_ONCE)

        async def read(space: Space) -> tuple[Warehouse, ...] | _Failure:
            async with semaphore:
                try:
                    return await self._segment.list_warehouses(space)
                except SegmentError as error:
                    return _Failure(space=space, user_message=error.user_message, error=error)

        results = await asyncio.gather(*map(read, spaces))
        failures = [result for result in results if isinstance(result, _Failure)]
        if failures and len(failures) == len(results):
            raise failures[0].error
        return [warehouse for result in results if isinstance(result, tuple) for warehouse in result], failures


class _Recent(Generic[Data]):
    """Caches the result of `read` for the duration `keep`."""

    def __init__(self, read: Callable[[], Awaitable[Data]], now: Now, keep: timedelta) -> None:
        self._read = read
        self._now = now
        self._lifetime = keep
        self._cached: tuple[datetime, Data] | None = None

    async def get(self) -> Data:
        if self._cached is None or self._now() - self._cached[0] > self._lifetime:
            self._cached = (self._now(), await self._read())
        return self._cached[1]
