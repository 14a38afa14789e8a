"""A client of the Segment Public API that returns domain objects, follows every page and shares concurrent reads."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Self, TypeVar

import httpx
from pydantic import JsonValue, SecretStr

from bot.domain import segment_errors as s
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import Space, Warehouse, WarehouseType
from bot.segment import mapping
from bot.segment import models as m
from bot.segment import protocol as p
from bot.segment.catalog import Catalog, load_catalog
from bot.segment.single_flight import SingleFlight
from bot.segment.transport import Transport

#: The most pages of a list, and the most seconds for it.
MAX_PAGES = 500
LIST_TIMEOUT = 120.0

DataT = TypeVar("DataT", bound=m.ResponseData)


class SegmentClient:
    """Calls the API with one token. Use it as an async context manager; every method may raise SegmentError.

    Reads, updates and deletions are retried after transient errors. A POST (`create_warehouse`, `validate_connection`)
    is sent only once. A call ends within 60 seconds, a list within 120. An id that can't be part of a path (empty, over
    255 characters, `.` or `..`) raises ValueError. `http_transport` replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        http_transport: httpx.AsyncBaseTransport | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self._transport = Transport(base_url, token, http_transport)
        self._catalog = catalog or load_catalog()
        self._spaces: SingleFlight[tuple[Space, ...]] = SingleFlight()
        self._warehouses: SingleFlight[tuple[Warehouse, ...]] = SingleFlight()
        self._types: SingleFlight[tuple[WarehouseType, ...]] = SingleFlight()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for flights in (self._spaces, self._warehouses, self._types):
            await flights.close()
        await self._transport.close()

    async def get_workspace(self) -> m.WireWorkspace:
        """Return the workspace that owns the token."""
        return (await self._call(p.get_workspace())).workspace

    async def list_spaces(self) -> tuple[Space, ...]:
        """Return all spaces. Concurrent callers share one call."""
        return await self._spaces.get("spaces", self._fetch_spaces)

    async def get_space(self, space_id: str) -> Space:
        """Return one space; raise ResourceMissing if there is none."""
        call = p.get_space(space_id)
        if (space := (await self._call(call)).space) is None:
            raise s.ResourceMissing(call.operation, 404)
        return mapping.map_space(space)

    async def list_warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        """Return all warehouses of `space`. Concurrent callers share one call, except an earlier one if `fresh`."""
        return await self._warehouses.get(space.id, lambda: self._fetch_warehouses(space), fresh=fresh)

    async def list_warehouse_types(self) -> tuple[WarehouseType, ...]:
        """Return the live catalog's types that sync profiles or are unknown to the bot, sorted by name."""
        return await self._types.get("catalog", self._fetch_catalog)

    async def get_warehouse_type(self, metadata_id: str) -> WarehouseType:
        """Return one type of the live catalog."""
        return self._map_type((await self._call(p.get_warehouse_type(metadata_id))).warehouse_metadata)

    async def create_warehouse(
        self,
        space: Space,
        *,
        metadata_id: str,
        name: str,
        settings: p.SettingsToSend,
        schema_name: str | None,
        enabled: bool,
    ) -> Warehouse:
        """Create a warehouse. The call is sent once; after OutcomeUnknown, read the list to see whether it exists."""
        call = p.create_warehouse(
            space.id,
            metadata_id=metadata_id,
            settings=settings,
            name=name,
            schema_name=schema_name,
            enabled=enabled,
        )
        return self._map_warehouse((await self._call(call)).profiles_warehouse, space)

    async def update_warehouse(
        self,
        space: Space,
        warehouse_id: str,
        *,
        settings: p.SettingsToSend,
        enabled: bool,
        name: str | None = None,
        schema_name: str | None = None,
    ) -> Warehouse:
        """Update a warehouse, and return the updated one.

        Raises:
            OutcomeUnknown: the warehouse may have changed; also if the response to one attempt was lost and a later
                attempt was refused.
            SegmentRefused, RateLimited: nothing changed.
        """
        call = p.update_warehouse(
            space.id, warehouse_id, settings=settings, enabled=enabled, name=name, schema_name=schema_name
        )
        return self._map_warehouse((await self._call(call)).profiles_warehouse, space)

    async def delete_warehouse(self, space: Space, warehouse_id: str) -> None:
        """Delete a warehouse. A 404 after an attempt whose response was lost means that this attempt deleted it.

        Raises:
            ResourceMissing: the warehouse did not exist, and this call did not delete it.
            OutcomeUnknown: the warehouse may have been deleted.
            SegmentRefused, RateLimited: nothing changed.
        """
        await self._call(p.delete_warehouse(space.id, warehouse_id))

    async def validate_connection(self, metadata_id: str, settings: p.SettingsToSend) -> str:
        """Test the settings, and return CONNECTED, FAILED, or an unknown status. The call is sent once."""
        return (await self._call(p.validate_connection(metadata_id, settings))).status

    async def list_selective_syncs(self, space: Space, warehouse_id: str) -> tuple[m.SelectiveSync, ...]:
        """Return what syncs to a warehouse."""
        pages = await self._fetch_pages(lambda cursor: p.list_selective_syncs(space.id, warehouse_id, cursor))
        return tuple([item for page in pages for item in page.items])

    async def update_selective_syncs(
        self,
        space: Space,
        warehouse_id: str,
        overrides: list[Mapping[str, JsonValue]],
        *,
        event_tables: bool | None = None,
    ) -> str:
        """Change what syncs, and return UPDATED, UNCHANGED, or an unknown status."""
        call = p.update_selective_syncs(space.id, warehouse_id, overrides, event_tables=event_tables)
        return (await self._call(call)).status

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        """Return the newest page of Segment's own audit log about a warehouse."""
        page = await self._call(p.list_audit_events({"resourceId": warehouse_id}))
        return tuple(SegmentEvent(at=each.timestamp, type=each.type, actor=each.actor) for each in page.events)

    async def list_audit_events(self, filters: Mapping[str, str]) -> tuple[m.AuditEvent, ...]:
        """Return Segment's audit log; `filters` are startTime and endTime (ISO 8601), resourceId, resourceType."""
        pages = await self._fetch_pages(lambda cursor: p.list_audit_events(filters, cursor))
        return tuple([event for page in pages for event in page.events])

    async def _fetch_spaces(self) -> tuple[Space, ...]:
        return tuple(
            [mapping.map_space(each) for page in await self._fetch_pages(p.list_spaces) for each in page.spaces]
        )

    async def _fetch_warehouses(self, space: Space) -> tuple[Warehouse, ...]:
        pages = await self._fetch_pages(lambda cursor: p.list_warehouses(space.id, cursor))
        return tuple([self._map_warehouse(each, space) for page in pages for each in page.profiles_warehouses])

    async def _fetch_catalog(self) -> tuple[WarehouseType, ...]:
        kinds = [
            self._map_type(each) for page in await self._fetch_pages(p.list_catalog) for each in page.warehouses_catalog
        ]
        return tuple(sorted(filter(self._catalog.can_create, kinds), key=lambda kind: kind.name.casefold()))

    async def _fetch_pages(self, build_call: Callable[[str | None], p.ApiCall[DataT]]) -> list[DataT]:
        operation = build_call(None).operation
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                return await self._follow_pages(build_call, operation)
        except TimeoutError as error:
            raise s.TimedOut(operation) from error

    async def _follow_pages(self, build_call: Callable[[str | None], p.ApiCall[DataT]], operation: str) -> list[DataT]:
        pages: list[DataT] = []
        cursors: set[str] = set()
        cursor: str | None = None
        while len(pages) < MAX_PAGES:
            response = await self._transport.send(build_call(cursor))
            pages.append(response.data)
            cursor = response.next_cursor
            if cursor is None:
                return pages
            if cursor in cursors:
                break
            cursors.add(cursor)
        raise s.UnexpectedResponse(operation, 200)

    async def _call(self, call: p.ApiCall[DataT]) -> DataT:
        return (await self._transport.send(call)).data

    def _map_type(self, wire: m.WireWarehouseType) -> WarehouseType:
        return mapping.map_warehouse_type(wire, self._catalog)

    def _map_warehouse(self, wire: m.WireWarehouse, space: Space) -> Warehouse:
        return mapping.map_warehouse(wire, space, self._catalog)
