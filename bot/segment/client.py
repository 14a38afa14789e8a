"""The Segment Public API in the domain's nouns: every page followed, what is asked for at once asked for once."""

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

#: Pages followed, and seconds spent on one list, before a list that never ends is given up.
MAX_PAGES = 500
LIST_TIMEOUT = 120.0

DataT = TypeVar("DataT", bound=m.ResponseData)


class SegmentClient:
    """Speaks for one API token. Use as an async context manager; every method may raise SegmentError.

    Reads, changes and removals are repeated after errors that may pass; what is POSTed (`create`, `validate`) is sent
    once, whatever happens. One call ends within 60 seconds, a list within 120. An id that no path can carry (empty,
    over 255 characters, `.` or `..`) is a ValueError. `transport` takes the network's place in tests.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        http_transport: httpx.AsyncBaseTransport | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self._sender = Transport(base_url, token, http_transport)
        self._catalog = catalog or load_catalog()
        self._spaces: SingleFlight[tuple[Space, ...]] = SingleFlight()
        self._warehouses: SingleFlight[tuple[Warehouse, ...]] = SingleFlight()
        self._types: SingleFlight[tuple[WarehouseType, ...]] = SingleFlight()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for flights in (self._spaces, self._warehouses, self._types):
            await flights.close()
        await self._sender.close()

    async def get_workspace(self) -> m.WireWorkspace:
        """The workspace that owns the token."""
        return (await self._call(p.get_workspace())).workspace

    async def list_spaces(self) -> tuple[Space, ...]:
        """Every space. Callers at the same time share one call."""
        return await self._spaces.get("spaces", self._read_spaces)

    async def get_space(self, space_id: str) -> Space:
        """One space; ResourceMissing where Segment says there is none."""
        call = p.get_space(space_id)
        if (found := (await self._call(call)).space) is None:
            raise s.ResourceMissing(call.operation, 404)
        return mapping.map_space(found)

    async def list_warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        """Every warehouse of `space`. Callers at the same time share one call; `fresh` joins none begun earlier."""
        return await self._warehouses.get(space.id, lambda: self._read_warehouses(space), fresh=fresh)

    async def list_warehouse_types(self) -> tuple[WarehouseType, ...]:
        """The live catalog's types that sync profiles or are unknown to us, by name."""
        return await self._types.get("catalog", self._read_catalog)

    async def get_warehouse_type(self, metadata_id: str) -> WarehouseType:
        """One type of the live catalog."""
        return self._type((await self._call(p.get_warehouse_type(metadata_id))).warehouse_metadata)

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
        """Connect a warehouse; sent once. SegmentUnclear means that only looking tells whether it exists."""
        call = p.create_warehouse(
            space.id,
            metadata_id=metadata_id,
            settings=settings,
            name=name,
            schema_name=schema_name,
            enabled=enabled,
        )
        return self._warehouse((await self._call(call)).profiles_warehouse, space)

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
        """Change a warehouse, and return it as Segment then has it.

        Raises:
            SegmentUnclear: it may have been changed; also where an earlier attempt's answer was lost and a later one
                was refused.
            SegmentRefused, RateLimited: nothing changed.
        """
        call = p.update_warehouse(
            space.id, warehouse_id, settings=settings, enabled=enabled, name=name, schema_name=schema_name
        )
        return self._warehouse((await self._call(call)).profiles_warehouse, space)

    async def delete_warehouse(self, space: Space, warehouse_id: str) -> None:
        """Remove a warehouse. A 404 after an attempt whose answer was lost counts as removed: that one did it.

        Raises:
            ResourceMissing: it was not there, and this call did not remove it.
            SegmentUnclear: it may have been removed.
            SegmentRefused, RateLimited: nothing changed.
        """
        await self._call(p.delete_warehouse(space.id, warehouse_id))

    async def validate_connection(self, metadata_id: str, settings: p.SettingsToSend) -> str:
        """Try to connect: CONNECTED, FAILED, or a word we don't know. Sent once."""
        return (await self._call(p.validate_connection(metadata_id, settings))).status

    async def list_selective_syncs(self, space: Space, warehouse_id: str) -> tuple[m.SelectiveSync, ...]:
        """What syncs to a warehouse."""
        pages = await self._pages(lambda cursor: p.list_selective_syncs(space.id, warehouse_id, cursor))
        return tuple([item for page in pages for item in page.items])

    async def update_selective_syncs(
        self,
        space: Space,
        warehouse_id: str,
        overrides: list[Mapping[str, JsonValue]],
        *,
        event_tables: bool | None = None,
    ) -> str:
        """Change what syncs: UPDATED, UNCHANGED, or a word we don't know."""
        call = p.update_selective_syncs(space.id, warehouse_id, overrides, event_tables=event_tables)
        return (await self._call(call)).status

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        """The newest page of Segment's own audit trail about a warehouse."""
        page = await self._call(p.list_audit_events({"resourceId": warehouse_id}))
        return tuple(SegmentEvent(at=each.timestamp, type=each.type, actor=each.actor) for each in page.events)

    async def list_audit_events(self, filters: Mapping[str, str]) -> tuple[m.AuditEvent, ...]:
        """The audit trail; `filters` are startTime and endTime (ISO 8601), resourceId, resourceType."""
        pages = await self._pages(lambda cursor: p.list_audit_events(filters, cursor))
        return tuple([event for page in pages for event in page.events])

    async def _read_spaces(self) -> tuple[Space, ...]:
        return tuple([mapping.map_space(each) for page in await self._pages(p.list_spaces) for each in page.spaces])

    async def _read_warehouses(self, space: Space) -> tuple[Warehouse, ...]:
        pages = await self._pages(lambda cursor: p.list_warehouses(space.id, cursor))
        return tuple([self._warehouse(each, space) for page in pages for each in page.profiles_warehouses])

    async def _read_catalog(self) -> tuple[WarehouseType, ...]:
        kinds = [self._type(each) for page in await self._pages(p.list_catalog) for each in page.warehouses_catalog]
        return tuple(sorted(filter(self._catalog.can_create, kinds), key=lambda kind: kind.name.casefold()))

    async def _pages(self, page: Callable[[str | None], p.ApiCall[DataT]]) -> list[DataT]:
        operation = page(None).operation
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                return await self._every(page, operation)
        except TimeoutError as error:
            raise s.TimedOut(operation) from error

    async def _every(self, page: Callable[[str | None], p.ApiCall[DataT]], operation: str) -> list[DataT]:
        pages: list[DataT] = []
        seen: set[str] = set()
        cursor: str | None = None
        while len(pages) < MAX_PAGES:
            answered = await self._sender.send(page(cursor))
            pages.append(answered.data)
            cursor = answered.next_cursor
            if cursor is None:
                return pages
            if cursor in seen:
                break
            seen.add(cursor)
        raise s.UnexpectedResponse(operation, 200)

    async def _call(self, call: p.ApiCall[DataT]) -> DataT:
        return (await self._sender.send(call)).data

    def _type(self, wire: m.WireWarehouseType) -> WarehouseType:
        return mapping.map_warehouse_type(wire, self._catalog)

    def _warehouse(self, wire: m.WireWarehouse, space: Space) -> Warehouse:
        return mapping.map_warehouse(wire, space, self._catalog)
