"""What was asked of a warehouse, beside Segment's own audit trail of it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.audit import SegmentEvent
from bot.domain.requests import Stored
from bot.domain.warehouses import Warehouse
from bot.render.blocks import Message, context, message, section
from bot.render.cards import headline_of
from bot.render.mrkdwn import clip, clock, code, day, escape, headline

#: Lines of each trail; Slack shows 3000 characters of a section.
SHOWN = 10


def history_message(
    warehouse: Warehouse, requests: Sequence[Stored], events: Sequence[SegmentEvent] | None, at: datetime
) -> Message:
    """The newest of both trails. `events` is None where Segment did not tell them."""
    ours = [clip(f"{day(each.request.asked_at)} · {headline_of(each.request)}", 280) for each in requests[:SHOWN]]
    return message(
        [
            section(headline(warehouse)),
            section("*Asked here*\n" + ("\n".join(ours) or "Nothing was asked of it through this bot.")),
            section("*Segment's audit trail*\n" + _theirs(events)),
            context(f"Segment names only the API token, not the person behind the bot · as of {clock(at)}"),
        ]
    )


def _theirs(events: Sequence[SegmentEvent] | None) -> str:
    if events is None:
        return "Segment does not tell it right now."
    lines = [
        f"{escape(clip(each.at, 40))} · {escape(clip(each.type, 80))} · {code(each.actor)}" for each in events[:SHOWN]
    ]
    return "\n".join(lines) or "Nothing in the last 90 days."


def _their(event: SegmentEvent) -> str:
    return f"{escape(clip(event.at, 40))} · {escape(clip(event.type, 80))} · {code(event.actor)}"
