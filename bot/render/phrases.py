"""Phrases about requests, warehouses and errors, as mrkdwn."""

from bot.domain.changes.change import Change, Create
from bot.domain.commands.commands import History
from bot.domain.commands.parser import format_command
from bot.domain.errors import BotError, ChannelInaccessible, DuplicateRequest, NotAllowed, RequestClosed
from bot.domain.lookup_errors import AmbiguousWarehouse, WarehouseDeleted
from bot.domain.requests.request import Request
from bot.domain.text import truncate
from bot.domain.warehouses import Warehouse
from bot.render.mrkdwn import (
    code,
    escape,
    escape_and_truncate,
    escape_except_code,
    escape_keeping_mentions,
    format_date_time,
    format_sync_state,
    mention,
    mention_people,
)

#: Errors whose messages the bot makes of ids alone, so that their mentions may work.
_ERRORS_WITH_MENTIONS = (DuplicateRequest, RequestClosed, ChannelInaccessible, NotAllowed)


def format_error(error: BotError) -> str:
    """Return what the person reads about `error`, as mrkdwn."""
    if isinstance(error, WarehouseDeleted):
        return _describe_deletion(error.request)
    if isinstance(error, AmbiguousWarehouse):  # its message has one line per warehouse
        return "\n".join(map(escape_except_code, error.user_message.split("\n")))
    if isinstance(error, _ERRORS_WITH_MENTIONS):
        return escape_keeping_mentions(error.user_message)
    return escape_except_code(error.user_message)


def _describe_deletion(request: Request) -> str:
    name = request.change.warehouse_name
    when = format_date_time(request.last_transition.at) if request.last_transition else "before"
    more = code(f"/warehouse {format_command(History(warehouse=name))}")
    return f"{code(name)} was deleted {when} (`{request.id}`, {describe_actors(request)}). {more} tells more."


def mention_approvers(request: Request) -> str:
    """Return the people who approved, as mentions; empty if nobody did."""
    return mention_people(vote.by for vote in request.approvals)


def describe_actors(request: Request, asked: str = "asked by") -> str:
    """Say who made the request, and who approved it or broke the glass."""
    approved = f"approved by {mention_approvers(request)}" if request.approvals else ""
    if glass := request.broken_glass:
        approved = f"*glass broken* by {mention(glass.by)}: _{escape_and_truncate(truncate(glass.reason, 300))}_"
    return f"{asked} {mention(request.asked_by)}{', ' if approved else ''}{approved}"


def describe_reason(request: Request, most: int) -> str:
    """Return the reason of the request, up to `most` characters, and who gave it; empty if there is none."""
    said_by = f" (said by {mention(request.reason_by)})" if request.reason_by else ""
    return f"why{said_by}: _{escape_and_truncate(truncate(request.reason, most))}_" if request.reason else ""


def format_qualified_name(change: Change) -> str:
    """Return the name and space of the warehouse that `change` is about, and its id if it has one."""
    place = f"{code(change.warehouse_name)} in {code(change.space.slug)}"
    return place if isinstance(change, Create) else f"{place} (id {code(change.target.id)})"


def format_headline(warehouse: Warehouse) -> str:
    """Return name, type and state of a warehouse."""
    return f"*{code(warehouse.name)}* · {escape(warehouse.type.name)} · {format_sync_state(warehouse.enabled)}"
