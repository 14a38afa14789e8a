"""What was asked of a warehouse, beside Segment's own audit trail of it; of each that had the name by itself."""

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

#: Events of Segment's trail, for each warehouse; characters of what one request changes.
_EVENTS, _CHANGES = 10, 1800


def render_history(found: WarehouseHistories, at: datetime) -> Message:
    """Both trails of every warehouse that has or had the name."""
    blocks = [block for trail in found.histories for block in _trail(trail)]
    more = (
        [context(f"{found.omitted_count} more had this name. `/warehouse history ID` shows one.")]
        if found.omitted_count
        else []
    )
    nameless = "Segment names only the API token, not the person behind the bot"
    return render_message([*blocks, *more, context(f"{nameless} · as of {format_time(at)}")])


def _trail(trail: WarehouseHistory) -> Sequence[Block]:
    ours = sections([_ours(each) for each in trail.requests])
    theirs = [section("*Segment's audit trail*\n" + _theirs(trail.segment_events))] if trail.warehouse_id else []
    asked = "*Asked here*" + ("" if ours else "\nNothing was asked of it through this bot.")
    return [section(_title(trail)), section(asked), *ours, *theirs]


def _title(trail: WarehouseHistory) -> str:
    space = trail.warehouse.space if trail.warehouse else trail.requests[0].change.space
    where = f"space {code(space.slug)} · id {code(trail.warehouse_id)}"
    if trail.warehouse:
        return f"{format_headline(trail.warehouse)} · {where}"
    name = f"*{code(trail.name)}*"
    if not trail.warehouse_id:
        return f"{name} · space {code(space.slug)} · no warehouse came of this"
    gone = find_deletion(trail.requests)
    if gone and gone.last_transition:
        return f"{name} is no longer there · {where} · deleted {format_date_time(gone.last_transition.at)}"
    return f"{name} is no longer called so, or no longer there · {where}"


def _ours(request: Request) -> str:
    times = [f"asked {format_date_time(request.asked_at)}"]
    if request.has_ended_without_effect and request.last_transition:  # what was done says itself when
        times.append(f"ended {format_date_time(request.last_transition.at)}")
    lines = [" · ".join([*times, f"`{request.id}`", describe_state(request)])]
    lines += limit_lines(describe_change(request), _CHANGES)
    return "\n".join(filter(None, [*lines, describe_reason(request, 300)]))


def _theirs(events: Sequence[SegmentEvent] | None) -> str:
    if events is None:
        return "Segment does not tell it right now."
    lines = [f"{_when(each.at)} · {escape(truncate(each.type, 80))} · {code(each.actor)}" for each in events[:_EVENTS]]
    return "\n".join(lines) or "Nothing in the last 90 days."


def _when(written: str) -> str:
    """A moment as Segment writes it, in each reader's own zone; what is no moment as it is written."""
    try:
        at = datetime.fromisoformat(written)
        return format_date_time(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return escape(truncate(written, 40))
