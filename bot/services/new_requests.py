"""Create requests: draft what a person asks for, and store it once, however often it is submitted."""

import itertools
from collections.abc import Sequence

from bot.domain.actors import Actor
from bot.domain.changes.change import Change, Create, change_verb
from bot.domain.errors import RequestClosed
from bot.domain.policy import Policy
from bot.domain.requests.request import Request, StoredRequest
from bot.domain.requests.status_text import describe_status
from bot.services.approver_availability import ApproverAvailability
from bot.services.ports import Now, RequestStore
from bot.services.request_drafts import draft_request, extend_chain, mark_as_asked_again


class RequestCreation:
    """Drafts requests that somebody can approve, and stores them."""

    def __init__(
        self, requests: RequestStore, approver_availability: ApproverAvailability, policy: Policy, now: Now
    ) -> None:
        self._requests = requests
        self._approver_availability = approver_availability
        self._policy = policy
        self._now = now

    async def draft(
        self,
        change: Change,
        actor: Actor,
        channel: str,
        idempotency_key: str,
        reason: str,
        *,
        again_of: Request | None,
        follows: Request | None,
    ) -> Request:
        """Draft the request of `actor` for `change`, which repeats `again_of`, or takes `follows` back or recreates it.

        Raises:
            TooFewApprovers: too few people could approve it.
        """
        before = again_of or follows
        before = await load_chain(before, self._requests) if before else None
        chain = frozenset({actor.id, *(before.initiators if before else ())})
        groups = await self._approver_availability.require_approvers(change, actor.id, chain)
        request = draft_request(change, actor.id, channel, idempotency_key, reason, self._policy, groups, self._now())
        if before is None:
            return request
        if again_of is not None:
            return mark_as_asked_again(request, before)
        return extend_chain(request, before).model_copy(update={"follows": before.id})

    async def store(self, request: Request, form_id: str) -> StoredRequest:
        """Store `request`. The same payload is stored once; the same `form_id` once more only after no effect.

        Raises:
            DuplicateRequest: the same is open for that warehouse, or was created a moment ago.
            RequestClosed: the form was submitted before.
        """
        beside = await self._list_others(request)
        listed = ", ".join(f"`{each.id}` ({change_verb(each.change)}, asked by <@{each.asked_by}>)" for each in beside)
        return await self._add(request.model_copy(update={"beside": listed}), form_id)

    async def _add(self, request: Request, form: str) -> StoredRequest:
        if not form:
            return (await self._requests.add(request, request.payload))[0]
        for attempt in itertools.count():
            stored, new = await self._requests.add(request, f"{form}#{attempt}")
            if new or stored.request.payload == request.payload:
                return stored
            if not stored.request.has_ended_without_effect:
                since = f"This form was submitted already, as `{stored.request.id}`"
                raise RequestClosed(f"{since}. {describe_status(stored.request, self._now())}")
        raise AssertionError("counting does not end")

    async def _list_others(self, request: Request) -> Sequence[Request]:
        """The open requests of other payloads about the same warehouse."""
        if isinstance(request.change, Create):
            return ()
        others = [stored.request for stored in await self._requests.list_open()]
        mine = request.change.target.id
        return [each for each in others if each.payload != request.payload and each.warehouse_id == mine]


async def load_chain(request: Request, requests: RequestStore) -> Request:
    """Return `request` with the people who asked for each request that it repeats.

    New requests store their chain. For requests that an older version stored, follow `again_of` and `follows`.
    """
    if request.chain:
        return request
    chain: list[str] = []
    visited, before = {request.id}, request.again_of or request.follows
    while before and before not in visited:
        visited.add(before)
        if (stored := await requests.get(before)) is None:
            break
        chain += [stored.request.asked_by, *stored.request.chain]
        before = "" if stored.request.chain else stored.request.again_of or stored.request.follows
    return request.model_copy(update={"chain": tuple(dict.fromkeys(chain))}) if chain else request
