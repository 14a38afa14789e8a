"""The operations on selective syncs: which collections and properties reach a warehouse."""

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
    """One collection, or one of its properties, to be turned on or off."""

    collection: str
    enabled: bool
    property: str | None


def list_selective_syncs(call: Call) -> OperationResult:
    """The collections of a warehouse, in pages."""
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
    """Turn collections, properties or all event tables on or off: all of what is asked, or none of it."""
    warehouse = call.state.get_warehouse(call.read_path_id("spaceId"), call.read_path_id("warehouseId"))
    after = _applied(warehouse.selective_sync, call.body)
    if after == warehouse.selective_sync:
        return OperationResult({"status": "UNCHANGED"})
    warehouse.selective_sync = after
    call.state.audit_log.record(call.now, "Profiles Sync Warehouse Modified", warehouse.id, warehouse.name)
    return OperationResult({"status": "UPDATED"})


def _applied(before: SelectiveSync, body: Body) -> SelectiveSync:
    overrides = _overrides(body)
    after = deepcopy(before)
    event_tables = get_flag(body, "enableEventTables")
    after.event_tables_enabled = before.event_tables_enabled if event_tables is None else event_tables
    if overrides and not after.event_tables_enabled:
        raise invalid_field("syncOverrides", "is not supported while enableEventTables is false")
    for at, override in enumerate(overrides):
        _apply(after, override, f"syncOverrides[{at}]")
    return after


def _apply(sync: SelectiveSync, override: SyncOverride, path: str) -> None:
    collection = sync.collections.get(override.collection)
    if collection is None:
        raise invalid_field(f"{path}.collection", "is not a collection of this warehouse")
    if override.property is None:
        collection.enabled = override.enabled
    elif override.property in collection.properties:
        collection.properties[override.property] = override.enabled
    else:
        raise invalid_field(f"{path}.property", "is not a property of this collection")


def _overrides(body: Body) -> list[SyncOverride]:
    problems = BodyValidator()
    problems.check_unknown_fields(body, ("syncOverrides", "enableEventTables"))
    problems.check_type(body, "syncOverrides", "array")
    problems.check_type(body, "enableEventTables", "boolean")
    problems.raise_errors()
    given = body.get("syncOverrides", [])
    assert isinstance(given, list)
    for at, item in enumerate(given):
        _check(problems, item, f"syncOverrides[{at}]")
    problems.raise_errors()
    return [_override(as_object(item)) for item in given]


def _check(problems: BodyValidator, item: JsonValue, path: str) -> None:
    if not isinstance(item, dict):
        problems.add_error(path, "must be an object")
        return
    problems.check_unknown_fields(item, ("collection", "enabled", "property"), f"{path}.")
    problems.check_required_fields(item, ("collection", "enabled"), f"{path}.")
    problems.check_text(item, "collection", f"{path}.")
    problems.check_text(item, "property", f"{path}.")
    problems.check_type(item, "enabled", "boolean", f"{path}.")


def _override(item: Body) -> SyncOverride:
    return SyncOverride(
        collection=get_text(item, "collection") or "",
        enabled=get_flag(item, "enabled") is True,
        property=get_text(item, "property"),
    )
