"""Stand-ins for the ports, that a person can read: written once, used everywhere below the wire."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot.domain.actors import Actor, Group, Kind
from bot.domain.errors import BotError, NobodySees, SecretMissing
from bot.domain.requests.request import Card, Request
from bot.domain.requests.transitions import Move
from bot.domain.segment_errors import ResourceMissing, SegmentError
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import SecretRef, Space, Warehouse, WarehouseType
from bot.segment.catalog import known_catalog
from bot.services.ports import SettingsToSend
from tests.support.samples import NOON, PROD, STAGING, warehouse


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class FakeSegment:
    """Warehouses by id. `before` and `after` hold errors to raise, in turn, before or after a write has its effect."""

    def __init__(self, *warehouses: Warehouse) -> None:
        self.kept = {each.id: each for each in warehouses}
        self.writes: list[tuple[str, str]] = []
        self.sent: list[SettingsToSend] = []
        self.before: list[BotError] = []
        self.after: list[BotError] = []
        self.unreadable: dict[str, SegmentError] = {}
        self.reads = 0
        self.gate: asyncio.Event | None = None
        self.spoils: Callable[[Warehouse], Warehouse] = lambda each: each

    async def spaces(self) -> tuple[Space, ...]:
        return (PROD, STAGING)

    async def warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        self.reads += 1
        if error := self.unreadable.get(space.slug):
            raise error
        return tuple(each for each in self.kept.values() if each.space == space)

    async def catalog(self) -> tuple[WarehouseType, ...]:
        return known_catalog().types

    async def create(
        self,
        space: Space,
        *,
        metadata_id: str,
        name: str,
        settings: SettingsToSend,
        schema_name: str | None,
        enabled: bool,
    ) -> Warehouse:
        made = warehouse(name, warehouse_id=f"w_new{len(self.writes)}", space=space, enabled=enabled)
        made = made.model_copy(update={"schema_name": schema_name, "settings": {"name": name, **_plain(settings)}})

        def effect() -> None:
            self.kept[made.id] = self.spoils(made)

        await self._write("create", made.id, settings, effect)
        return made

    async def update(
        self,
        space: Space,
        warehouse_id: str,
        *,
        settings: SettingsToSend,
        enabled: bool,
        name: str | None = None,
        schema_name: str | None = None,
    ) -> Warehouse:
        old = self.kept[warehouse_id]
        merged = {**old.settings, **_plain(settings), **({"name": name} if name else {})}
        schema = schema_name if schema_name is not None else old.schema_name
        new = old.model_copy(update={"settings": merged, "enabled": enabled, "schema_name": schema})

        def effect() -> None:
            self.kept[warehouse_id] = self.spoils(new)

        await self._write("update", warehouse_id, settings, effect)
        return new

    async def delete(self, space: Space, warehouse_id: str) -> None:
        if warehouse_id not in self.kept:
            raise ResourceMissing("removeProfilesWarehouseFromSpace", 404)
        await self._write("delete", warehouse_id, {}, lambda: self.kept.pop(warehouse_id))

    async def events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        return ()

    async def validate(self, metadata_id: str, settings: SettingsToSend) -> str:
        self.sent.append(settings)
        return "CONNECTED"

    async def _write(
        self, verb: str, warehouse_id: str, settings: SettingsToSend, effect: Callable[[], object]
    ) -> None:
        self.writes.append((verb, warehouse_id))
        self.sent.append(settings)
        if self.gate:
            await self.gate.wait()
        if self.before:
            raise self.before.pop(0)
        effect()
        if self.after:
            raise self.after.pop(0)


def _plain(settings: SettingsToSend) -> dict[str, object]:
    return {key: value for key, value in settings.items() if not isinstance(value, SecretStr)}


class FakeCards:
    """Cards as a list of (what was done, the request as it then was). `refusals` are raised in turn."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Request]] = []
        self.painted: list[Request] = []
        self.told: list[tuple[Request, Move, Warehouse | None]] = []
        self.direct: list[Request] = []
        self.refusals: list[BotError] = []
        self.absent: set[str] = set()
        self.retired: list[tuple[Card, Card]] = []

    async def post(self, request: Request, channel: str) -> Card:
        self._refuse()
        if channel in self.absent:
            raise NobodySees(channel)
        self.posted.append((channel, request))
        return Card(channel=channel, ts=f"{len(self.posted)}.0")

    async def paint(self, request: Request, card: Card) -> None:
        self._refuse()
        self.painted.append(request)

    async def tell_directly(self, request: Request) -> None:
        self._refuse()
        self.direct.append(request)

    async def retire(self, stray: Card, request: Request, card: Card) -> None:
        self._refuse()
        self.retired.append((stray, card))

    async def tell(self, request: Request, move: Move, card: Card, warehouse: Warehouse | None) -> None:
        self._refuse()
        self.told.append((request, move, warehouse))

    def _refuse(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)


class FakeDirectory:
    """People by id; everybody else is nobody that Slack knows.

    `empty` are groups without anybody, `unreadable` those that Slack refuses to list, with its code. While it is
    `silent`, Slack says nothing about anybody.
    """

    def __init__(self, *actors: Actor) -> None:
        self.everybody = {each.id: each for each in actors}
        self.empty: frozenset[str] = frozenset()
        self.unreadable: dict[str, str] = {}
        self.silent = False
        self.asked: list[str] = []

    def know(self, *actors: Actor) -> None:
        """People come, or are different from now on."""
        self.everybody |= {each.id: each for each in actors}

    async def actor(self, user_id: str, team_id: str | None) -> Actor:
        return self._known(user_id) if team_id else Actor(id=user_id, kind=Kind.OUTSIDER)

    async def people(self, user_ids: frozenset[str]) -> dict[str, Actor]:
        self.asked += sorted(user_ids)
        return {each: self._known(each).model_copy(update={"groups": frozenset()}) for each in user_ids}

    async def read(self, user_ids: frozenset[str], groups: frozenset[str]) -> dict[str, Actor]:
        found = map(self._known, user_ids)
        return {each.id: each.model_copy(update={"groups": each.groups & groups}) for each in found}

    def _known(self, user_id: str) -> Actor:
        known = None if self.silent else self.everybody.get(user_id)
        return known or Actor(id=user_id, kind=Kind.UNKNOWN)

    async def groups(self, names: frozenset[str]) -> dict[str, Group]:
        return {} if self.silent else {name: self._group(name) for name in names}

    def _group(self, name: str) -> Group:
        if name in self.unreadable:
            return Group(id=name, problem=self.unreadable[name])
        members = (each.id for each in self.everybody.values() if name in each.groups and name not in self.empty)
        return Group(id=name, members=frozenset(members))


class FakeSecrets:
    """Secrets by name."""

    def __init__(self, **values: str) -> None:
        self.values = values

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.values))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        if ref.name not in self.values:
            raise SecretMissing(ref.name)
        return SecretStr(self.values[ref.name])
