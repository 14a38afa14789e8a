"""What was asked of a warehouse, beside Segment's own audit trail of it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.audit import SegmentEvent
from bot.domain.requests import Request, Stored
from bot.render.blocks import Message, context, message, paragraphs, section
from bot.render.cards import changes_of, headline_of
from bot.render.mrkdwn import clip, clock, code, day, escape, flat

#: Entries of each trail.
SHOWN = 10


def history_message(
    title: str, requests: Sequence[Stored], events: Sequence[SegmentEvent] | None, at: datetime
) -> Message:
    """The newest of both trails, under `title` (mrkdwn). `events` is None where Segment did not tell them."""
    ours = paragraphs([_ours(each.request) for each in requests[:SHOWN]])
    return message(
        [
            section(title),
            section("*Asked here*" + ("" if ours else "\nNothing was asked of it through this bot.")),
            *ours,
            section("*Segment's audit trail*\n" + _theirs(events)),
            context(f"Segment names only the API token, not the person behind the bot · as of {clock(at)}"),
        ]
    )


def _ours(request: Request) -> str:
    lines = [f"{day(request.asked_at)} · `{request.id}` · {headline_of(request)}", *changes_of(request)]
    lines += [f"why: _{flat(clip(request.reason, 300))}_"] if request.reason else []
    return "\n".join(lines)


def _theirs(events: Sequence[SegmentEvent] | None) -> str:
    if events is None:
        return "Segment does not tell it right now."
    lines = [
        f"{escape(clip(each.at, 40))} · {escape(clip(each.type, 80))} · {code(each.actor)}" for each in events[:SHOWN]
    ]
    return "\n".join(lines) or "Nothing in the last 90 days."
