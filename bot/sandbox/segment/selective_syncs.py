"""The operations on selective syncs: the collections and properties that sync to a warehouse."""

from copy import deepcopy
from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.body_validator import Body, BodyValidator, as_object, get_flag, get_text
from bot.sandbox.segment.errors import invalid_field
from bot.sandbox.segment.operations import Call, OperationResult
from bot.sandbox.segment.pagination import paginate, parse_pagination
from bot.sandbox.segment.records import SelectiveSync


@dataclass(frozen=True)
class SyncOverride:
    """An override that turns a collection, or one of its properties, on or off."""

    collection: str
    enabled: bool
    property: str | None


def list_selective_syncs(call: Call) -> OperationResult:
    """List the collections of a warehouse, in pages."""
    warehouse = call.state.get_warehouse(call.read_path_id("spaceId"), call.read_path_id("warehouseId"))
    items, page = paginate(warehouse.selective_sync.to_json(warehouse.id), parse_pagination(call.query))
    return OperationResult(
        {
            "items": list(items),
            "enableEventTables": warehouse.selective_sync.event_tables_enabled,
            "pagination": page.to_json(call.state.switches.end_cursors),
        }
    )


def update_selective_syncs(call: Call) -> OperationResult:
    """Turn collections, properties or all event tables on or off; where one override is invalid, change nothing."""
    warehouse = call.state.get_warehouse(call.read_path_id("spaceId"), call.read_path_id("warehouseId"))
    new_sync = _apply_body(warehouse.selective_sync, call.body)
    if new_sync == warehouse.selective_sync:
        return OperationResult({"status": "UNCHANGED"})
    warehouse.selective_sync = new_sync
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Modified", warehouse.id, warehouse.name)
    return OperationResult({"status": "UPDATED"})


def _apply_body(sync: SelectiveSync, body: Body) -> SelectiveSync:
    overrides = _parse_overrides(body)
    new_sync = deepcopy(sync)
    event_tables_enabled = get_flag(body, "enableEventTables")
    if event_tables_enabled is not None:
        new_sync.event_tables_enabled = event_tables_enabled
    if overrides and not new_sync.event_tables_enabled:
        raise invalid_field("syncOverrides", "is not supported while enableEventTables is false")
    for index, override in enumerate(overrides):
        _apply_override(new_sync, override, f"syncOverrides[{index}]")
    return new_sync


def _apply_override(sync: SelectiveSync, override: SyncOverride, path: str) -> None:
    collection = sync.collections.get(override.collection)
    if collection is None:
        raise invalid_field(f"{path}.collection", "is not a collection of this warehouse")
    if override.property is None:
        collection.enabled = override.enabled
    elif override.property in collection.properties:
        collection.properties[override.property] = override.enabled
    else:
        raise invalid_field(f"{path}.property", "is not a property of this collection")


def _parse_overrides(body: Body) -> list[SyncOverride]:
    validator = BodyValidator()
    validator.check_unknown_fields(body, ("syncOverrides", "enableEventTables"))
    validator.check_type(body, "syncOverrides", "array")
    validator.check_type(body, "enableEventTables", "boolean")
    validator.raise_errors()
    items = body.get("syncOverrides", [])
    assert isinstance(items, list)
    for index, item in enumerate(items):
        _check_override(validator, item, f"syncOverrides[{index}]")
    validator.raise_errors()
    return [_parse_override(as_object(item)) for item in items]


def _check_override(validator: BodyValidator, item: JsonValue, path: str) -> None:
    if not isinstance(item, dict):
        validator.add_error(path, "must be an object")
        return
    validator.check_unknown_fields(item, ("collection", "enabled", "property"), f"{path}.")
    validator.check_required_fields(item, ("collection", "enabled"), f"{path}.")
    validator.check_text(item, "collection", f"{path}.")
    validator.check_text(item, "property", f"{path}.")
    validator.check_type(item, "enabled", "boolean", f"{path}.")


def _parse_override(item: Body) -> SyncOverride:
    return SyncOverride(
        collection=get_text(item, "collection") or "",
        enabled=get_flag(item, "enabled") is True,
        property=get_text(item, "property"),
    )
