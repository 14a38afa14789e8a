"""What the local Segment keeps of a warehouse, and how it is shown."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.sandbox.segment.catalog import Kind, is_secret
from bot.sandbox.segment.masking import BULLETS, REDACTED, is_redaction, masked
from bot.sandbox.segment.pagination import encoded
from bot.sandbox.segment.switches import Switches

Settings = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Secret:
    """A stored secret: enough to tell whether a value is the same, never the value."""

    digest: str
    was_redaction: bool

    @classmethod
    def of(cls, value: JsonValue) -> "Secret":
        """What is kept of `value`."""
        text = json.dumps(value, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest(), is_redaction(value))


@dataclass
class Collection:
    """A table that syncs to the warehouse, and its properties: on or off."""

    enabled: bool
    properties: dict[str, bool]


@dataclass
class SelectiveSync:
    """What syncs to one warehouse."""

    event_tables: bool = True
    collections: dict[str, Collection] = field(default_factory=dict)

    def shown(self, warehouse_id: str) -> list[JsonValue]:
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
    kind: Kind
    name: str
    enabled: bool
    schema_name: str
    settings: dict[str, JsonValue]
    secrets: dict[str, Secret]
    sync: SelectiveSync
    older: bool = False
    replaced: int = 0

    def change(self, settings: Settings, how: str) -> None:
        """Merge `settings` into the present ones, or put them in their place."""
        plain, secrets = split(self.kind, settings)
        kept: dict[str, Secret] = self.secrets if how == "merge" else {}
        base: dict[str, JsonValue] = self.settings if how == "merge" else {}
        self.replaced += (kept | secrets) != self.secrets
        self.settings, self.secrets = base | plain, kept | secrets

    def shown(self, workspace_id: str, switches: Switches) -> dict[str, JsonValue]:
        """The warehouse in the API's shape."""
        return {
            "id": self.id,
            "spaceId": self.space_id,
            "workspaceId": workspace_id,
            "enabled": self.enabled,
            "metadata": dict(self.kind.metadata),
            "settings": {**self.settings, **dict(self._added()), **self._read_back(switches)},
            "schemaName": self.schema_name,
        }

    def described(self) -> dict[str, object]:
        """The warehouse for the control API and the page: which secrets are set, and none of their values."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.kind.name,
            "slug": self.kind.slug,
            "enabled": self.enabled,
            "schemaName": self.schema_name,
            "settings": masked({**self.settings, **dict(self._added())}),
            "secrets": {key: _state(secret) for key, secret in self.secrets.items()},
            "credentialsReplaced": self.replaced,
            "enableEventTables": self.sync.event_tables,
            "selectiveSyncs": self.sync.shown(self.id),
        }

    def _added(self) -> Iterator[tuple[str, JsonValue]]:
        yield "name", self.name
        yield "encrypted", True
        if self.kind.key("host") and "hostname" in self.settings:
            yield "host", self.settings["hostname"]
        if self.older:
            yield "ciphertext", self._ciphertext()

    def _ciphertext(self) -> str:
        return encoded("kms:" + ".".join(secret.digest for secret in self.secrets.values()))

    def _read_back(self, switches: Switches) -> Settings:
        marks = {"redacted": REDACTED, "bullets": BULLETS}
        mark = marks.get(switches.secrets)
        return dict.fromkeys(self.secrets, mark) if mark else {}


def split(kind: Kind, settings: Settings) -> tuple[dict[str, JsonValue], dict[str, Secret]]:
    """What a client may write, as plain settings and as secrets; the name and what Segment makes are left out."""
    written = {key: value for key, value in settings.items() if key != "name" and _is_written(kind, key)}
    plain = {key: value for key, value in written.items() if not is_secret(key)}
    return plain, {key: Secret.of(value) for key, value in written.items() if is_secret(key)}


def _is_written(kind: Kind, name: str) -> bool:
    key = kind.key(name)
    return key is None or key.written


def _state(secret: Secret) -> str:
    return "a redaction mark" if secret.was_redaction else "set"
