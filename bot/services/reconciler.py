"""Bringing a request one step on from wherever it stands: the same road for a fresh press and after a restart."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog

from bot.domain.changes.change import Delete
from bot.domain.decision_errors import PeopleUnknown
from bot.domain.errors import CardGone, Closed, NobodyDecides, NobodySees, SlackFailed
from bot.domain.requests.request import OPEN, Card, Request, State, Stored
from bot.domain.requests.state_table import due
from bot.domain.requests.transitions import Cancel, Expire, Succeed
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import Warehouse
from bot.services.executor import Execution
from bot.services.inventory import Checks
from bot.services.ports import Cards, Now, Requests
from bot.services.revalidation import Revalidation

#: How long a request is left to the process that moved it, before upkeep takes it on.
SETTLE = timedelta(seconds=10)

#: How long upkeep leaves Slack alone about a card that it did not take; doubled each time, up to the longest.
_REST, _REST_LONGEST = timedelta(seconds=2), timedelta(hours=1)

log = structlog.get_logger(__name__)


class Driver:
    """Carries requests on: posts the card, executes when it is time, repaints, tells the outcome.

    `approvals_channel` is where cards go; None means where the request was asked. `settle` is how long a request is
    left to the process that moved it, which is not needed where there is only one.
    """

    def __init__(
        self,
        requests: Requests,
        execution: Execution,
        checks: Checks,
        cards: Cards,
        revalidation: Revalidation,
        now: Now,
        approvals_channel: str | None = None,
        settle: timedelta = SETTLE,
    ) -> None:
        self._settle = settle
        self._requests = requests
        self._execution = execution
        self._checks = checks
        self._cards = cards
        self._revalidation = revalidation
        self._now = now
        self._approvals_channel = approvals_channel
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[str, int] = defaultdict(int)
        #: Of requests that Slack did not take: how often in a row, and until when it is left alone.
        self._resting: dict[str, tuple[int, datetime]] = {}

    async def drive(self, request_id: str, seen: Card | None = None) -> Stored:
        """Do what is due for the request, and return where it then stands.

        `seen` is the message with its buttons that somebody pressed: a card whose posting was not heard of, or which
        was posted twice because it was not, is found so.

        Raises:
            NobodySees: its card can't be posted; the request was taken back, which the caller tells the one who asked.
            SlackFailed: Slack did not take the card yet; nothing was sent to Segment, and upkeep tries again.
            Closed: there is no such request.
        """
        return await self._in_turn(request_id, seen, heard=True)

    async def _in_turn(self, request_id: str, seen: Card | None, *, heard: bool) -> Stored:
        self._waiting[request_id] += 1
        try:
            async with self._locks[request_id]:
                stored = await self._drive(request_id, seen, heard=heard)
        except (NobodySees, SlackFailed):
            self._rest(request_id)
            raise
        else:
            self._rested(stored)
            return stored
        finally:
            self._waiting[request_id] -= 1
            if not self._waiting[request_id]:
                del self._waiting[request_id], self._locks[request_id]

    async def upkeep(self) -> None:
        """Drive every request that something is due for: after a restart, a lost call, an ended lease, or by time."""
        now = self._now()
        # What is younger is in the hands of the process that it was asked of, or that moves it right now.
        settled = now - self._settle
        due_now = {each.request.id for each in await self._requests.open() if self._due(each, now, settled)}
        behind = [each.request for each in await self._requests.behind() if not self._rests(each.request, now)]
        late = {each.id for each in behind if _moved_at(each) <= settled}
        # What has to be done comes before what has to be shown; what is locked is being driven right now.
        for request_id in (*sorted(due_now - self._locks.keys()), *sorted(late - due_now - self._locks.keys())):
            try:
                await self._in_turn(request_id, None, heard=False)
            except Exception as error:  # noqa: BLE001 - one request must not keep the others waiting
                log.warning("request not driven", request=request_id, error=type(error).__name__)

    def _due(self, stored: Stored, now: datetime, settled: datetime) -> bool:
        request = stored.request
        if isinstance(due(request, now), Expire):
            return True
        if stored.card is None and self._rests(request, now):
            return False
        if due(request, now) is not None or self._execution.takes_over(request):
            return True
        if stored.card is not None and self._revalidation.is_outdated(request):
            return True
        return (stored.card is None or request.ready) and _moved_at(request) <= settled

    def _rests(self, request: Request, now: datetime) -> bool:
        return request.id in self._resting and now < self._resting[request.id][1]

    def _rest(self, request_id: str) -> None:
        times, _ = self._resting.get(request_id, (0, None))
        self._resting[request_id] = times + 1, self._now() + min(_REST * 2 ** min(times, 16), _REST_LONGEST)

    def _rested(self, stored: Stored) -> None:
        if stored.behind:
            self._rest(stored.request.id)
        else:
            self._resting.pop(stored.request.id, None)

    async def _drive(self, request_id: str, seen: Card | None, *, heard: bool) -> Stored:
        """`heard` says that somebody waits for what comes of it, and tells the one who asked."""
        stored = await self._requests.get(request_id)
        if stored is None:
            raise Closed
        if seen is not None and seen != stored.card:
            stored = await self._met(stored, seen)
        if stored.card is None and isinstance(expired := due(stored.request, self._now()), Expire):
            stored = await self._requests.advance(request_id, expired)  # Slack never took its card
        if stored.card is None and stored.request.state in OPEN:
            stored = await self._post(stored, heard=heard)
        if stored.card is None:
            return await self._tell_directly(stored)
        try:
            stored = await self._pass_time(stored)
            stored = await self._revalidation.adopt(stored)
            stored = await self._execute(stored)
        except PeopleUnknown:  # it stays approved, and upkeep tries again
            log.warning("request not begun: Slack can't say whether its approvals count", request=request_id)
        except Closed:  # somebody else was quicker, and paints what comes of it
            stored = await self._requests.get(request_id) or stored
        stored = await self._paint(stored)
        return await self._tell(stored)

    async def _met(self, stored: Stored, seen: Card) -> Stored:
        request = stored.request
        if stored.card is None:
            await self._requests.place(request.id, seen, 0)
            return stored.model_copy(update={"card": seen, "painted": max(stored.painted, 0)})
        try:
            await self._cards.paint(request, stored.card)
            await self._cards.retire(seen, request, stored.card)
        except CardGone:  # somebody deleted the one that was kept up to date: from now on it is the other
            await self._requests.place(request.id, seen, 0)
            return stored.model_copy(update={"card": seen, "painted": 0})
        except (SlackFailed, NobodySees) as error:  # the next press on it finds it again
            log.warning("second card not retired", request=request.id, error=type(error).__name__)
        return stored

    async def _pass_time(self, stored: Stored) -> Stored:
        move = due(stored.request, self._now())
        return stored if move is None else await self._requests.advance(stored.request.id, move)

    async def _post(self, stored: Stored, *, heard: bool) -> Stored:
        request = stored.request
        channel = (self._approvals_channel if request.needed else None) or request.asked_in
        try:
            if request.waiting and channel.startswith("D"):
                raise NobodyDecides(channel)
            card = await self._cards.post(request, channel)
        except NobodySees as error:
            if request.state is not State.PENDING:
                raise
            stored = await self._requests.advance(request.id, Cancel(by="", at=self._now(), reason=error.says))
            if not heard:
                return stored
            await self._requests.told(request.id, stored.request.version)
            raise
        await self._requests.place(request.id, card, request.version)
        log.info("card posted", request=request.id)
        return stored.model_copy(update={"card": card, "painted": request.version})

    async def _execute(self, stored: Stored) -> Stored:
        if stored.request.ready:
            stored = await self._execution.begin(stored)
            if stored.request.state is State.EXECUTING:
                # Beside the act, not before it: Slack may keep us waiting, and the claim does not wait.
                painting = asyncio.create_task(self._paint(stored))
                try:
                    stored = await self._execution.act(stored)
                finally:
                    await painting
                stored = await self._requests.get(stored.request.id) or stored
        elif self._execution.takes_over(stored.request):
            stored = await self._execution.resume(stored)
        else:
            return stored
        log.info("request carried out", request=stored.request.id, state=stored.request.state.value)
        return stored

    async def _paint(self, stored: Stored) -> Stored:
        """Make the card show the newest version, also where a newer one comes while Slack takes this one."""
        while stored.card is not None and stored.painted < stored.request.version:
            request = stored.request
            try:
                card = await self._shown(request, stored.card)
            except (SlackFailed, NobodySees) as error:  # the picture is late, the truth is not: upkeep repaints it
                log.warning("card not painted", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.place(request.id, card, request.version)
            newest = await self._requests.get(request.id) or stored
            stored = newest.model_copy(update={"card": card, "painted": request.version})
        return stored

    async def _shown(self, request: Request, card: Card) -> Card:
        try:
            await self._cards.paint(request, card)
        except CardGone:  # somebody deleted it: what it would show is still to be seen, and decided
            log.info("card posted again", request=request.id)
            return await self._cards.post(request, card.channel)
        return card

    async def _tell(self, stored: Stored) -> Stored:
        """Tell in the card's thread what it does not tell yet. After a crash in between, a line may come twice."""
        request, card = stored.request, stored.card
        if card is None or stored.told >= request.version:
            return stored
        for number, move in enumerate(request.history[stored.told :], stored.told + 1):
            try:
                result = await self._result(request) if move is request.last else None
                await self._cards.tell(request, move, card, result)
            except (SlackFailed, NobodySees) as error:  # upkeep tells it later; the card says the same
                log.warning("move not told", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.told(request.id, number)
        return stored.model_copy(update={"told": request.version})

    async def _tell_directly(self, stored: Stored) -> Stored:
        """Tell the one who asked what became of a request that ended without a card."""
        request = stored.request
        if not stored.behind:
            return stored
        try:
            await self._cards.tell_directly(request)
        except (SlackFailed, NobodySees) as error:  # upkeep tells it later
            log.warning("end not told", request=request.id, error=type(error).__name__)
            return stored
        await self._requests.told(request.id, request.version)
        return stored.model_copy(update={"told": request.version})

    async def _result(self, request: Request) -> Warehouse | None:
        if not isinstance(request.last, Succeed) or isinstance(request.change, Delete):
            return None
        try:
            return await self._checks.reread(request.change.space, request.last.warehouse_id)
        except SegmentError:
            return None


def _moved_at(request: Request) -> datetime:
    return request.last.at if request.last else request.asked_at
