"""Compare warehouses and changes: what a change changes, what changed meanwhile, and what was not carried out."""

from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.settings import format_scalar, redact_value
from bot.domain.warehouses import Warehouse


class Difference(FrozenModel):
    """One difference: the label, the old value and the new value; "" stands for no value."""

    what: str
    before: str
    after: str


def find_drift(target: WarehouseSnapshot, warehouse: Warehouse) -> tuple[Difference, ...]:
    """List the differences between `warehouse` and the snapshot `target` that may be shown.

    The list is empty if only hidden settings changed; the fingerprints differ then.
    """
    now = WarehouseSnapshot.of(warehouse)
    pairs = [
        ("name", target.name, now.name),
        ("sync", _on(target.enabled), _on(now.enabled)),
        ("schema", target.schema_name or "", now.schema_name or ""),
    ]
    keys = sorted((target.settings.keys() | now.settings.keys()) - {"name"})
    pairs += [(key, format_scalar(target.settings.get(key)), format_scalar(now.settings.get(key))) for key in keys]
    return tuple(Difference(what=what, before=old, after=new) for what, old, new in pairs if old != new)


def list_differences(change: Update) -> tuple[Difference, ...]:
    """List what `change` changes, without secrets: first the warehouse itself, then its settings in order."""
    target = change.target
    pairs = [
        ("name", target.name, change.name),
        ("sync", _on(target.enabled), None if change.enabled is None else _on(change.enabled)),
        ("schema", target.schema_name or "", change.schema_name),
    ]
    for key, value in change.settings.items():
        before, after = (redact_value(key, each, change.plain_keys) for each in (change.before.get(key), value))
        pairs.append((change.labels.get(key, key), before, after))
    return tuple(Difference(what=what, before=old, after=new) for what, old, new in pairs if new is not None)


def find_unapplied_fields(change: Create | Update, warehouse: Warehouse) -> tuple[str, ...]:
    """List the fields of `change` that `warehouse`, as it was read back, does not show.

    Secrets are never returned by Segment, so they are not compared.
    """
    wanted: dict[str, object] = dict(change.settings)
    if change.name is not None:
        wanted["name"] = change.name
    wrong = [key for key, value in wanted.items() if not _same(warehouse.settings.get(key), value)]
    if change.enabled is not None and warehouse.enabled is not change.enabled:
        wrong.append("enabled")
    if change.schema_name is not None and warehouse.schema_name != change.schema_name:
        wrong.append("schema")
    return tuple(wrong)


def _same(read: object, wanted: object) -> bool:
    # A port comes back as a string or as a number; an emptied setting comes back empty or not at all.
    return (read or None) == (wanted or None) or (read is not None and wanted is not None and str(read) == str(wanted))


def _on(enabled: bool) -> str:
    return "on" if enabled else "off"
