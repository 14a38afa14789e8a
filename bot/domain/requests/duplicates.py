"""Reject duplicates: a request for a change that is already open, or that created a warehouse a moment ago."""

from collections.abc import Iterable
from datetime import timedelta

from bot.domain.changes.change import Create, is_same_change
from bot.domain.errors import DuplicateRequest
from bot.domain.requests.request import OPEN_STATES, Request, State
from bot.domain.text import format_time_ago

#: A creation within this time of an identical one that succeeded is a duplicate: two people, or two processes, asked at
#: once. Updates and deletions need no such window, since their target shows that they were done.
DUPLICATE_WINDOW = timedelta(seconds=10)


def reject_duplicate(request: Request, others: Iterable[Request]) -> None:
    """Check that none of `others` asks for the same change as `request`.

    A request with the same `payload` is no duplicate, but a second delivery of the same Slack payload.

    Raises:
        DuplicateRequest: one of `others` does.
    """
    for other in others:
        if other.payload == request.payload or not is_same_change(other.change, request.change):
            continue
        if _is_open_or_recent(other, request):
            summary = f"<@{other.asked_by}> asked for this {format_time_ago(request.asked_at, other.asked_at)}"
            raise DuplicateRequest(other.id, summary, is_done=other.state is State.SUCCEEDED)


def _is_open_or_recent(other: Request, request: Request) -> bool:
    if other.state in OPEN_STATES:
        return True
    has_created = isinstance(other.change, Create) and other.state is State.SUCCEEDED
    return has_created and abs(request.asked_at - other.asked_at) <= DUPLICATE_WINDOW
