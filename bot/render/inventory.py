"""Messages that show warehouses: a list, one warehouse, and a choice between several."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.changes.change import change_verb
from bot.domain.commands import commands
from bot.domain.commands.list_query import WarehousePage
from bot.domain.commands.parser import format_command
from bot.domain.redaction.settings import redact_settings
from bot.domain.requests.request import StoredRequest
from bot.domain.warehouses import Warehouse
from bot.render.blocks import (
    Block,
    Choice,
    Message,
    actions,
    button,
    context,
    overflow,
    render_message,
    section,
)
from bot.render.mrkdwn import code, escape, escape_except_code, format_date_time, format_time, mention, pluralise
from bot.render.phrases import format_headline, mention_approvers

#: Maximum characters of a menu option's value; a menu with a longer command is left out.
_MENU_VALUE = 75


def render_warehouse_list(listing: WarehousePage) -> Message:
    """Return one page of warehouses, with a menu for each and buttons for other pages."""
    blocks = [section(_summary(listing))]
    blocks += _describe_unreadable(listing)
    blocks += [_row(warehouse) for warehouse in listing.warehouses] or [_render_empty(listing)]
    blocks.append(context(f"page {listing.query.page} of {listing.page_count} · as of {format_time(listing.read_at)}"))
    blocks.append(actions(*_page_buttons(listing)))
    return render_message(blocks)


def _describe_unreadable(listing: WarehousePage) -> Sequence[Block]:
    if not listing.unreadable_spaces:
        return []
    first = listing.unreadable_spaces[0]
    others = f" and {len(listing.unreadable_spaces) - 1} more" if len(listing.unreadable_spaces) > 1 else ""
    return [section(f"⚠️ {code(first.space.slug)}{others} could not be read: {escape_except_code(first.user_message)}")]


def _summary(listing: WarehousePage) -> str:
    query = listing.query
    where = ", ".join(code(space.slug) for space in listing.spaces[:5])
    more = f" and {len(listing.spaces) - 5} more" if len(listing.spaces) > 5 else ""
    parts = ["*Profiles Sync warehouses*", f"{listing.total} in {where}{more}" if where else "no spaces"]
    if listing.disabled_count and query.enabled is None:
        parts.append(f"{listing.disabled_count} disabled")
    parts += [f"type {code(query.type)}"] if query.type else []
    parts += ["only those enabled" if query.enabled else "only those disabled"] if query.enabled is not None else []
    parts += [f"with {code(query.find)}"] if query.find else []
    return " · ".join(parts)


def _row(warehouse: Warehouse) -> Block:
    schema = f" · schema {code(warehouse.schema_name)}" if warehouse.schema_name else ""
    text = f"{format_headline(warehouse)}\nspace {code(warehouse.space.slug)}{schema} · {code(warehouse.id)}"
    return section(text, _menu(warehouse, details=True))


def _menu(warehouse: Warehouse, *, details: bool) -> Block | None:
    switch = commands.Disable if warehouse.enabled else commands.Enable
    choices = [Choice("Details", format_command(commands.Show(warehouse=warehouse.id)))] if details else []
    choices += [
        Choice("Update…", format_command(commands.Update(warehouse=warehouse.id))),
        Choice("Disable" if warehouse.enabled else "Enable", format_command(switch(warehouse=warehouse.id))),
        Choice("Delete", format_command(commands.Delete(warehouse=warehouse.id))),
    ]
    fits = all(len(choice.value) <= _MENU_VALUE for choice in choices)
    return overflow("menu", choices) if fits else None


def _render_empty(listing: WarehousePage) -> Block:
    query = listing.query
    if not listing.spaces:
        return section("There is no space to work in: the token sees none, or SEGMENT_SPACES names none that it sees.")
    if query.type or query.find or query.enabled is not None:
        return section("Nothing matches. `/warehouse list` shows what there is.")
    create = commands.Create(space=listing.spaces[0].slug if len(listing.spaces) == 1 else None)
    return section(
        f"No warehouses yet. `/warehouse {escape(format_command(create))}` connects one.",
        _command_button("Create…", create),
    )


def _page_buttons(listing: WarehousePage) -> Sequence[Block]:
    query, page = listing.query, listing.query.page
    turns = []
    if page > 1:
        turns.append(button("Previous", "page:previous", format_command(query.model_copy(update={"page": page - 1}))))
    if page < listing.page_count:
        turns.append(button("Next", "page:next", format_command(query.model_copy(update={"page": page + 1}))))
    return [*turns, button("Refresh", "page:refresh", format_command(query))]


def _command_button(label: str, command: commands.Command, name: str = "it") -> Block:
    return button(label, f"run:{name}", format_command(command))


def render_warehouse(warehouse: Warehouse, at: datetime, last: StoredRequest | None = None) -> Message:
    """Return one warehouse with redacted settings."""
    return render_message(
        [
            section("\n".join(describe_warehouse(warehouse)), _menu(warehouse, details=False)),
            context(" · ".join([*_last_change(last), f"as of {format_time(at)}"])),
        ]
    )


def describe_warehouse(warehouse: Warehouse) -> Sequence[str]:
    """Return the lines that describe a warehouse, redacted."""
    redacted = redact_settings(warehouse)
    schema = f" · schema {code(warehouse.schema_name)}" if warehouse.schema_name else ""
    lines = [format_headline(warehouse), f"space {code(warehouse.space.slug)}{schema} · id {code(warehouse.id)}"]
    if redacted.visible_settings:
        lines.append(" · ".join(f"{escape(entry.key)} {code(entry.text)}" for entry in redacted.visible_settings))
    hidden = [f"{escape(name)} _hidden_" for name in redacted.secret_keys]
    hidden += [f"{escape(entry.key)} _{entry.text}: it looks like a secret_" for entry in redacted.masked_settings]
    if redacted.unknown_count:
        hidden.append(f"{redacted.unknown_count} {pluralise('setting', redacted.unknown_count)} we don't know, hidden")
    return [*lines, " · ".join(hidden)] if hidden else lines


def _last_change(last: StoredRequest | None) -> Sequence[str]:
    if last is None or last.request.last_transition is None:
        return []
    request, at = last.request, last.request.last_transition.at
    done = {"create": "created", "update": "updated", "enable": "enabled", "disable": "disabled", "delete": "deleted"}
    by = f", approved by {mention_approvers(request)}" if request.approvals else ""
    return [
        f"last change: {mention(request.asked_by)} {done[change_verb(request.change)]} it {format_date_time(at)}{by}"
    ]


def render_warehouse_choice(wanted: str, matches: Sequence[Warehouse], command: str) -> Message:
    """Ask which of several warehouses of one name is meant; a button runs `command` on it."""
    rows = []
    for number, warehouse in enumerate(matches[:20]):
        text = f"{format_headline(warehouse)}\nspace {code(warehouse.space.slug)} · {code(warehouse.id)}"
        rows.append(section(text, button("This one", f"run:{number}", f"{command} {warehouse.id}")))
    return render_message([section(f"{len(matches)} warehouses are called {code(wanted)}. Which one?"), *rows])
