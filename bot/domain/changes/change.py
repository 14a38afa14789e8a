"""Changes that people ask for: create, update or delete a warehouse."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints

from bot.domain.changes.fingerprint import compute_fingerprint
from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.settings import count_hidden_settings, redact_value, select_visible_settings
from bot.domain.text import to_one_line
from bot.domain.warehouses import SecretRef, Space, Warehouse

#: Characters that a name may have.
_LONGEST = 255

WarehouseName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)]


class WarehouseSnapshot(FrozenModel):
    """A warehouse as it was when a change of it was requested.

    Names are stored as they are shown. `settings` has only settings that may be shown; `hidden` counts the others that
    are not secret. `fingerprint` covers all of it.
    """

    id: str
    name: str
    space: Space
    metadata_id: str
    type_slug: str
    type_name: str
    enabled: bool
    schema_name: str | None = None
    fingerprint: str
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    hidden: int = 0

    @classmethod
    def of(cls, warehouse: Warehouse) -> Self:
        """Take a snapshot of `warehouse` as it is now."""
        return cls(
            id=warehouse.id,
            name=to_one_line(warehouse.name, _LONGEST),
            space=warehouse.space,
            metadata_id=warehouse.type.metadata_id,
            type_slug=warehouse.type.slug,
            type_name=warehouse.type.name,
            enabled=warehouse.enabled,
            schema_name=warehouse.schema_name and to_one_line(warehouse.schema_name, _LONGEST),
            fingerprint=compute_fingerprint(warehouse),
            settings=select_visible_settings(warehouse.type, warehouse.settings),
            hidden=count_hidden_settings(warehouse),
        )


class Create(FrozenModel):
    """Create a warehouse. `secrets` has the references of its secret settings.

    `plain_keys` are the keys of `settings` that may be shown. `labels` has the labels of settings, by key.
    """

    kind: Literal["create"] = "create"
    space: Space
    metadata_id: str
    type_slug: str
    type_name: str
    name: WarehouseName
    schema_name: str | None = None
    enabled: bool = True
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = Field(default_factory=dict)
    plain_keys: tuple[str, ...] = ()
    labels: Mapping[str, str] = Field(default_factory=dict)

    @property
    def warehouse_name(self) -> str:
        """The name of the new warehouse."""
        return self.name


class Update(FrozenModel):
    """Change a warehouse. None and missing keys leave a value unchanged. `before` has the old value of each setting.

    A setting of None is cleared. `plain_keys` and `labels` are as in Create.
    """

    kind: Literal["update"] = "update"
    target: WarehouseSnapshot
    name: WarehouseName | None = None
    schema_name: str | None = None
    enabled: bool | None = None
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = Field(default_factory=dict)
    before: Mapping[str, JsonValue] = Field(default_factory=dict)
    plain_keys: tuple[str, ...] = ()
    labels: Mapping[str, str] = Field(default_factory=dict)

    @property
    def space(self) -> Space:
        """The space of its warehouse."""
        return self.target.space

    @property
    def warehouse_name(self) -> str:
        """The current name of the warehouse."""
        return self.target.name

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.settings or self.secrets) and (self.name, self.schema_name, self.enabled) == (None, None, None)

    @property
    def is_toggle(self) -> bool:
        """Whether it only turns the warehouse on or off."""
        return (
            self.enabled is not None and self.name is self.schema_name is None and not (self.settings or self.secrets)
        )


class Delete(FrozenModel):
    """Delete a warehouse."""

    kind: Literal["delete"] = "delete"
    target: WarehouseSnapshot

    @property
    def space(self) -> Space:
        """The space of its warehouse."""
        return self.target.space

    @property
    def warehouse_name(self) -> str:
        """The name of the warehouse."""
        return self.target.name


Change = Annotated[Create | Update | Delete, Field(discriminator="kind")]


def build_toggle(warehouse: Warehouse, *, enabled: bool) -> Update:
    """Build the update that turns `warehouse` on or off; it is empty if nothing would change."""
    return Update(target=WarehouseSnapshot.of(warehouse), enabled=None if warehouse.enabled is enabled else enabled)


def is_same_change(one: Change, other: Change) -> bool:
    """Whether both are the same change of the same warehouse; the snapshots may differ."""
    seen = {"target", "before"}
    targets = [None if isinstance(each, Create) else each.target.id for each in (one, other)]
    return targets[0] == targets[1] and one.model_dump(exclude=seen) == other.model_dump(exclude=seen)


def change_verb(change: Change) -> str:
    """The verb for the change: create, update, enable, disable or delete."""
    match change:
        case Update(is_toggle=True):
            return "enable" if change.enabled else "disable"
        case _:
            return change.kind


def to_audit_json(change: Change) -> dict[str, JsonValue]:
    """Write `change` as JSON for the audit log, without settings that may not be shown."""
    kept: dict[str, JsonValue] = change.model_dump(mode="json")
    if isinstance(change, Delete):
        return kept
    for part in ("settings", *(["before"] if isinstance(change, Update) else [])):
        values: Mapping[str, JsonValue] = getattr(change, part)
        kept[part] = {key: redact_value(key, value, change.plain_keys) for key, value in values.items()}
    return kept


def invert_change(change: Update, now: WarehouseSnapshot) -> Update:
    """Build the update that undoes `change` on the warehouse as it is `now`. Credentials can't be undone."""
    was = change.target
    return Update(
        target=now,
        name=was.name if change.name is not None else None,
        schema_name=was.schema_name if change.schema_name is not None else None,
        enabled=was.enabled if change.enabled is not None else None,
        settings={key: change.before.get(key, "") for key in change.settings},
        before={key: now.settings[key] for key in change.settings if key in now.settings},
        plain_keys=change.plain_keys,
        labels=change.labels,
    )


def rebase_change(change: Update | Delete, now: Warehouse) -> Update | Delete:
    """Build the same change for the warehouse as it is `now`."""
    match change:
        case Delete():
            return Delete(target=WarehouseSnapshot.of(now))
        case Update():
            target = WarehouseSnapshot.of(now)
            before = {key: target.settings[key] for key in change.settings if key in target.settings}
            return change.model_copy(update={"target": target, "before": before})
