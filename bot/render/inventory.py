"""What the looking commands post: a list, one warehouse, the open requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.changes.change import verb
from bot.domain.commands import commands
from bot.domain.commands.list_query import Listing
from bot.domain.commands.parser import write
from bot.domain.redaction.settings import redact
from bot.domain.requests.request import Request, State, Stored
from bot.domain.warehouses import Warehouse
from bot.render.approvals import requirement_lines
from bot.render.blocks import (
    Block,
    Choice,
    Message,
    actions,
    button,
    context,
    message,
    overflow,
    section,
)
from bot.render.mrkdwn import approved_by, clock, code, day, escape, headline, person, spoken, which

#: An option's value may be 75 characters long; a menu whose commands don't fit is left out.
_MENU_VALUE = 75


def list_message(listing: Listing) -> Message:
    """One page of warehouses, with a menu on each and buttons to turn the page."""
    blocks = [section(_summary(listing))]
    blocks += _unread(listing)
    blocks += [_row(warehouse) for warehouse in listing.rows] or [_nothing(listing)]
    blocks.append(context(f"page {listing.query.page} of {listing.pages} · as of {clock(listing.at)}"))
    blocks.append(actions(*_turns(listing)))
    return message(blocks)


def _unread(listing: Listing) -> Sequence[Block]:
    if not listing.unread:
        return []
    first = listing.unread[0]
    others = f" and {len(listing.unread) - 1} more" if len(listing.unread) > 1 else ""
    return [section(f"⚠️ {code(first.space.slug)}{others} could not be read: {spoken(first.says)}")]


def _summary(listing: Listing) -> str:
    query = listing.query
    where = ", ".join(code(space.slug) for space in listing.spaces[:5])
    more = f" and {len(listing.spaces) - 5} more" if len(listing.spaces) > 5 else ""
    parts = ["*Profiles Sync warehouses*", f"{listing.total} in {where}{more}" if where else "no spaces"]
    if listing.disabled and query.enabled is None:
        parts.append(f"{listing.disabled} disabled")
    parts += [f"type {code(query.type)}"] if query.type else []
    parts += ["only those enabled" if query.enabled else "only those disabled"] if query.enabled is not None else []
    parts += [f"with {code(query.find)}"] if query.find else []
    return " · ".join(parts)


def _row(warehouse: Warehouse) -> Block:
    schema = f" · schema {code(warehouse.schema_name)}" if warehouse.schema_name else ""
    text = f"{headline(warehouse)}\nspace {code(warehouse.space.slug)}{schema} · {code(warehouse.id)}"
    return section(text, _menu(warehouse, details=True))


def _menu(warehouse: Warehouse, *, details: bool) -> Block | None:
    switch = commands.Disable if warehouse.enabled else commands.Enable
    choices = [Choice("Details", write(commands.Show(warehouse=warehouse.id)))] if details else []
    choices += [
        Choice("Update…", write(commands.Update(warehouse=warehouse.id))),
        Choice("Disable" if warehouse.enabled else "Enable", write(switch(warehouse=warehouse.id))),
        Choice("Delete", write(commands.Delete(warehouse=warehouse.id))),
    ]
    fits = all(len(choice.value) <= _MENU_VALUE for choice in choices)
    return overflow("menu", choices) if fits else None


def _nothing(listing: Listing) -> Block:
    query = listing.query
    if not listing.spaces:
        return section("There is no space to work in: the token sees none, or SEGMENT_SPACES names none that it sees.")
    if query.type or query.find or query.enabled is not None:
        return section("Nothing matches. `/warehouse list` shows what there is.")
    create = commands.Create(space=listing.spaces[0].slug if len(listing.spaces) == 1 else None)
    return section(f"No warehouses yet. `/warehouse {escape(write(create))}` connects one.", _run("Create…", create))


def _turns(listing: Listing) -> Sequence[Block]:
    query, page = listing.query, listing.query.page
    turns = []
    if page > 1:
        turns.append(button("Previous", "page:previous", write(query.model_copy(update={"page": page - 1}))))
    if page < listing.pages:
        turns.append(button("Next", "page:next", write(query.model_copy(update={"page": page + 1}))))
    return [*turns, button("Refresh", "page:refresh", write(query))]


def _run(label: str, command: commands.Command, name: str = "it") -> Block:
    return button(label, f"run:{name}", write(command))


def show_message(warehouse: Warehouse, at: datetime, last: Stored | None = None) -> Message:
    """One warehouse, its settings redacted."""
    return message(
        [
            section("\n".join(describe(warehouse)), _menu(warehouse, details=False)),
            context(" · ".join([*_last_change(last), f"as of {clock(at)}"])),
        ]
    )


def describe(warehouse: Warehouse) -> Sequence[str]:
    """The lines that tell all that may be told of a warehouse."""
    redacted = redact(warehouse)
    schema = f" · schema {code(warehouse.schema_name)}" if warehouse.schema_name else ""
    lines = [headline(warehouse), f"space {code(warehouse.space.slug)}{schema} · id {code(warehouse.id)}"]
    if redacted.shown:
        lines.append(" · ".join(f"{escape(entry.key)} {code(entry.text)}" for entry in redacted.shown))
    hidden = [f"{escape(name)} _hidden_" for name in redacted.secrets]
    hidden += [f"{escape(entry.key)} _{entry.text}: it looks like a secret_" for entry in redacted.masked]
    if redacted.unknown:
        hidden.append(f"{redacted.unknown} {_plural(redacted.unknown, 'setting')} we don't know, hidden")
    return [*lines, " · ".join(hidden)] if hidden else lines


def _last_change(last: Stored | None) -> Sequence[str]:
    if last is None or last.request.last is None:
        return []
    request, at = last.request, last.request.last.at
    done = {"create": "created", "update": "updated", "enable": "enabled", "disable": "disabled", "delete": "deleted"}
    by = f", approved by {approved_by(request)}" if request.approvals else ""
    return [f"last change: {person(request.asked_by)} {done[verb(request.change)]} it {day(at)}{by}"]


def pending_message(requests: Sequence[Stored], links: Mapping[str, str], at: datetime) -> Message:
    """The open requests, oldest first; `links` has the address of a request's card where there is one."""
    if not requests:
        return message([section("No open requests."), context(f"as of {clock(at)}")])
    title = f"*{len(requests)} open {_plural(len(requests), 'request')}*"
    shown = requests[:40]
    rows = [section(_pending_row(each.request, links.get(each.request.id))) for each in shown]
    more = [context(f"and {len(requests) - len(shown)} more")] if len(requests) > len(shown) else []
    return message([section(title), *rows, *more, context(f"as of {clock(at)}")])


def _pending_row(request: Request, link: str | None) -> str:
    change = request.change
    wait = {
        State.PENDING: ", ".join(requirement_lines(request)) or "about to begin",
        State.EXECUTING: "running",
        State.UNKNOWN: "outcome unknown, being looked at",
    }[request.state]
    card = f" · <{link}|open>" if link else ""
    asks = f"{person(request.asked_by)} asks to {verb(change)} {which(change)}"
    return f"⏳ {asks}\n{wait} · since {day(request.asked_at)} · `{request.id}`{card}"


def choose_message(wanted: str, matches: Sequence[Warehouse], command: str) -> Message:
    """Ask which of several warehouses of one name is meant; a button runs `command` on it."""
    rows = []
    for number, warehouse in enumerate(matches[:20]):
        text = f"{headline(warehouse)}\nspace {code(warehouse.space.slug)} · {code(warehouse.id)}"
        rows.append(section(text, button("This one", f"run:{number}", f"{command} {warehouse.id}")))
    return message([section(f"{len(matches)} warehouses are called {code(wanted)}. Which one?"), *rows])


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
