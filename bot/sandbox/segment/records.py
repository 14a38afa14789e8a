"""What the local Segment keeps of a warehouse, and how it is shown."""

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
    """A stored secret: enough to tell whether a value is the same, never the value."""

    digest: str
    is_redaction_mark: bool

    @classmethod
    def from_value(cls, value: JsonValue) -> "StoredSecret":
        """What is kept of `value`."""
        text = json.dumps(value, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest(), is_redaction_mark(value))


@dataclass
class Collection:
    """A table that syncs to the warehouse, and its properties: on or off."""

    enabled: bool
    properties: dict[str, bool]


@dataclass
class SelectiveSync:
    """What syncs to one warehouse."""

    event_tables_enabled: bool = True
    collections: dict[str, Collection] = field(default_factory=dict)

    def to_json(self, warehouse_id: str) -> list[JsonValue]:
        """The items in the API's shape."""
        return [
            {
                "collection": name,
                "warehouseId": warehouse_id,
                "enabled": collection.enabled,
                "properties": {key: {"enabled": on, "type": "string"} for key, on in collection.properties.items()},
            }
            for name, collection in self.collections.items()
        ]


@dataclass
class Warehouse:
    """A Profiles Sync warehouse. `older` ones read back a ciphertext; `replaced` counts changes of credentials."""

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

    def update_settings(self, settings: Settings, how: str) -> None:
        """Merge `settings` into the present ones, or put them in their place."""
        plain, secrets = split_secrets(self.type, settings)
        kept: dict[str, StoredSecret] = self.secrets if how == "merge" else {}
        base: dict[str, JsonValue] = self.settings if how == "merge" else {}
        self.credential_changes += (kept | secrets) != self.secrets
        self.settings, self.secrets = base | plain, kept | secrets

    def to_json(self, workspace_id: str, switches: Switches) -> dict[str, JsonValue]:
        """The warehouse in the API's shape."""
        return {
            "id": self.id,
            "spaceId": self.space_id,
            "workspaceId": workspace_id,
            "enabled": self.enabled,
            "metadata": dict(self.type.metadata),
            "settings": {**self.settings, **dict(self._added()), **self._read_back(switches)},
            "schemaName": self.schema_name,
        }

    def snapshot(self) -> dict[str, object]:
        """The warehouse for the control API and the page: which secrets are set, and none of their values."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type.name,
            "slug": self.type.slug,
            "enabled": self.enabled,
            "schemaName": self.schema_name,
            "settings": mask_secrets({**self.settings, **dict(self._added())}),
            "secrets": {key: _state(secret) for key, secret in self.secrets.items()},
            "credentialsReplaced": self.credential_changes,
            "enableEventTables": self.selective_sync.event_tables_enabled,
            "selectiveSyncs": self.selective_sync.to_json(self.id),
        }

    def _added(self) -> Iterator[tuple[str, JsonValue]]:
        yield "name", self.name
        yield "encrypted", True
        if self.type.find_key("host") and "hostname" in self.settings:
            yield "host", self.settings["hostname"]
        if self.returns_ciphertext:
            yield "ciphertext", self._ciphertext()

    def _ciphertext(self) -> str:
        return encode_base64("kms:" + ".".join(secret.digest for secret in self.secrets.values()))

    def _read_back(self, switches: Switches) -> Settings:
        marks = {"redacted": REDACTED_MARK, "bullets": BULLETS_MARK}
        mark = marks.get(switches.secrets)
        return dict.fromkeys(self.secrets, mark) if mark else {}


def split_secrets(kind: WarehouseType, settings: Settings) -> tuple[dict[str, JsonValue], dict[str, StoredSecret]]:
    """What a client may write, as plain settings and as secrets; the name and what Segment makes are left out."""
    written = {key: value for key, value in settings.items() if key != "name" and _is_written(kind, key)}
    plain = {key: value for key, value in written.items() if not is_secret_key(key)}
    return plain, {key: StoredSecret.from_value(value) for key, value in written.items() if is_secret_key(key)}


def _is_written(kind: WarehouseType, name: str) -> bool:
    key = kind.find_key(name)
    return key is None or key.is_writable


def _state(secret: StoredSecret) -> str:
    return "a redaction mark" if secret.is_redaction_mark else "set"
