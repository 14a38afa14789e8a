"""Reconcile requests: do the next step that the stored state calls for, after a click or a restart or in upkeep."""

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

#: How long upkeep leaves a request to the process that last changed it.
GRACE_PERIOD = timedelta(seconds=10)

#: The first and the longest delay before upkeep retries a card that Slack did not accept. The delay doubles each time.
_BACKOFF, _MAX_BACKOFF = timedelta(seconds=2), timedelta(hours=1)

log = structlog.get_logger(__name__)


class Reconciler:
    """Posts a request's card, executes the request when it is ready, updates the card, and announces the outcome.

    `approvals_channel` is the channel for cards; None means the channel of the request. `grace_period` is how long
    upkeep leaves a request to the process that last changed it; a sole process needs none.
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
        self._grace_period = grace_period
        self._requests = requests
        self._executor = executor
        self._inventory = inventory
        self._cards = cards
        self._revalidator = revalidator
        self._now = now
        self._approvals_channel = approvals_channel
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting_counts: defaultdict[str, int] = defaultdict(int)
        #: For each request that Slack did not accept: the failures in a row, and the time of the next retry.
        self._backoffs: dict[str, tuple[int, datetime]] = {}

    async def reconcile(self, request_id: str, clicked_card: Card | None = None) -> StoredRequest:
        """Do every step that is due for the request, and return its new state.

        `clicked_card` is the message whose button was clicked. It reveals a card whose posting got no response, and a
        duplicate that was posted for that reason.

        Raises:
            ChannelInaccessible: the bot can't post the card; the request is cancelled, and the caller must notify the
                requester.
            SlackFailed: Slack did not accept the card yet; nothing was sent to Segment, and upkeep tries again.
            RequestClosed: the request does not exist.
        """
        return await self._reconcile_locked(request_id, clicked_card, has_waiter=True)

    async def _reconcile_locked(self, request_id: str, clicked_card: Card | None, *, has_waiter: bool) -> StoredRequest:
        self._waiting_counts[request_id] += 1
        try:
            async with self._locks[request_id]:
                stored = await self._do_due_steps(request_id, clicked_card, has_waiter=has_waiter)
        except (ChannelInaccessible, SlackFailed):
            self._back_off(request_id)
            raise
        else:
            self._update_backoff(stored)
            return stored
        finally:
            self._waiting_counts[request_id] -= 1
            if not self._waiting_counts[request_id]:
                del self._waiting_counts[request_id], self._locks[request_id]

    async def reconcile_due(self) -> None:
        """Reconcile every request with a due step: after a restart, a lost call, an expired lease or a deadline."""
        now = self._now()
        # The process that received or last changed a newer request still handles it.
        changed_before = now - self._grace_period
        due_ids = {
            each.request.id for each in await self._requests.list_open() if self._is_due(each, now, changed_before)
        }
        outdated = [
            each.request for each in await self._requests.list_outdated() if not self._is_backing_off(each.request, now)
        ]
        outdated_ids = {request.id for request in outdated if _last_changed_at(request) <= changed_before}
        # Due steps come before outdated cards. A task of this process already reconciles each locked request.
        locked = self._locks.keys()
        for request_id in (*sorted(due_ids - locked), *sorted(outdated_ids - due_ids - locked)):
            try:
                await self._reconcile_locked(request_id, None, has_waiter=False)
            except Exception as error:  # noqa: BLE001 - one request must not block the others
                log.warning("request not reconciled", request=request_id, error=type(error).__name__)

    def _is_due(self, stored: StoredRequest, now: datetime, changed_before: datetime) -> bool:
        request = stored.request
        if isinstance(find_due_transition(request, now), Expire):
            return True
        if stored.card is None and self._is_backing_off(request, now):
            return False
        if find_due_transition(request, now) is not None or self._executor.can_take_over(request):
            return True
        if stored.card is not None and self._revalidator.has_outdated_requirements(request):
            return True
        return (stored.card is None or request.is_ready) and _last_changed_at(request) <= changed_before

    def _is_backing_off(self, request: Request, now: datetime) -> bool:
        return request.id in self._backoffs and now < self._backoffs[request.id][1]

    def _back_off(self, request_id: str) -> None:
        failures, _ = self._backoffs.get(request_id, (0, None))
        delay = min(_BACKOFF * 2 ** min(failures, 16), _MAX_BACKOFF)
        self._backoffs[request_id] = failures + 1, self._now() + delay

    def _update_backoff(self, stored: StoredRequest) -> None:
        if stored.is_outdated:
            self._back_off(stored.request.id)
        else:
            self._backoffs.pop(stored.request.id, None)

    async def _do_due_steps(self, request_id: str, clicked_card: Card | None, *, has_waiter: bool) -> StoredRequest:
        """Do the due steps in order. `has_waiter`: a caller waits for the result and notifies the requester."""
        stored = await self._requests.get(request_id)
        if stored is None:
            raise RequestClosed
        if clicked_card is not None and clicked_card != stored.card:
            stored = await self._handle_clicked_card(stored, clicked_card)
        if stored.card is None and isinstance(expired := find_due_transition(stored.request, self._now()), Expire):
            stored = await self._requests.advance(request_id, expired)  # Slack never accepted its card
        if stored.card is None and stored.request.state in OPEN_STATES:
            stored = await self._post_card(stored, has_waiter=has_waiter)
        if stored.card is None:
            return await self._notify_requester(stored)
        try:
            stored = await self._apply_due_timer(stored)
            stored = await self._revalidator.apply_policy(stored)
            stored = await self._execute(stored)
        except ApprovalsUnverifiable:  # the request stays approved, and upkeep tries again
            log.warning("request not executed: approvals unverifiable", request=request_id)
        except RequestClosed:  # another process changed the request first, and updates its card
            stored = await self._requests.get(request_id) or stored
        stored = await self._update_card(stored)
        return await self._announce_transitions(stored)

    async def _handle_clicked_card(self, stored: StoredRequest, clicked_card: Card) -> StoredRequest:
        request = stored.request
        if stored.card is None:
            await self._requests.save_card(request.id, clicked_card, 0)
            return stored.model_copy(update={"card": clicked_card, "card_version": max(stored.card_version, 0)})
        try:
            await self._cards.update(request, stored.card)
            await self._cards.retire_duplicate(clicked_card, request, stored.card)
        except CardGone:  # the stored card was deleted: the clicked one replaces it
            await self._requests.save_card(request.id, clicked_card, 0)
            return stored.model_copy(update={"card": clicked_card, "card_version": 0})
        except (SlackFailed, ChannelInaccessible) as error:  # the next click on the duplicate tries again
            log.warning("duplicate card not retired", request=request.id, error=type(error).__name__)
        return stored

    async def _apply_due_timer(self, stored: StoredRequest) -> StoredRequest:
        transition = find_due_transition(stored.request, self._now())
        return stored if transition is None else await self._requests.advance(stored.request.id, transition)

    async def _post_card(self, stored: StoredRequest, *, has_waiter: bool) -> StoredRequest:
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
            if not has_waiter:
                return stored
            await self._requests.mark_announced(request.id, stored.request.version)
            raise
        await self._requests.save_card(request.id, card, request.version)
        log.info("card posted", request=request.id)
        return stored.model_copy(update={"card": card, "card_version": request.version})

    async def _execute(self, stored: StoredRequest) -> StoredRequest:
        if stored.request.is_ready:
            stored = await self._executor.claim(stored)
            if stored.request.state is State.EXECUTING:
                # Update the card during the execution: Slack may be slow, and the lease of the claim keeps running.
                card_update = asyncio.create_task(self._update_card(stored))
                try:
                    stored = await self._executor.execute(stored)
                finally:
                    await card_update
                stored = await self._requests.get(stored.request.id) or stored
        elif self._executor.can_take_over(stored.request):
            stored = await self._executor.resume(stored)
        else:
            return stored
        log.info("request executed", request=stored.request.id, state=stored.request.state.value)
        return stored

    async def _update_card(self, stored: StoredRequest) -> StoredRequest:
        """Update the card to the newest version, and repeat if the request changes during the update."""
        while stored.card is not None and stored.card_version < stored.request.version:
            request = stored.request
            try:
                card = await self._update_or_repost(request, stored.card)
            except (SlackFailed, ChannelInaccessible) as error:  # the request is stored; upkeep updates the card later
                log.warning("card not updated", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.save_card(request.id, card, request.version)
            newest = await self._requests.get(request.id) or stored
            stored = newest.model_copy(update={"card": card, "card_version": request.version})
        return stored

    async def _update_or_repost(self, request: Request, card: Card) -> Card:
        try:
            await self._cards.update(request, card)
        except CardGone:  # somebody deleted the card, but people still need it to see and decide the request
            log.info("card posted again", request=request.id)
            return await self._cards.post(request, card.channel)
        return card

    async def _announce_transitions(self, stored: StoredRequest) -> StoredRequest:
        """Announce the new transitions in the card's thread. A crash in between may repeat an announcement."""
        request, card = stored.request, stored.card
        if card is None or stored.thread_version >= request.version:
            return stored
        for version, transition in enumerate(request.history[stored.thread_version :], stored.thread_version + 1):
            try:
                result = await self._read_result(request) if transition is request.last_transition else None
                await self._cards.announce_transition(request, transition, card, result)
            except (SlackFailed, ChannelInaccessible) as error:  # upkeep announces it later; the card already shows it
                log.warning("transition not announced", request=request.id, error=type(error).__name__)
                return stored
            await self._requests.mark_announced(request.id, version)
        return stored.model_copy(update={"thread_version": request.version})

    async def _notify_requester(self, stored: StoredRequest) -> StoredRequest:
        """Notify the requester of the outcome of a request that ended without a card."""
        request = stored.request
        if not stored.is_outdated:
            return stored
        try:
            await self._cards.notify_requester(request)
        except (SlackFailed, ChannelInaccessible) as error:  # upkeep tries again later
            log.warning("requester not notified", request=request.id, error=type(error).__name__)
            return stored
        await self._requests.mark_announced(request.id, request.version)
        return stored.model_copy(update={"thread_version": request.version})

    async def _read_result(self, request: Request) -> Warehouse | None:
        if not isinstance(request.last_transition, Succeed) or isinstance(request.change, Delete):
            return None
        try:
            return await self._inventory.fetch_warehouse(request.change.space, request.last_transition.warehouse_id)
        except SegmentError:
            return None


def _last_changed_at(request: Request) -> datetime:
    return request.last_transition.at if request.last_transition else request.asked_at
