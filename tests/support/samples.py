"""Values that many tests need, made as the product makes them."""

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Change, Delete, WarehouseSnapshot
from bot.domain.policy import Action, actions_of
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import Requirement
from bot.domain.warehouses import Space, Warehouse, WarehouseType
from bot.segment.catalog import load_catalog

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
PROD = Space(id="jDReNXTo5faeNsacSbUT3e", slug="prod", name="Production")
STAGING = Space(id="vLkiaULK45wsKgpkv4MJUC", slug="staging", name="Staging")

ALICE = Actor(id="U0ALICE", kind=ActorKind.MEMBER)
BOB = Actor(id="U0BOB", kind=ActorKind.MEMBER, groups=frozenset({"S0DATA"}))
CAROL = Actor(id="U0CAROL", kind=ActorKind.MEMBER, groups=frozenset({"S0DATA"}))


def later(seconds: float) -> datetime:
    """That many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def kind(slug: str) -> WarehouseType:
    """The type of the catalog."""
    return next(each for each in load_catalog().types if each.slug == slug)


def warehouse(
    name: str = "prod-snowflake",
    *,
    slug: str = "snowflake",
    warehouse_id: str = "",
    space: Space = PROD,
    enabled: bool = True,
    schema_name: str | None = "profiles",
    **settings: JsonValue,
) -> Warehouse:
    """A warehouse as Segment shows it."""
    return Warehouse(
        id=warehouse_id or f"w_{name}",
        space=space,
        type=kind(slug),
        enabled=enabled,
        schema_name=schema_name,
        settings={"name": name, **settings},
    )


def request(change: Change | None = None, needed: int = 1, request_id: str = "W-000001") -> Request:
    """A request that Alice just made; every action in it takes `needed` approvals."""
    change = change or Delete(target=WarehouseSnapshot.of(warehouse()))
    asked = [
        Requirement(action=action, approvals=needed, approvers="<!subteam^S0DATA>")
        for action in Action
        if action in actions_of(change) and needed
    ]
    return Request(
        id=request_id,
        change=change,
        asked_by=ALICE.id,
        asked_in="C0OPS",
        asked_at=NOON,
        requirements=tuple(asked),
    )
