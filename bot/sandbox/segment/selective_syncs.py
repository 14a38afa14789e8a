"""The operations on selective syncs: which collections and properties reach a warehouse."""

from copy import deepcopy
from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.body_validator import Body, Problems, flag_or_none, objects, text_or_none
from bot.sandbox.segment.errors import invalid
from bot.sandbox.segment.operations import Answer, Call
from bot.sandbox.segment.pagination import asked, paged
from bot.sandbox.segment.records import SelectiveSync


@dataclass(frozen=True)
class Override:
    """One collection, or one of its properties, to be turned on or off."""

    collection: str
    enabled: bool
    property: str | None


def list_syncs(call: Call) -> Answer:
    """The collections of a warehouse, in pages."""
    warehouse = call.state.warehouse(call.id("spaceId"), call.id("warehouseId"))
    items, page = paged(warehouse.sync.shown(warehouse.id), asked(call.query))
    return Answer(
        {
            "items": list(items),
            "enableEventTables": warehouse.sync.event_tables,
            "pagination": page.shown(call.state.switches.end_cursors),
        }
    )


def update_syncs(call: Call) -> Answer:
    """Turn collections, properties or all event tables on or off: all of what is asked, or none of it."""
    warehouse = call.state.warehouse(call.id("spaceId"), call.id("warehouseId"))
    after = _applied(warehouse.sync, call.body)
    if after == warehouse.sync:
        return Answer({"status": "UNCHANGED"})
    warehouse.sync = after
    call.state.trail.write(call.now, "Profiles Sync Warehouse Modified", warehouse.id, warehouse.name)
    return Answer({"status": "UPDATED"})


def _applied(before: SelectiveSync, body: Body) -> SelectiveSync:
    overrides = _overrides(body)
    after = deepcopy(before)
    event_tables = flag_or_none(body, "enableEventTables")
    after.event_tables = before.event_tables if event_tables is None else event_tables
    if overrides and not after.event_tables:
        raise invalid("syncOverrides", "is not supported while enableEventTables is false")
    for at, override in enumerate(overrides):
        _apply(after, override, f"syncOverrides[{at}]")
    return after


def _apply(sync: SelectiveSync, override: Override, path: str) -> None:
    collection = sync.collections.get(override.collection)
    if collection is None:
        raise invalid(f"{path}.collection", "is not a collection of this warehouse")
    if override.property is None:
        collection.enabled = override.enabled
    elif override.property in collection.properties:
        collection.properties[override.property] = override.enabled
    else:
        raise invalid(f"{path}.property", "is not a property of this collection")


def _overrides(body: Body) -> list[Override]:
    problems = Problems()
    problems.unknown(body, ("syncOverrides", "enableEventTables"))
    problems.typed(body, "syncOverrides", "array")
    problems.typed(body, "enableEventTables", "boolean")
    problems.refuse()
    given = body.get("syncOverrides", [])
    assert isinstance(given, list)
    for at, item in enumerate(given):
        _check(problems, item, f"syncOverrides[{at}]")
    problems.refuse()
    return [_override(objects(item)) for item in given]


def _check(problems: Problems, item: JsonValue, path: str) -> None:
    if not isinstance(item, dict):
        problems.add(path, "must be an object")
        return
    problems.unknown(item, ("collection", "enabled", "property"), f"{path}.")
    problems.required(item, ("collection", "enabled"), f"{path}.")
    problems.text(item, "collection", f"{path}.")
    problems.text(item, "property", f"{path}.")
    problems.typed(item, "enabled", "boolean", f"{path}.")


def _override(item: Body) -> Override:
    return Override(
        collection=text_or_none(item, "collection") or "",
        enabled=flag_or_none(item, "enabled") is True,
        property=text_or_none(item, "property"),
    )
