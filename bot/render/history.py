"""The history of a warehouse: its requests, and Segment's own audit trail; one for each warehouse of a name."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.requests.history import WarehouseHistories, WarehouseHistory, find_deletion
from bot.domain.requests.request import Request
from bot.domain.segment_events import SegmentEvent
from bot.domain.text import truncate
from bot.render.blocks import Block, Message, context, render_message, section, sections
from bot.render.changes import describe_change, limit_lines
from bot.render.mrkdwn import code, escape, format_date_time, format_time
from bot.render.phrases import describe_reason, format_headline
from bot.render.states import describe_state

#: Segment events per warehouse; characters for the change of one request.
_EVENTS, _CHANGES = 10, 1800


def render_history(found: WarehouseHistories, at: datetime) -> Message:
    """Return the histories of every warehouse that has or had the name."""
    blocks = [block for history in found.histories for block in _render_history(history)]
    more = (
        [context(f"{found.omitted_count} more had this name. `/warehouse history ID` shows one.")]
        if found.omitted_count
        else []
    )
    nameless = "Segment names only the API token, not the person behind the bot"
    return render_message([*blocks, *more, context(f"{nameless} · as of {format_time(at)}")])


def _render_history(history: WarehouseHistory) -> Sequence[Block]:
    ours = sections([_describe_request(each) for each in history.requests])
    theirs = (
        [section("*Segment's audit trail*\n" + _describe_events(history.segment_events))]
        if history.warehouse_id
        else []
    )
    asked = "*Asked here*" + ("" if ours else "\nNothing was asked of it through this bot.")
    return [section(_title(history)), section(asked), *ours, *theirs]


def _title(history: WarehouseHistory) -> str:
    space = history.warehouse.space if history.warehouse else history.requests[0].change.space
    where = f"space {code(space.slug)} · id {code(history.warehouse_id)}"
    if history.warehouse:
        return f"{format_headline(history.warehouse)} · {where}"
    name = f"*{code(history.name)}*"
    if not history.warehouse_id:
        return f"{name} · space {code(space.slug)} · no warehouse came of this"
    gone = find_deletion(history.requests)
    if gone and gone.last_transition:
        return f"{name} is no longer there · {where} · deleted {format_date_time(gone.last_transition.at)}"
    return f"{name} is no longer called so, or no longer there · {where}"


def _describe_request(request: Request) -> str:
    times = [f"asked {format_date_time(request.asked_at)}"]
    if request.has_ended_without_effect and request.last_transition:  # what was done says itself when
        times.append(f"ended {format_date_time(request.last_transition.at)}")
    lines = [" · ".join([*times, f"`{request.id}`", describe_state(request)])]
    lines += limit_lines(describe_change(request), _CHANGES)
    return "\n".join(filter(None, [*lines, describe_reason(request, 300)]))


def _describe_events(events: Sequence[SegmentEvent] | None) -> str:
    if events is None:
        return "Segment does not tell it right now."
    lines = [
        f"{_format_timestamp(each.at)} · {escape(truncate(each.type, 80))} · {code(each.actor)}"
        for each in events[:_EVENTS]
    ]
    return "\n".join(lines) or "Nothing in the last 90 days."


def _format_timestamp(written: str) -> str:
    """Format Segment's timestamp in the reader's time zone; return anything else as it is."""
    try:
        at = datetime.fromisoformat(written)
        return format_date_time(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return escape(truncate(written, 40))
