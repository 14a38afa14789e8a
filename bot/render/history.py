"""What was asked of a warehouse, beside Segment's own audit trail of it; of each that had the name by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.requests.history import Trail, Trails, deletion
from bot.domain.requests.request import Request
from bot.domain.segment_events import SegmentEvent
from bot.render.blocks import Block, Message, context, message, paragraphs, section
from bot.render.changes import changes_of, within
from bot.render.mrkdwn import clip, clock, code, day, escape, headline, why
from bot.render.states import headline_of

#: Events of Segment's trail, for each warehouse; characters of what one request changes.
_EVENTS, _CHANGES = 10, 1800


def history_message(found: Trails, at: datetime) -> Message:
    """Both trails of every warehouse that has or had the name."""
    blocks = [block for trail in found.shown for block in _trail(trail)]
    more = [context(f"{found.more} more had this name. `/warehouse history ID` shows one.")] if found.more else []
    nameless = "Segment names only the API token, not the person behind the bot"
    return message([*blocks, *more, context(f"{nameless} · as of {clock(at)}")])


def _trail(trail: Trail) -> Sequence[Block]:
    ours = paragraphs([_ours(each) for each in trail.requests])
    theirs = [section("*Segment's audit trail*\n" + _theirs(trail.events))] if trail.warehouse_id else []
    asked = "*Asked here*" + ("" if ours else "\nNothing was asked of it through this bot.")
    return [section(_title(trail)), section(asked), *ours, *theirs]


def _title(trail: Trail) -> str:
    space = trail.warehouse.space if trail.warehouse else trail.requests[0].change.space
    where = f"space {code(space.slug)} · id {code(trail.warehouse_id)}"
    if trail.warehouse:
        return f"{headline(trail.warehouse)} · {where}"
    name = f"*{code(trail.name)}*"
    if not trail.warehouse_id:
        return f"{name} · space {code(space.slug)} · no warehouse came of this"
    gone = deletion(trail.requests)
    if gone and gone.last:
        return f"{name} is no longer there · {where} · deleted {day(gone.last.at)}"
    return f"{name} is no longer called so, or no longer there · {where}"


def _ours(request: Request) -> str:
    times = [f"asked {day(request.asked_at)}"]
    if request.ineffective and request.last:  # what was done says itself when
        times.append(f"ended {day(request.last.at)}")
    lines = [" · ".join([*times, f"`{request.id}`", headline_of(request)])]
    lines += within(changes_of(request), _CHANGES)
    return "\n".join(filter(None, [*lines, why(request, 300)]))


def _theirs(events: Sequence[SegmentEvent] | None) -> str:
    if events is None:
        return "Segment does not tell it right now."
    lines = [f"{_when(each.at)} · {escape(clip(each.type, 80))} · {code(each.actor)}" for each in events[:_EVENTS]]
    return "\n".join(lines) or "Nothing in the last 90 days."


def _when(written: str) -> str:
    """A moment as Segment writes it, in each reader's own zone; what is no moment as it is written."""
    try:
        at = datetime.fromisoformat(written)
        return day(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return escape(clip(written, 40))
