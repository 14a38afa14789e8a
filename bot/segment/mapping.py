"""From the wire's words to the domain's nouns. What Segment hides, and every secret, stays behind here."""

from collections.abc import Set as AbstractSet

from pydantic import JsonValue

from bot.domain.text import to_one_line
from bot.domain.warehouses import Space, Warehouse, WarehouseType
from bot.segment import models as m
from bot.segment.catalog import Catalog

#: Characters of what a space or a type is called.
_LONGEST = 100


def map_space(wire: m.WireSpace) -> Space:
    """The space."""
    return Space(id=wire.id, slug=_name(wire.slug) or wire.id, name=_name(wire.name) or wire.id)


def map_warehouse_type(wire: m.WireWarehouseType, catalog: Catalog) -> WarehouseType:
    """The type as `catalog` knows it; else what the wire says, with no settings."""
    name = _name(wire.name) or wire.id
    return catalog.get_type(wire.id, _name(wire.slug) or name, name)


def _name(text: str) -> str:
    # Forms carry these and menus show them, so that what nobody can read or hold would close a form for good.
    return to_one_line(text, _LONGEST)


def map_warehouse(wire: m.WireWarehouse, space: Space, catalog: Catalog) -> Warehouse:
    """The warehouse, in the space `of`, with the settings that may be known."""
    kind = map_warehouse_type(wire.metadata, catalog)
    secret = {setting.name for setting in kind.settings if setting.is_secret} | catalog.secret_keys
    settings = {
        key: value
        for key, value in (wire.settings or {}).items()
        # People may well put a bullet into a name, which is never hidden.
        if key == "name" or (key not in secret and not _hides(value, secret))
    }
    return Warehouse(
        id=wire.id, space=space, type=kind, enabled=wire.enabled, settings=settings, schema_name=wire.schema_name
    )


def _hides(value: JsonValue, secret: AbstractSet[str]) -> bool:
    """Whether a value is, or holds at any depth, a secret or what Segment shows in its place (SOURCES C3)."""
    if isinstance(value, str):
        return value.strip().casefold() == "<redacted>" or "•" in value
    if isinstance(value, dict):
        return any(key in secret or _hides(inner, secret) for key, inner in value.items())
    return isinstance(value, list) and any(_hides(inner, secret) for inner in value)
