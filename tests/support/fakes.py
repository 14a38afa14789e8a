"""Stand-ins for the ports, that a person can read: written once, used everywhere below the wire."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot.domain.actors import Actor, ActorKind, UserGroup
from bot.domain.errors import BotError, ChannelInaccessible, SecretMissing
from bot.domain.requests.request import Card, Request
from bot.domain.requests.transitions import Transition
from bot.domain.segment_errors import ResourceMissing, SegmentError
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import SecretRef, Space, Warehouse, WarehouseType
from bot.segment.catalog import load_catalog
from bot.services.ports import SettingsToSend
from tests.support.samples import NOON, PROD, STAGING, warehouse


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FakeSegment:
    """Warehouses by id. `before` and `after` hold errors to raise, in turn, before or after a write has its effect."""

    def __init__(self, *warehouses: Warehouse) -> None:
        self.warehouses_by_id = {each.id: each for each in warehouses}
        self.writes: list[tuple[str, str]] = []
        self.sent_settings: list[SettingsToSend] = []
        self.errors_before_write: list[BotError] = []
        self.errors_after_write: list[BotError] = []
        self.read_errors: dict[str, SegmentError] = {}
        self.read_count = 0
        self.gate: asyncio.Event | None = None
        self.distort: Callable[[Warehouse], Warehouse] = lambda each: each

    async def list_spaces(self) -> tuple[Space, ...]:
        return (PROD, STAGING)

    async def list_warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        self.read_count += 1
        if error := self.read_errors.get(space.slug):
            raise error
        return tuple(each for each in self.warehouses_by_id.values() if each.space == space)

    async def list_warehouse_types(self) -> tuple[WarehouseType, ...]:
        return load_catalog().types

    async def create_warehouse(
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
            self.warehouses_by_id[made.id] = self.distort(made)

        await self._write("create", made.id, settings, effect)
        return made

    async def update_warehouse(
        self,
        space: Space,
        warehouse_id: str,
        *,
        settings: SettingsToSend,
        enabled: bool,
        name: str | None = None,
        schema_name: str | None = None,
    ) -> Warehouse:
        old = self.warehouses_by_id[warehouse_id]
        merged = {**old.settings, **_plain(settings), **({"name": name} if name else {})}
        schema = schema_name if schema_name is not None else old.schema_name
        new = old.model_copy(update={"settings": merged, "enabled": enabled, "schema_name": schema})

        def effect() -> None:
            self.warehouses_by_id[warehouse_id] = self.distort(new)

        await self._write("update", warehouse_id, settings, effect)
        return new

    async def delete_warehouse(self, space: Space, warehouse_id: str) -> None:
        if warehouse_id not in self.warehouses_by_id:
            raise ResourceMissing("removeProfilesWarehouseFromSpace", 404)
        await self._write("delete", warehouse_id, {}, lambda: self.warehouses_by_id.pop(warehouse_id))

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        return ()

    async def validate_connection(self, metadata_id: str, settings: SettingsToSend) -> str:
        self.sent_settings.append(settings)
        return "CONNECTED"

    async def _write(
        self, verb: str, warehouse_id: str, settings: SettingsToSend, effect: Callable[[], object]
    ) -> None:
        self.writes.append((verb, warehouse_id))
        self.sent_settings.append(settings)
        if self.gate:
            await self.gate.wait()
        if self.errors_before_write:
            raise self.errors_before_write.pop(0)
        effect()
        if self.errors_after_write:
            raise self.errors_after_write.pop(0)


def _plain(settings: SettingsToSend) -> dict[str, object]:
    return {key: value for key, value in settings.items() if not isinstance(value, SecretStr)}


class FakeCards:
    """Cards as a list of (what was done, the request as it then was). `refusals` are raised in turn."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Request]] = []
        self.updated: list[Request] = []
        self.announced: list[tuple[Request, Transition, Warehouse | None]] = []
        self.notified: list[Request] = []
        self.errors: list[BotError] = []
        self.unreachable_channels: set[str] = set()
        self.retired: list[tuple[Card, Card]] = []

    async def post(self, request: Request, channel: str) -> Card:
        self._refuse()
        if channel in self.unreachable_channels:
            raise ChannelInaccessible(channel)
        self.posted.append((channel, request))
        return Card(channel=channel, ts=f"{len(self.posted)}.0")

    async def update(self, request: Request, card: Card) -> None:
        self._refuse()
        self.updated.append(request)

    async def notify_requester(self, request: Request) -> None:
        self._refuse()
        self.notified.append(request)

    async def retire_duplicate(self, duplicate: Card, request: Request, card: Card) -> None:
        self._refuse()
        self.retired.append((duplicate, card))

    async def announce_transition(
        self, request: Request, transition: Transition, card: Card, warehouse: Warehouse | None
    ) -> None:
        self._refuse()
        self.announced.append((request, transition, warehouse))

    def _refuse(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


class FakeDirectory:
    """People by id; everybody else is nobody that Slack knows.

    `empty` are groups without anybody, `unreadable` those that Slack refuses to list, with its code. While it is
    `silent`, Slack says nothing about anybody.
    """

    def __init__(self, *actors: Actor) -> None:
        self.actors = {each.id: each for each in actors}
        self.empty_groups: frozenset[str] = frozenset()
        self.group_problems: dict[str, str] = {}
        self.is_silent = False
        self.requested_ids: list[str] = []

    def add(self, *actors: Actor) -> None:
        """People come, or are different from now on."""
        self.actors |= {each.id: each for each in actors}

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        return self._known(user_id) if team_id else Actor(id=user_id, kind=ActorKind.OUTSIDER)

    async def get_actors(self, user_ids: frozenset[str]) -> dict[str, Actor]:
        self.requested_ids += sorted(user_ids)
        return {each: self._known(each).model_copy(update={"groups": frozenset()}) for each in user_ids}

    async def fetch_actors(self, user_ids: frozenset[str], groups: frozenset[str]) -> dict[str, Actor]:
        found = map(self._known, user_ids)
        return {each.id: each.model_copy(update={"groups": each.groups & groups}) for each in found}

    def _known(self, user_id: str) -> Actor:
        known = None if self.is_silent else self.actors.get(user_id)
        return known or Actor(id=user_id, kind=ActorKind.UNKNOWN)

    async def get_groups(self, names: frozenset[str]) -> dict[str, UserGroup]:
        return {} if self.is_silent else {name: self._group(name) for name in names}

    def _group(self, name: str) -> UserGroup:
        if name in self.group_problems:
            return UserGroup(id=name, error_code=self.group_problems[name])
        members = (each.id for each in self.actors.values() if name in each.groups and name not in self.empty_groups)
        return UserGroup(id=name, members=frozenset(members))


class FakeSecrets:
    """Secrets by name."""

    def __init__(self, **values: str) -> None:
        self.values = values

    async def list_names(self) -> tuple[str, ...]:
        return tuple(sorted(self.values))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        if ref.name not in self.values:
            raise SecretMissing(ref.name)
        return SecretStr(self.values[ref.name])
