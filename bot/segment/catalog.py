"""The warehouse types that the bot knows, with their settings, read from the package's own catalog file."""

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


class _CatalogFile(BaseModel):
    profiles_sync: list[str] = Field(alias="profilesSyncSlugs")
    secret_keys: list[str] = Field(alias="secretKeys")
    items: list[_Item] = Field(alias="warehousesCatalog")
    settings: dict[str, _Settings]


class Catalog(NamedTuple):
    """The known warehouse types, the slugs of those that sync profiles, and the keys that are always secret."""

    types: tuple[WarehouseType, ...]
    profiles_sync_slugs: frozenset[str]
    secret_keys: frozenset[str]

    def get_type(self, metadata_id: str, slug: str, name: str) -> WarehouseType:
        """Return the known type with this id, or a new one without settings."""
        known = next((kind for kind in self.types if kind.metadata_id == metadata_id), None)
        return known or WarehouseType(metadata_id=metadata_id, slug=slug, name=name)

    def can_create(self, kind: WarehouseType) -> bool:
        """Whether a warehouse of this type can be created: the type syncs profiles, or is unknown."""
        return kind.slug in self.profiles_sync_slugs or not kind.is_known


@cache
def load_catalog() -> Catalog:
    """Return the package's catalog; it is read once, at the first call."""
    text = (files("bot.domain") / "segment-catalog.json").read_text(encoding="utf-8")
    file = _CatalogFile.model_validate(json.loads(text))
    types = tuple(_build_type(item, file.settings[item.slug]) for item in file.items if item.slug in file.settings)
    return Catalog(types, frozenset(file.profiles_sync), frozenset(file.secret_keys))


def _build_type(item: _Item, settings: _Settings) -> WarehouseType:
    # The API has `name` beside the settings, not among them.
    keys = [key for key in settings.keys if key.name != "name"]
    return WarehouseType(
        metadata_id=item.id, slug=item.slug, name=item.name, settings=tuple(_build_setting(key) for key in keys)
    )


def _build_setting(key: _Key) -> Setting:
    return Setting(
        name=key.name,
        label=key.label,
        is_required=key.required,
        is_secret=key.secret,
        is_writable=key.write,
        name_is_guess=key.name_is_guess,
        default=key.default,
    )
