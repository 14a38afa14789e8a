"""Reconcile requests: carry out the next step of a request after a click, after a restart, or in upkeep."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog

from bot.domain.changes.change import Delete
from bot.domain.decision_errors import ApprovalsUnverifiable
from bot.domain.errors import ApproversUnreachable, CardGone, ChannelInaccessible, RequestClosed, SlackFailed
from bot.domain.requests.request import OPEN_STATES, Card, Request, State, StoredRequest
from bot.domain.requests.timers import find_due_transition
from bot.domain.requests.transitions import Cancel, Expire, Succeed
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import Warehouse
from bot.services.executor import Executor
from bot.services.inventory import Inventory
from bot.services.ports import Cards, Now, RequestStore
from bot.services.revalidation import Revalidator

#: How long a request is left to the process that moved it, before upkeep takes it on.
GRACE_PERIOD = timedelta(seconds=10)

#: How long upkeep leaves Slack alone about a card that it did not take; doubled each time, up to the longest.
_REST, _REST_LONGEST = timedelta(seconds=2), timedelta(hours=1)

log = structlog.get_logger(__name__)


class Reconciler:
    """Carries requests on: posts the card, executes when it is time, repaints, tells the outcome.

    `approvals_channel` is where cards go; None means where the request was asked. `grace_period` is how long a
    request is left to the process that moved it, which is not needed where there is only one.
    """

    def __init__(
        self,
        requests: RequestStore,
        executor: Executor,
        inventory: Inventory,
        cards: Cards,
        revalidator: Revalidator,
        now: Now,
        approvals_channel: str | None = None,
        grace_period: timedelta = GRACE_PERIOD,
    ) -> None:
        self._settle = grace_period
        self._requests = requests
        self._execution = executor
        self._checks = inventory
        self._cards = cards
        self._revalidation = revalidator
        self._now = now
        self._approvals_channel = approvals_channel
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[str, int] = defaultdict(int)
        #: Of requests that Slack did not take: how often in a row, and until when it is left alone.
        self._resting: dict[str, tuple[int, datetime]] = {}

    async def reconcile(self, request_id: str, clicked_card: Card | None = None) -> StoredRequest:
        """Do what is due for the request, and return where it then stands.

        `clicked_card` is the message whose button was clicked. It reveals a card whose posting got no response, and a
        duplicate that was posted for that reason.

        Raises:
            ChannelInaccessible: its card can't be posted; the request is cancelled, and the caller tells the requester.
            SlackFailed: Slack did not take the card yet; nothing was sent to Segment, and upkeep tries again.
            RequestClosed: there is no such request.
        """
        return await self._in_turn(request_id, clicked_card, heard=True)

    async def _in_turn(self, request_id: str, seen: Card | None, *, heard: bool) -> StoredRequest:
        self._waiting[request_id] += 1
        try:
            async with self._locks[request_id]:
                stored = await self._drive(request_id, seen, heard=heard)
        except (ChannelInaccessible, SlackFailed):
            self._rest(request_id)
            raise
        else:
            self._rested(stored)
            return stored
        finally:
            self._waiting[request_id] -= 1
            if not self._waiting[request_id]:
                del self._waiting[request_id], self._locks[request_id]

    async def reconcile_due(self) -> None:
        """Drive every request that something is due for: after a restart, a lost call, an ended lease, or by time."""
        now = self._now()
        # What is younger is in the hands of the process that it was asked of, or that moves it right now.
        settled = now - self._settle
        due_now = {each.request.id for each in await self._requests.list_open() if self._due(each, now, settled)}
        behind = [each.request for each in await self._requests.list_outdated() if not self._rests(each.request, now)]
        late = {each.id for each in behind if _moved_at(each) <= settled}
        # What has to be done comes before what has to be shown; what is locked is being driven right now.
        for request_id in (*sorted(due_now - self._locks.keys()), *sorted(late - due_now - self._locks.keys())):
            try:
                await self._in_turn(request_id, None, heard=False)
            except Exception as error:  # noqa: BLE001 - one request must not keep the others waiting
                log.warning("request not reconciled", request=request_id, error=type(error).__name__)

    def _due(self, stored: StoredRequest, now: datetime, settled: datetime) -> bool:
        request = stored.request
        if isinstance(find_due_transition(request, now), Expire):
            return True
        if stored.card is None and self._rests(request, now):
            return False
        if find_due_transition(request, now) is not None or self._execution.can_take_over(request):
            return True
        if stored.card is not None and self._revalidation.has_outdated_requirements(request):
            return True
        return (stored.card is None or request.is_ready) and _moved_at(request) <= settled

    def _rests(self, request: Request, now: datetime) -> bool:
        return request.id in self._resting and now < self._resting[request.id][1]

    def _rest(self, request_id: str) -> None:
        times, _ = self._resting.get(request_id, (0, None))
        self._resting[request_id] = times + 1, self._now() + min(_REST * 2 ** min(times, 16), _REST_LONGEST)

    def _rested(self, stored: StoredRequest) -> None:
        if stored.is_outdated:
            self._rest(stored.request.id)
        else:
            self._resting.pop(stored.request.id, None)

    async def _drive(self, request_id: str, seen: Card | None, *, heard: bool) -> StoredRequest:
        """`heard` says that somebody waits for what comes of it, and tells the one who asked."""
        stored = await self._requests.get(request_id)
        if stored is None:
            raise RequestClosed
        if seen is not None and seen != stored.card:
            stored = await self._met(stored, seen)
        if stored.card is None and isinstance(expired := find_due_transition(stored.request, self._now()), Expire):
            stored = await self._requests.advance(request_id, expired)  # Slack never took its card
        if stored.card is None and stored.request.state in OPEN_STATES:
            stored = await self._post(stored, heard=heard)
        if stored.card is None:
            return await self._tell_directly(stored)
        try:
            stored = await self._pass_time(stored)
            stored = await self._revalidation.apply_policy(stored)
            stored = await self._execute(stored)
        except ApprovalsUnverifiable:  # it stays approved, and upkeep tries again
            log.warning("request not begun: Slack can't say whether its approvals count", request=request_id)
        except RequestClosed:  # somebody else was quicker, and paints what comes of it
            stored = await self._requests.get(request_id) or stored
        stored = await self._paint(stored)
        return await self._tell(stored)

    async def _met(self, stored: StoredRequest, seen: Card) -> StoredRequest:
        request = stored.request
        if stored.card is None:
            await self._requests.save_card(request.id, seen, 0)
            return stored.model_copy(update={"card": seen, "card_version": max(stored.card_version, 0)})
        try:
            await self._cards.update(request, stored.card)
            await self._cards.retire_duplicate(seen, request, stored.card)
        except CardGone:  # somebody deleted the one that was kept up to date: from now on it is the other
            await self._requests.save_card(request.id, seen, 0)
            return stored.model_copy(update={"card": seen, "card_version": 0})
        except (SlackFailed, ChannelInaccessible) as error:  # the next press on it finds it again
            log.warning("second card not retired", request=request.id, error=type(error).__name__)
        return stored

    async def _pass_time(self, stored: StoredRequest) -> StoredRequest:
        move = find_due_transition(stored.request, self._now())
        return stored if move is None else await self._requests.advance(stored.request.id, move)

    async def _post(self, stored: StoredRequest, *, heard: bool) -> StoredRequest:
        request = stored.request
        channel = (self._approvals_channel if request.required_approvals else None) or request.asked_in
        try:
            if request.is_waiting and channel.startswith("D"):
                raise ApproversUnreachable(channel)
            card = await self._cards.post(request, channel)
        except ChannelInaccessible as error:
            if request.state is not State.PENDING:
                raise
            stored = await self._requests.advance(request.id, Cancel(by="", at=self._now(), reason=error.user_message))
            if not heard:
                return stored
            await self._requests.mark_announced(request.id, stored.request.version)
            raise
        await self._requests.save_card(request.id, card, request.version)
        log.info("card posted", request=request.id)
        return stored.model_copy(update={"card": card, "card_version": request.version})

    async def _execute(self, stored: StoredRequest) -> StoredRequest:
        if stored.request.is_ready:
            stored = await self._execution.claim(stored)
            if stored.request.state is State.EXECUTING:
                # Beside the act, not before it: Slack may keep us waiting, and the claim does not wait.
                painting = asyncio.create_task(self._paint(stored))
                try:
                    stored = await self._execution.execute(stored)
                finally:
                    await painting
                stored = await self._requests.get(stored.request.id) or stored
        elif self._execution.can_take_over(stored.request):
            stored = await self._execution.resume(stored)
        else:
            return stored
        log.info("request carried out", request=stored.request.id, state=stored.request.state.value)
        return stored

    async def _paint(self, stored: StoredRequest) -> StoredRequest:
        """Make the card show the newest version, also where a newer one comes while Slack takes this one."""
        while stored.card is not None and stored.card_version < stored.request.version:
            request = stored.request
            try:
                card = await self._shown(request, stored.card)
            except (
                SlackFailed,
                ChannelInaccessible,
            ) as error:  # the picture is late, the truth is not: upkeep repaints it
                log.warning("card not updated", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.save_card(request.id, card, request.version)
            newest = await self._requests.get(request.id) or stored
            stored = newest.model_copy(update={"card": card, "card_version": request.version})
        return stored

    async def _shown(self, request: Request, card: Card) -> Card:
        try:
            await self._cards.update(request, card)
        except CardGone:  # somebody deleted it: what it would show is still to be seen, and decided
            log.info("card posted again", request=request.id)
            return await self._cards.post(request, card.channel)
        return card

    async def _tell(self, stored: StoredRequest) -> StoredRequest:
        """Tell in the card's thread what it does not tell yet. After a crash in between, a line may come twice."""
        request, card = stored.request, stored.card
        if card is None or stored.thread_version >= request.version:
            return stored
        for number, move in enumerate(request.history[stored.thread_version :], stored.thread_version + 1):
            try:
                result = await self._result(request) if move is request.last_transition else None
                await self._cards.announce_transition(request, move, card, result)
            except (SlackFailed, ChannelInaccessible) as error:  # upkeep tells it later; the card says the same
                log.warning("transition not announced", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.mark_announced(request.id, number)
        return stored.model_copy(update={"thread_version": request.version})

    async def _tell_directly(self, stored: StoredRequest) -> StoredRequest:
        """Tell the one who asked what became of a request that ended without a card."""
        request = stored.request
        if not stored.is_outdated:
            return stored
        try:
            await self._cards.notify_requester(request)
        except (SlackFailed, ChannelInaccessible) as error:  # upkeep tells it later
            log.warning("requester not notified", request=request.id, error=type(error).__name__)
            return stored
        await self._requests.mark_announced(request.id, request.version)
        return stored.model_copy(update={"thread_version": request.version})

    async def _result(self, request: Request) -> Warehouse | None:
        if not isinstance(request.last_transition, Succeed) or isinstance(request.change, Delete):
            return None
        try:
            return await self._checks.fetch_warehouse(request.change.space, request.last_transition.warehouse_id)
        except SegmentError:
            return None


def _moved_at(request: Request) -> datetime:
    return request.last_transition.at if request.last_transition else request.asked_at
