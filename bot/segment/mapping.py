"""Map Segment's models to the domain's. Secrets, and values that Segment masks, are left out."""

from collections.abc import Set as AbstractSet

from pydantic import JsonValue

from bot.domain.text import to_one_line
from bot.domain.warehouses import Space, Warehouse, WarehouseType
from bot.segment import models as m
from bot.segment.catalog import Catalog

#: The most characters of the name of a space or a type.
_MAX_NAME_LENGTH = 100


def map_space(wire: m.WireSpace) -> Space:
    """Map a space."""
    return Space(id=wire.id, slug=_clean_name(wire.slug) or wire.id, name=_clean_name(wire.name) or wire.id)


def map_warehouse_type(wire: m.WireWarehouseType, catalog: Catalog) -> WarehouseType:
    """Map a warehouse type to the one in `catalog`; an unknown type has no settings."""
    name = _clean_name(wire.name) or wire.id
    return catalog.get_type(wire.id, _clean_name(wire.slug) or name, name)


def _clean_name(text: str) -> str:
    # Slack rejects a form whose menus have an invisible or too long name.
    return to_one_line(text, _MAX_NAME_LENGTH)


def map_warehouse(wire: m.WireWarehouse, space: Space, catalog: Catalog) -> Warehouse:
    """Map a warehouse of `space`, with the settings that are neither secret nor masked."""
    kind = map_warehouse_type(wire.metadata, catalog)
    secret_keys = {setting.name for setting in kind.settings if setting.is_secret} | catalog.secret_keys
    settings = {
        key: value
        for key, value in (wire.settings or {}).items()
        # Segment never masks a name, and a name may contain a bullet.
        if key == "name" or (key not in secret_keys and not _is_masked(value, secret_keys))
    }
    return Warehouse(
        id=wire.id, space=space, type=kind, enabled=wire.enabled, settings=settings, schema_name=wire.schema_name
    )


def _is_masked(value: JsonValue, secret_keys: AbstractSet[str]) -> bool:
    """Whether a value is, or contains at any depth, a secret or Segment's mask for one (SOURCES C3)."""
    if isinstance(value, str):
        return value.strip().casefold() == "<redacted>" or "•" in value
    if isinstance(value, dict):
        return any(key in secret_keys or _is_masked(inner, secret_keys) for key, inner in value.items())
    return isinstance(value, list) and any(_is_masked(inner, secret_keys) for inner in value)
