"""The warehouse types of the catalog and what their settings carry, read from the package's own copy."""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import BaseModel, Field

from bot.domain.warehouses import Setting, WarehouseType


class _Key(BaseModel):
    name: str
    required: bool
    secret: bool
    label: str
    write: bool
    name_is_guess: bool = Field(alias="nameIsGuess")
    default: str | None = Field(default=None, alias="defaultValue")


class _Settings(BaseModel):
    keys: list[_Key]


class _Item(BaseModel):
    id: str
    slug: str
    name: str


class _File(BaseModel):
    profiles_sync: list[str] = Field(alias="profilesSyncSlugs")
    secret_keys: list[str] = Field(alias="secretKeys")
    items: list[_Item] = Field(alias="warehousesCatalog")
    settings: dict[str, _Settings]


class Catalog(NamedTuple):
    """What we know without asking: every type with its settings, the slugs that sync profiles, keys always secret."""

    types: tuple[WarehouseType, ...]
    profiles_sync_slugs: frozenset[str]
    secret_keys: frozenset[str]

    def get_type(self, metadata_id: str, slug: str, name: str) -> WarehouseType:
        """The known type of that id, or one that we know nothing of."""
        known = next((kind for kind in self.types if kind.metadata_id == metadata_id), None)
        return known or WarehouseType(metadata_id=metadata_id, slug=slug, name=name)

    def can_create(self, kind: WarehouseType) -> bool:
        """Whether a warehouse of that type can be created: it syncs profiles, or nobody told us what it does."""
        return kind.slug in self.profiles_sync_slugs or not kind.is_known


@cache
def load_catalog() -> Catalog:
    """The package's catalog; read once, at the first call."""
    text = (files("bot.domain") / "segment-catalog.json").read_text(encoding="utf-8")
    file = _File.model_validate(json.loads(text))
    types = tuple(_type(item, file.settings[item.slug]) for item in file.items if item.slug in file.settings)
    return Catalog(types, frozenset(file.profiles_sync), frozenset(file.secret_keys))


def _type(item: _Item, settings: _Settings) -> WarehouseType:
    # `name` travels beside the settings, not among them.
    keys = [key for key in settings.keys if key.name != "name"]
    return WarehouseType(
        metadata_id=item.id, slug=item.slug, name=item.name, settings=tuple(_setting(key) for key in keys)
    )


def _setting(key: _Key) -> Setting:
    return Setting(
        name=key.name,
        label=key.label,
        is_required=key.required,
        is_secret=key.secret,
        is_writable=key.write,
        name_is_guess=key.name_is_guess,
        default=key.default,
    )
