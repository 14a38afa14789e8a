"""Two requests for the same, of which there is to be one: asked again while the first is open, or by two at once."""

from collections.abc import Iterable
from datetime import timedelta

from bot.domain.changes.change import Create, is_same_change
from bot.domain.errors import DuplicateRequest
from bot.domain.requests.request import OPEN_STATES, Request, State
from bot.domain.text import format_time_ago

#: How soon after a creation the same one is taken for the same wish: two people, or two processes, at once. A warehouse
#: that exists is no target that could tell, as it is for updates and deletions.
DUPLICATE_WINDOW = timedelta(seconds=10)


def reject_duplicate(request: Request, others: Iterable[Request]) -> None:
    """Let `request` pass if none of `others` asks for the same already.

    Raises:
        AlreadyAsked: one does. The same payload delivered again is the same request, and no other.
    """
    for each in others:
        if each.payload != request.payload and is_same_change(each.change, request.change) and _counts(each, request):
            since = f"<@{each.asked_by}> asked for this {format_time_ago(request.asked_at, each.asked_at)}"
            raise DuplicateRequest(each.id, since, is_done=each.state is State.SUCCEEDED)


def _counts(earlier: Request, request: Request) -> bool:
    if earlier.state in OPEN_STATES:
        return True
    made = isinstance(earlier.change, Create) and earlier.state is State.SUCCEEDED
    return made and abs(request.asked_at - earlier.asked_at) <= DUPLICATE_WINDOW
