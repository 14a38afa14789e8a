"""The records of warehouses, and their JSON for the API, the control API and the page."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.sandbox.segment.catalog import WarehouseType, is_secret_key
from bot.sandbox.segment.masking import BULLETS_MARK, REDACTED_MARK, is_redaction_mark, mask_secrets
from bot.sandbox.segment.pagination import encode_base64
from bot.sandbox.segment.switches import Switches

Settings = Mapping[str, JsonValue]


@dataclass(frozen=True)
class StoredSecret:
    """A stored secret: its digest, to compare it with a value, and never the value."""

    digest: str
    is_redaction_mark: bool

    @classmethod
    def from_value(cls, value: JsonValue) -> "StoredSecret":
        """Build the record of a secret value."""
        text = json.dumps(value, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest(), is_redaction_mark(value))


@dataclass
class Collection:
    """A collection, and its properties; each is on or off."""

    enabled: bool
    properties: dict[str, bool]


@dataclass
class SelectiveSync:
    """The collections that sync to a warehouse, and whether event tables do."""

    event_tables_enabled: bool = True
    collections: dict[str, Collection] = field(default_factory=dict)

    def to_json(self, warehouse_id: str) -> list[JsonValue]:
        """Convert to the API's JSON items."""
        return [
            {
                "collection": name,
                "warehouseId": warehouse_id,
                "enabled": collection.enabled,
                "properties": {
                    key: {"enabled": enabled, "type": "string"} for key, enabled in collection.properties.items()
                },
            }
            for name, collection in self.collections.items()
        ]


@dataclass
class Warehouse:
    """A Profiles Sync warehouse.

    Segment returns a ciphertext of the secrets of older warehouses (`returns_ciphertext`). `credential_changes` counts
    the updates that changed a secret.
    """

    id: str
    space_id: str
    type: WarehouseType
    name: str
    enabled: bool
    schema_name: str
    settings: dict[str, JsonValue]
    secrets: dict[str, StoredSecret]
    selective_sync: SelectiveSync
    returns_ciphertext: bool = False
    credential_changes: int = 0

    def update_settings(self, settings: Settings, mode: str) -> None:
        """Merge `settings` into the stored ones where `mode` is "merge"; else replace the stored ones."""
        new_settings, new_secrets = split_secrets(self.type, settings)
        if mode == "merge":
            new_settings, new_secrets = self.settings | new_settings, self.secrets | new_secrets
        self.credential_changes += new_secrets != self.secrets
        self.settings, self.secrets = new_settings, new_secrets

    def to_json(self, workspace_id: str, switches: Switches) -> dict[str, JsonValue]:
        """Convert to the API's JSON."""
        return {
            "id": self.id,
            "spaceId": self.space_id,
            "workspaceId": workspace_id,
            "enabled": self.enabled,
            "metadata": dict(self.type.metadata),
            "settings": {**self.settings, **dict(self._generate_settings()), **self._mark_secrets(switches)},
            "schemaName": self.schema_name,
        }

    def snapshot(self) -> dict[str, object]:
        """Convert to JSON for the control API and the page, which shows which secrets are set, but no values."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type.name,
            "slug": self.type.slug,
            "enabled": self.enabled,
            "schemaName": self.schema_name,
            "settings": mask_secrets({**self.settings, **dict(self._generate_settings())}),
            "secrets": {key: _describe_secret(secret) for key, secret in self.secrets.items()},
            "credentialsReplaced": self.credential_changes,
            "enableEventTables": self.selective_sync.event_tables_enabled,
            "selectiveSyncs": self.selective_sync.to_json(self.id),
        }

    def _generate_settings(self) -> Iterator[tuple[str, JsonValue]]:
        yield "name", self.name
        yield "encrypted", True
        if self.type.find_key("host") and "hostname" in self.settings:
            yield "host", self.settings["hostname"]
        if self.returns_ciphertext:
            yield "ciphertext", self._build_ciphertext()

    def _build_ciphertext(self) -> str:
        return encode_base64("kms:" + ".".join(secret.digest for secret in self.secrets.values()))

    def _mark_secrets(self, switches: Switches) -> Settings:
        marks = {"redacted": REDACTED_MARK, "bullets": BULLETS_MARK}
        mark = marks.get(switches.secrets)
        return dict.fromkeys(self.secrets, mark) if mark else {}


def split_secrets(
    warehouse_type: WarehouseType, settings: Settings
) -> tuple[dict[str, JsonValue], dict[str, StoredSecret]]:
    """Split the settings that a client may write into plain ones and secrets, without the name."""
    writable = {key: value for key, value in settings.items() if key != "name" and _is_writable(warehouse_type, key)}
    plain = {key: value for key, value in writable.items() if not is_secret_key(key)}
    return plain, {key: StoredSecret.from_value(value) for key, value in writable.items() if is_secret_key(key)}


def _is_writable(warehouse_type: WarehouseType, name: str) -> bool:
    key = warehouse_type.find_key(name)
    return key is None or key.is_writable


def _describe_secret(secret: StoredSecret) -> str:
    return "a redaction mark" if secret.is_redaction_mark else "set"
