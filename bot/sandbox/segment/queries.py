"""The operations that only read: workspace, spaces, catalog, audit trail."""

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import searched
from bot.sandbox.segment.catalog import kinds
from bot.sandbox.segment.errors import not_found
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.segment.operations import Answer, Call
from bot.sandbox.segment.pagination import asked, paged


def get_workspace(call: Call) -> Answer:
    """The workspace that owns the token."""
    return Answer({"workspace": call.state.workspace.shown()})


def list_spaces(call: Call) -> Answer:
    """The spaces, in pages."""
    spaces, page = paged(SPACES, asked(call.query))
    shown: list[JsonValue] = [space.shown() for space in spaces]
    return Answer({"spaces": shown, "pagination": page.shown(call.state.switches.end_cursors)})


def get_space(call: Call) -> Answer:
    """One space."""
    return Answer({"space": call.state.space(call.id("spaceId")).shown()})


def list_catalog(call: Call) -> Answer:
    """The warehouse types, in pages."""
    chosen, page = paged(list(kinds().values()), asked(call.query))
    shown: list[JsonValue] = [dict(kind.metadata) for kind in chosen]
    return Answer({"warehousesCatalog": shown, "pagination": page.shown(call.state.switches.end_cursors)})


def get_catalog_item(call: Call) -> Answer:
    """One warehouse type."""
    wanted = call.id("warehouseMetadataId")
    kind = kinds().get(wanted)
    if kind is None:
        raise not_found("Warehouse metadata", wanted)
    return Answer({"warehouseMetadata": dict(kind.metadata)})


def list_audit_events(call: Call) -> Answer:
    """The audit trail, newest first, in pages."""
    events, page = searched(call.state.trail, call.query, asked(call.query), call.now)
    shown: list[JsonValue] = [event.shown() for event in events]
    return Answer({"events": shown, "pagination": page.shown(call.state.switches.end_cursors)})
