"""The Segment Public API over httpx: one connection pool, timeouts everywhere, typed errors for the rest."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from importlib.metadata import version
from typing import Self, TypeVar

import httpx
import stamina
import structlog
from pydantic import JsonValue, SecretStr

from bot.domain import errors as e
from bot.domain.audit import SegmentEvent
from bot.domain.warehouses import Space, Warehouse, WarehouseType
from bot.segment import models as m
from bot.segment import protocol as p
from bot.segment.catalog import Catalog, known_catalog
from bot.segment.single_flight import SingleFlight

log = structlog.get_logger(__name__)

#: Seconds for each phase of one attempt: a connection should be quick, an answer may take Segment a while.
TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)

#: Seconds that one attempt may take in all, so that an answer that trickles ends too.
ATTEMPT = 30.0

#: Attempts at what may be repeated, and the seconds after which no further one begins.
ATTEMPTS = 3
DEADLINE = 60.0

#: A wait that Segment asks for is waited out up to this many seconds; a longer one is the caller's to tell.
LONGEST_WAIT = 15.0

#: An answer is read up to this many bytes: a thousand warehouses take under one megabyte.
LONGEST_ANSWER = 20 * 1024 * 1024

#: Pages followed before a list that never ends counts as off the contract.
_PAGES = 500

_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})

Answer = TypeVar("Answer", bound=m.Data)
Page = TypeVar("Page", bound=m.Data)


class SegmentClient:
    """Speaks for one API token. Use as an async context manager; every method may raise SegmentError.

    GET, PATCH and DELETE are repeated after errors that may pass; POST is sent once, whatever happens.
    `transport` takes the network's place in tests.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        transport: httpx.AsyncBaseTransport | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            timeout=TIMEOUT,
            transport=transport,
            headers={"User-Agent": f"warehouse-bot/{version('warehouse-bot')}"},
            auth=_Bearer(token),
            follow_redirects=False,  # a redirect would carry the token elsewhere
        )
        self._catalog = catalog or known_catalog()
        self._spaces: SingleFlight[tuple[Space, ...]] = SingleFlight()
        self._warehouses: SingleFlight[tuple[Warehouse, ...]] = SingleFlight()
        self._types: SingleFlight[tuple[WarehouseType, ...]] = SingleFlight()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for flights in (self._spaces, self._warehouses, self._types):
            await flights.close()
        await self._http.aclose()

    async def workspace(self) -> m.WireWorkspace:
        """The workspace that owns the token."""
        return (await self._call(p.get_workspace())).workspace

    async def spaces(self) -> tuple[Space, ...]:
        """Every space. Callers at the same time share one call."""
        return await self._spaces.get("spaces", self._read_spaces)

    async def space(self, space_id: str) -> Space:
        """One space; ResourceMissing where Segment says there is none."""
        call = p.get_space(space_id)
        if (found := (await self._call(call)).space) is None:
            raise e.ResourceMissing(call.operation, 404)
        return _space(found)

    async def warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        """Every warehouse of `space`. Callers at the same time share one call; `fresh` joins none begun earlier."""
        return await self._warehouses.get(space.id, lambda: self._read_warehouses(space), fresh=fresh)

    async def catalog(self) -> tuple[WarehouseType, ...]:
        """The live catalog's types that sync profiles or are unknown to us, by name."""
        return await self._types.get("catalog", self._read_catalog)

    async def warehouse_type(self, metadata_id: str) -> WarehouseType:
        """One type of the live catalog."""
        return self._type((await self._call(p.get_type(metadata_id))).warehouse_metadata)

    async def create(
        self,
        space: Space,
        *,
        metadata_id: str,
        name: str,
        settings: p.Sent,
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

    async def update(
        self,
        space: Space,
        warehouse_id: str,
        *,
        settings: p.Sent,
        enabled: bool,
        name: str | None = None,
        schema_name: str | None = None,
    ) -> Warehouse:
        """Change a warehouse, and return it as Segment then has it."""
        call = p.update_warehouse(
            space.id, warehouse_id, settings=settings, enabled=enabled, name=name, schema_name=schema_name
        )
        return self._warehouse((await self._call(call)).profiles_warehouse, space)

    async def delete(self, space: Space, warehouse_id: str) -> None:
        """Remove a warehouse. A 404 after an attempt whose answer was lost counts as removed: that one did it."""
        await self._call(p.delete_warehouse(space.id, warehouse_id))

    async def validate(self, metadata_id: str, settings: p.Sent) -> str:
        """Try to connect: CONNECTED, FAILED, or a word we don't know. Sent once."""
        return (await self._call(p.validate(metadata_id, settings))).status

    async def selective_syncs(self, space: Space, warehouse_id: str) -> tuple[m.SelectiveSync, ...]:
        """What syncs to a warehouse."""
        pages = self._pages(lambda cursor: p.list_selective_syncs(space.id, warehouse_id, cursor))
        return tuple([item async for page in pages for item in page.items])

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

    async def events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        """The newest page of Segment's own audit trail about a warehouse."""
        page = await self._call(p.list_audit_events({"resourceId": warehouse_id}))
        return tuple(SegmentEvent(at=each.timestamp, type=each.type, actor=each.actor) for each in page.events)

    async def audit_events(self, filters: Mapping[str, str]) -> tuple[m.AuditEvent, ...]:
        """The audit trail; `filters` are startTime and endTime (ISO 8601), resourceId, resourceType."""
        pages = self._pages(lambda cursor: p.list_audit_events(filters, cursor))
        return tuple([event async for page in pages for event in page.events])

    async def _read_spaces(self) -> tuple[Space, ...]:
        return tuple([_space(each) async for page in self._pages(p.list_spaces) for each in page.spaces])

    async def _read_warehouses(self, space: Space) -> tuple[Warehouse, ...]:
        pages = self._pages(lambda cursor: p.list_warehouses(space.id, cursor))
        return tuple([self._warehouse(each, space) async for page in pages for each in page.profiles_warehouses])

    async def _read_catalog(self) -> tuple[WarehouseType, ...]:
        kinds = [self._type(each) async for page in self._pages(p.list_catalog) for each in page.warehouses_catalog]
        return tuple(sorted(filter(self._catalog.offered, kinds), key=lambda kind: kind.name.casefold()))

    async def _pages(self, page: Callable[[str | None], p.Call[Page]]) -> AsyncIterator[Page]:
        seen: set[str] = set()
        cursor: str | None = None
        for _ in range(_PAGES):
            call = page(cursor)
            answer = await self._call(call)
            yield answer
            cursor = answer.pagination.next if answer.pagination else None
            if not cursor:
                return
            if cursor in seen:
                raise e.OffContract(call.operation)
            seen.add(cursor)
        raise e.OffContract("pagination")

    async def _call(self, call: p.Call[Answer]) -> Answer:
        if call.method not in _REPEATABLE:
            return await self._attempt(call)
        lost = False
        try:
            async for attempt in stamina.retry_context(
                on=_may_pass, attempts=ATTEMPTS, timeout=DEADLINE, wait_initial=0.2, wait_max=2.0
            ):
                with attempt:
                    try:
                        return await self._attempt(call)
                    except e.SegmentUnclear as error:
                        lost = lost or error.sent
                        raise
                    except e.ResourceMissing as error:
                        if lost and call.method == "DELETE":
                            return call.answer.model_validate({"status": "SUCCESS"})
                        raise error from None
        except e.SegmentError as error:
            raise error from None
        raise AssertionError("stamina ends with an answer or an error")

    async def _attempt(self, call: p.Call[Answer]) -> Answer:
        began = time.monotonic()
        status: int | None = None
        try:
            async with asyncio.timeout(ATTEMPT):
                status, headers, body = await self._send(call)
            return p.decipher(call, status, headers, body)
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise e.TimedOut(call.operation) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise e.ConnectionLost(call.operation, sent=False) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise e.ConnectionLost(call.operation) from error
        finally:
            took = round((time.monotonic() - began) * 1000)
            log.info("segment", operation=call.operation, status=status, ms=took)

    async def _send(self, call: p.Call[Answer]) -> tuple[int, Mapping[str, str], bytes]:
        request = self._http.build_request(
            call.method, call.path, params=dict(call.query), headers=dict(call.headers), content=call.content
        )
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LONGEST_ANSWER:
                    raise e.OffContract(call.operation, response.status_code)
            return response.status_code, response.headers, bytes(body)
        finally:
            await response.aclose()

    def _type(self, wire: m.WireType) -> WarehouseType:
        return self._catalog.type_of(wire.id, wire.slug or wire.name, wire.name)

    def _warehouse(self, wire: m.WireWarehouse, space: Space) -> Warehouse:
        kind = self._type(wire.metadata)
        secret = {setting.name for setting in kind.settings if setting.secret} | self._catalog.secret_keys
        settings = {
            key: value
            for key, value in (wire.settings or {}).items()
            if key not in secret and not _is_placeholder(value)
        }
        return Warehouse(
            id=wire.id,
            space=space,
            type=kind,
            enabled=wire.enabled,
            settings=settings,
            schema_name=wire.schema_name,
        )


class _Bearer(httpx.Auth):
    """Adds the token as a request leaves, so that it stands in no default headers that somebody might print."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def _may_pass(error: Exception) -> bool | float:
    """Stamina's question: whether to try again, and if so after how many seconds."""
    if not isinstance(error, e.SegmentError) or not error.transient:
        return False
    if isinstance(error, e.RateLimited) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else False
    return True


def _is_placeholder(value: JsonValue) -> bool:
    """Whether Segment shows a value only as hidden: `<redacted>` or bullets."""
    return isinstance(value, str) and (value == "<redacted>" or "•" in value)


def _space(wire: m.WireSpace) -> Space:
    return Space(id=wire.id, slug=wire.slug, name=wire.name)
