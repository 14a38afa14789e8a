"""List and find warehouses, spaces and types, with reads alone."""

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

#: Spaces and types change a few times a year; Segment's calls are dear.
_KEEP_SPACES = timedelta(minutes=1)
_KEEP_TYPES = timedelta(minutes=10)

#: Requests of a name that are looked through for what became of its warehouse.
_CALLED = 20

#: Spaces read at the same time.
_AT_ONCE = 4


class _Failure(UnreadableSpace, arbitrary_types_allowed=True):
    error: SegmentError


class Inventory:
    """The reads behind the commands.

    `requests` know what this bot deleted. `table` has the types whose settings we know. `allowed` holds slugs or ids of
    the spaces to work with; empty means all.
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
        """Whether only some of the spaces that Segment has may be worked with."""
        return bool(self._allowed)

    async def list_spaces(self) -> tuple[Space, ...]:
        """The spaces that may be worked with, by slug. Raises SegmentError."""
        return await self._spaces.get()

    async def list_types(self) -> tuple[WarehouseType, ...]:
        """The warehouse types that can be created, by name. Raises SegmentError."""
        return await self._types.get()

    def get_type(self, metadata_id: str, name: str) -> WarehouseType:
        """The type of that id with what we know of its settings, which may be nothing."""
        return self._table.get(metadata_id) or WarehouseType(metadata_id=metadata_id, slug=name, name=name)

    async def find_space(self, wanted: str) -> Space:
        """The space of that slug, name or id, in any case.

        Raises:
            NotFound: there is none, with the nearest.
            SegmentError: Segment did not answer.
        """
        spaces = await self.list_spaces()
        handles = {handle.casefold(): space for space in spaces for handle in (space.name, space.slug, space.id)}
        if found := handles.get(wanted.strip().casefold()):
            return found
        near = get_close_matches(wanted.casefold(), handles, n=2, cutoff=0.5)
        names = dict.fromkeys(handles[handle].slug for handle in near) or dict.fromkeys(each.slug for each in spaces)
        raise NotFound("space", wanted, tuple(names)[:5])

    async def list_warehouses(self, query: List) -> WarehousePage:
        """The page that `query` asks for. A space that can't be read is named in it, unless none can.

        Raises:
            NotFound: no such space, or no such type.
            SegmentError: nothing could be read.
        """
        spaces = (await self.find_space(query.space),) if query.space else await self.list_spaces()
        if query.type:
            await self._known_type(query.type)
        warehouses, unread = await self._read(spaces)
        return build_warehouse_page(query, spaces, warehouses, self._now(), unread)

    async def find_warehouse(self, wanted: str) -> Warehouse:
        """The one warehouse of that id or name.

        Raises:
            NotFound: none, with the nearest names; WarehouseDeleted where it was deleted through this bot.
            AmbiguousWarehouse: several of that name.
            SegmentError: some space could not be read and the others don't have it.
        """
        warehouses, unread = await self._read(await self.list_spaces())
        found = SearchResult.search(warehouses, wanted)
        if found.single_match:
            return found.single_match
        if found.matches:
            raise AmbiguousWarehouse(wanted, found.matches)
        if unread:
            raise unread[0].error
        await self._deleted(wanted)
        raise NotFound("warehouse", wanted, tuple(dict.fromkeys(each.name for each in found.suggestions)))

    async def _deleted(self, wanted: str) -> None:
        here = {space.id for space in await self.list_spaces()}
        called = [stored.request for stored in await self._requests.list_by_name_or_id(to_one_line(wanted), _CALLED)]
        gone = find_deletion(each for each in called if each.change.space.id in here)
        if gone:
            raise WarehouseDeleted(wanted, gone)

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...] | None:
        """Segment's own trail about a warehouse, newest first; None where Segment does not tell it."""
        try:
            return await self._segment.list_events(warehouse_id)
        except SegmentError:
            return None

    async def fetch_warehouse(self, space: Space, warehouse_id: str) -> Warehouse | None:
        """The warehouse as Segment shows it now, or None where it is gone. Raises SegmentError."""
        return next((each for each in await self.fetch_warehouses(space) if each.id == warehouse_id), None)

    async def fetch_warehouses(self, space: Space) -> tuple[Warehouse, ...]:
        """Every warehouse of `space`, read after this call began. Raises SegmentError."""
        return await self._segment.list_warehouses(space, fresh=True)

    async def _allowed_spaces(self) -> tuple[Space, ...]:
        spaces = await self._segment.list_spaces()
        mine = [space for space in spaces if self._allowed & {space.id.casefold(), space.slug.casefold()}]
        return tuple(sorted(mine if self._allowed else spaces, key=lambda space: space.slug.casefold()))

    async def _known_type(self, wanted: str) -> None:
        types = await self.list_types()
        names = {name.casefold() for each in types for name in (each.slug, each.name)}
        if wanted.casefold() not in names:
            near = get_close_matches(wanted.casefold(), names, n=2, cutoff=0.5)
            raise NotFound("warehouse type", wanted, tuple(near) or tuple(sorted(each.slug for each in types)))

    async def _read(self, spaces: Sequence[Space]) -> tuple[list[Warehouse], list[_Failure]]:
        limit = asyncio.Semaphore(_AT_ONCE)

        async def read(space: Space) -> tuple[Warehouse, ...] | _Failure:
            async with limit:
                try:
                    return await self._segment.list_warehouses(space)
                except SegmentError as error:
                    return _Failure(space=space, user_message=error.user_message, error=error)

        answers = await asyncio.gather(*map(read, spaces))
        failed = [answer for answer in answers if isinstance(answer, _Failure)]
        if failed and len(failed) == len(answers):
            raise failed[0].error
        return [each for answer in answers if isinstance(answer, tuple) for each in answer], failed


class _Recent(Generic[Data]):
    """The answer of `read`, kept for a while."""

    def __init__(self, read: Callable[[], Awaitable[Data]], now: Now, keep: timedelta) -> None:
        self._read = read
        self._now = now
        self._keep = keep
        self._kept: tuple[datetime, Data] | None = None

    async def get(self) -> Data:
        if self._kept is None or self._now() - self._kept[0] > self._keep:
            self._kept = (self._now(), await self._read())
        return self._kept[1]
