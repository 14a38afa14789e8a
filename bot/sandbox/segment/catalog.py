"""The warehouse types, and what is known of the settings of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import JsonValue

#: A key with one of these in its name is taken for a secret, even where the catalog doesn't know the key.
_SOUNDS_SECRET = ("password", "passphrase", "secret", "private_key", "token", "credentials", "ciphertext", "api_key")


@dataclass(frozen=True)
class SettingKey:
    """One key that a type's settings may carry; `written` is False for those that only Segment makes."""

    name: str
    type: str
    is_required: bool
    is_writable: bool


@dataclass(frozen=True)
class WarehouseType:
    """A warehouse type: `metadata` is the catalog's item in the API's own shape."""

    metadata: Mapping[str, JsonValue]
    id: str
    slug: str
    name: str
    supports_profiles_sync: bool
    keys: tuple[SettingKey, ...]

    def find_key(self, name: str) -> SettingKey | None:
        """What is known of the settings key `name`."""
        return next((key for key in self.keys if key.name == name), None)

    def list_missing_keys(self, given: Mapping[str, object]) -> list[str]:
        """The required keys that `given` hasn't; none where a unified credential stands in for the connection."""
        if given.get("credential_id"):
            return []
        return [key.name for key in self.keys if key.is_required and key.name not in given]

    def lacks_credentials(self, given: Mapping[str, object]) -> bool:
        """Whether this type takes a password or a key, by choice, and `given` has neither."""
        proofs = ("password", "private_key", "credential_id")
        return self.slug == "snowflake" and not any(given.get(proof) for proof in proofs)


def is_secret_key(name: str) -> bool:
    """Whether the value of the settings key `name` must never be shown."""
    plain = name.lower().replace("-", "_")
    return any(sound in plain for sound in _SOUNDS_SECRET)


@cache
def load_warehouse_types() -> Mapping[str, WarehouseType]:
    """The types that a workspace can connect, by metadata id, in the catalog's order."""
    text = resources.files("bot.domain").joinpath("segment-catalog.json").read_text("utf-8")
    read: dict[str, Any] = json.loads(text)
    offered = set(read["defaultCatalogSlugs"])
    return {item["id"]: _kind(item, read) for item in read["warehousesCatalog"] if item["slug"] in offered}


def find_warehouse_type(slug: str) -> WarehouseType:
    """The type that the catalog calls `slug`."""
    return next(kind for kind in load_warehouse_types().values() if kind.slug == slug)


def _kind(item: dict[str, Any], read: dict[str, Any]) -> WarehouseType:
    slug = item["slug"]
    return WarehouseType(
        metadata=item,
        id=item["id"],
        slug=slug,
        name=item["name"],
        supports_profiles_sync=slug in read["profilesSyncSlugs"],
        keys=tuple(_key(key) for key in read["settings"][slug]["keys"]),
    )


def _key(key: dict[str, Any]) -> SettingKey:
    return SettingKey(name=key["name"], type=key["type"], is_required=key["required"], is_writable=key["write"])
