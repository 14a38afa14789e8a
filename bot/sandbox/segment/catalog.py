"""The warehouse types and their settings keys, from the domain's catalog file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import JsonValue

#: A settings key with one of these in its name is a secret, even where the catalog doesn't list the key.
_SECRET_KEY_PARTS = ("password", "passphrase", "secret", "private_key", "token", "credentials", "ciphertext", "api_key")


@dataclass(frozen=True)
class SettingKey:
    """A settings key of a warehouse type; `is_writable` is False where only Segment sets it."""

    name: str
    type: str
    is_required: bool
    is_writable: bool


@dataclass(frozen=True)
class WarehouseType:
    """A warehouse type; `metadata` is the catalog item as the API returns it."""

    metadata: Mapping[str, JsonValue]
    id: str
    slug: str
    name: str
    supports_profiles_sync: bool
    keys: tuple[SettingKey, ...]

    def find_key(self, name: str) -> SettingKey | None:
        """Find the settings key `name`; None where the catalog doesn't list it."""
        return next((key for key in self.keys if key.name == name), None)

    def list_missing_keys(self, settings: Mapping[str, object]) -> list[str]:
        """List the required keys that `settings` lacks; none where it has a unified credential for the connection."""
        if settings.get("credential_id"):
            return []
        return [key.name for key in self.keys if key.is_required and key.name not in settings]

    def lacks_credentials(self, settings: Mapping[str, object]) -> bool:
        """Whether this type requires a password or a key and `settings` has neither; only Snowflake does."""
        credentials = ("password", "private_key", "credential_id")
        return self.slug == "snowflake" and not any(settings.get(key) for key in credentials)


def is_secret_key(name: str) -> bool:
    """Whether the settings key `name` is a secret, whose value is never shown."""
    normalized = name.lower().replace("-", "_")
    return any(part in normalized for part in _SECRET_KEY_PARTS)


@cache
def load_warehouse_types() -> Mapping[str, WarehouseType]:
    """Load the warehouse types that a workspace can connect, by metadata id, in the catalog's order."""
    text = resources.files("bot.domain").joinpath("segment-catalog.json").read_text("utf-8")
    catalog: dict[str, Any] = json.loads(text)
    slugs = set(catalog["defaultCatalogSlugs"])
    return {item["id"]: _build_type(item, catalog) for item in catalog["warehousesCatalog"] if item["slug"] in slugs}


def find_warehouse_type(slug: str) -> WarehouseType:
    """Return the warehouse type with this slug, which the catalog must have."""
    return next(each for each in load_warehouse_types().values() if each.slug == slug)


def _build_type(item: dict[str, Any], catalog: dict[str, Any]) -> WarehouseType:
    slug = item["slug"]
    return WarehouseType(
        metadata=item,
        id=item["id"],
        slug=slug,
        name=item["name"],
        supports_profiles_sync=slug in catalog["profilesSyncSlugs"],
        keys=tuple(_build_key(key) for key in catalog["settings"][slug]["keys"]),
    )


def _build_key(key: dict[str, Any]) -> SettingKey:
    return SettingKey(name=key["name"], type=key["type"], is_required=key["required"], is_writable=key["write"])
