"""Request changes and decide requests: the use cases behind submitted forms and pressed buttons."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.domain.actors import Actor
from bot.domain.changes.change import Change, Delete, Update, change_verb
from bot.domain.errors import NotAllowed, RequestClosed
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action, Policy, Verdict, actions_of, check_membership, may_request
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.eligibility import find_decidable_actions, may_break_glass, may_decide, may_settle
from bot.domain.requests.name_confirmation import require_matching_name
from bot.domain.requests.reasons import require_reason
from bot.domain.requests.request import Request, State, StoredRequest
from bot.domain.requests.state_table import advance
from bot.domain.requests.status_text import describe_status
from bot.domain.requests.transitions import Approve, BreakGlass, Cancel, Deny, Fail, Succeed
from bot.domain.secret_rules import destination_of, may_send_all_secrets, secrets_of
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.approver_availability import ApproverAvailability
from bot.services.new_requests import RequestCreation, load_chain
from bot.services.ports import Directory, Now, RequestStore, Secrets
from bot.services.refusal_log import RefusalLog, Result
from bot.services.secret_screening import reject_secrets, reject_secrets_in_reason

#: Seconds of Slack's three for looking whether the secrets of a change are there.
_LOOK_FOR = 0.8

Vote = Approve | Deny | BreakGlass


class Approvals:
    """Stores requests and decisions, and records refused attempts in the audit log.

    Nothing here talks to Segment or posts; `Reconciler` does, afterwards.
    """

    def __init__(
        self,
        requests: RequestStore,
        policy: Policy,
        directory: Directory,
        now: Now,
        secrets: Secrets,
        spaces: AllowedSpaces,
        scrubber: Scrubber | None = None,
    ) -> None:
        self._censor = scrubber or Scrubber()
        self._requests = requests
        self._policy = policy
        self._new = RequestCreation(requests, ApproverAvailability(directory, policy), policy, now)
        self._refusals = RefusalLog(requests, now)
        self._spaces = spaces
        self._now = now
        self._held = secrets

    def needs_approval(self, *actions: Action) -> bool:
        """Whether one of `actions` takes an approval, so that a reason is asked for it."""
        return any(self._policy.rule_for(action).approvals > 0 for action in actions)

    async def request(
        self,
        change: Change,
        actor: Actor,
        channel: str,
        idempotency_key: str,
        reason: str = "",
        form_id: str = "",
        again_of: Request | None = None,
        follows: Request | None = None,
    ) -> StoredRequest:
        """Keep the request of `actor` for `change`, made in `channel`.

        The same payload, named by `idempotency_key`, makes the same request at each delivery. The same `form_id` makes
        another only where the one before ended with nothing done. `again_of` is the one that this asks again, for its
        reason; `follows` the one that it takes back or makes anew. Whoever asked for those does not approve this one.

        Raises:
            NotAllowed: they may not ask for it, nobody could approve it, or a secret in it is not theirs to use, or not
                for that host or warehouse.
            SpaceNotAllowed: it is about a space that the bot does not work with.
            ReasonMissing: it takes an approval, or takes something back, and nobody says why.
            SecretExposed: a field of it that everybody sees, or its reason, holds a secret that the bot knows.
            MaskedValue: a field of it holds the mask of a secret.
            SecretMissing: a secret in it is not there, or empty.
            SecretProviderUnreachable: whether it is can't be told now.
            SegmentError: which spaces there are can't be told now.
            DuplicateRequest: the same is open for that warehouse, or was created a moment ago.
            RequestClosed: the form was submitted before.
        """

        async def keep() -> StoredRequest:
            _demand(may_request(actor, change, self._policy))
            allowed = await self._spaces.resolve_space(change)
            words = again_of.reason if again_of else reason
            if self.needs_approval(*actions_of(change)):
                words = require_reason(words, "This takes an approval, so its approvers want to know why.")
            elif follows is not None and isinstance(change, Update):
                words = require_reason(words, "Taking a change back needs a reason.")
            await self._look_for(allowed, actor)
            await reject_secrets(allowed, "" if again_of else words, self._censor, self._held)  # just fetched, too
            request = await self._new.draft(
                allowed, actor, channel, idempotency_key, words, again_of=again_of, follows=follows
            )
            return await self._new.store(request, form_id)

        return await self._refusals.run_audited(actor.id, f"ask to {change_verb(change)}", keep)

    async def _look_for(self, change: Change, actor: Actor) -> None:
        refs = secrets_of(change)
        _demand(may_send_all_secrets(actor, refs, destination_of(change), self._policy))
        # Only to know that it is there: the value is fetched again when it is sent. A place that thinks for longer
        # must not cost the ack, and says then what it has to say.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_FOR):
                for ref in refs:
                    await self._held.resolve(ref)

    async def approve(self, request_id: str, actor: Actor, typed_name: str | None = None) -> StoredRequest:
        """Keep an approval. Whoever approves a deletion types the warehouse's name.

        Raises:
            RequestClosed: it is decided already, or they approved it before.
            NotAllowed: they may not decide it.
            NameMismatch: it is a deletion, and `typed_name` is not the name of its warehouse.
        """
        return await self._decide(request_id, actor, Approve(by=actor.id, at=self._now()), typed_name)

    async def deny(self, request_id: str, actor: Actor, reason: str = "") -> StoredRequest:
        """Keep a denial. Raises as `approve` does, ReasonMissing and SecretExposed."""
        return await self._decide(request_id, actor, Deny(by=actor.id, at=self._now(), reason=reason))

    async def break_glass(
        self, request_id: str, actor: Actor, reason: str, typed_name: str | None = None
    ) -> StoredRequest:
        """Skip the approvals, also of one's own request. Raises as `approve` does, ReasonMissing and SecretExposed."""
        move = BreakGlass(by=actor.id, at=self._now(), reason=reason)
        return await self._decide(request_id, actor, move, typed_name)

    async def settle(
        self,
        request_id: str,
        actor: Actor,
        warehouse_id: str | None,
        reason: str,
        verify: Callable[[Request], Awaitable[None]] | None = None,
    ) -> StoredRequest:
        """Keep what a person saw of a request whose outcome is unknown: its warehouse's id, or None for "not done".

        `verify` compares that with what Segment shows, and may raise RequestClosed.

        Raises:
            RequestClosed: its outcome is known, or still looked for.
            NotAllowed: they may not tell it.
            ReasonMissing: they don't say how they know.
            SecretExposed: the reason holds a secret that the bot knows.
        """

        async def tell() -> StoredRequest:
            request = await self._settled_by(request_id, actor)
            words = require_reason(reason, "Who reads this later wants to know how you know.")
            await reject_secrets_in_reason(words, request.change, self._censor, self._held)
            if verify is not None:
                await verify(request)
            if warehouse_id is None:
                return await self._requests.advance(request_id, Fail(at=self._now(), by=actor.id, reason=words))
            done = Succeed(at=self._now(), by=actor.id, warehouse_id=warehouse_id, verified=False, note=words)
            return await self._requests.advance(request_id, done)

        return await self._refusals.run_audited(actor.id, "settle", tell, request_id)

    async def check_can_settle(self, request_id: str, actor: Actor) -> Request:
        """The request, if `actor` could settle it now. Raises RequestClosed and NotAllowed as `settle` does."""
        return await self._refusals.run_audited(
            actor.id, "settle", lambda: self._settled_by(request_id, actor), request_id
        )

    async def _settled_by(self, request_id: str, actor: Actor) -> Request:
        stored = await self._there(request_id)
        if not stored.request.can_be_settled:
            raise RequestClosed(describe_status(stored.request, self._now()))
        request = await load_chain(stored.request, self._requests)
        _demand(may_settle(actor, request, self._policy))
        return request

    async def cancel(self, request_id: str, actor: Actor) -> StoredRequest:
        """Take a request back.

        Raises:
            RequestClosed: it is decided already.
            NotAllowed: somebody else asked for it, or they are no member (any more).
        """

        async def take_back() -> StoredRequest:
            stored = await self._pending(request_id)
            _demand(check_membership(actor))
            if stored.request.asked_by != actor.id:
                raise NotAllowed(f"Only <@{stored.request.asked_by}>, who asked for this, can cancel it.")
            return await self._requests.advance(request_id, Cancel(by=actor.id, at=self._now()))

        return await self._refusals.run_audited(actor.id, "cancel", take_back, request_id)

    async def get_request(self, request_id: str, user_id: str, action: str, *kinds: type[FrozenModel]) -> StoredRequest:
        """The request that a button to `action` names, whatever its state; about one of `kinds` of changes, if any.

        Raises:
            RequestClosed: there is none; the try is audited.
        """

        async def find() -> StoredRequest:
            stored = await self._there(request_id)
            if kinds and not isinstance(stored.request.change, kinds):
                raise RequestClosed
            return stored

        return await self.run_audited(user_id, action, find, request_id)

    async def run_audited(
        self, user_id: str, action: str, act: Callable[[], Awaitable[Result]], request_id: str = ""
    ) -> Result:
        """Do `act` for `user_id`; where it raises a BotError, the attempt at `action` is in the audit log."""
        return await self._refusals.run_audited(user_id, action, act, request_id)

    async def check_can_vote(self, request_id: str, actor: Actor, kind: type[Vote]) -> Request:
        """Return the request if `actor` may make this vote now. Raises NotAllowed or RequestClosed."""

        async def look() -> Request:
            request = await load_chain((await self._pending(request_id)).request, self._requests)
            self._may(request, actor, self._counted(_sample(kind, actor, self._now), actor, request))
            return request

        return await self._refusals.run_audited(actor.id, kind.__name__.lower(), look, request_id)

    async def _decide(self, request_id: str, actor: Actor, move: Vote, typed_name: str | None = None) -> StoredRequest:
        async def decide() -> StoredRequest:
            request = await load_chain((await self._pending(request_id)).request, self._requests)
            counted = self._counted(move, actor, request)
            self._may(request, actor, counted)
            complete = _complete(counted, request, typed_name)
            await reject_secrets_in_reason(getattr(complete, "reason", ""), request.change, self._censor, self._held)
            return await self._requests.advance(request_id, complete)

        return await self._refusals.run_audited(actor.id, move.kind, decide, request_id, move.model_dump_json())

    def _counted(self, move: Vote, actor: Actor, request: Request) -> Vote:
        """`move` with the actions that it counts for, if it is an approval."""
        if not isinstance(move, Approve):
            return move
        return move.model_copy(update={"actions": find_decidable_actions(actor, request, self._policy)})

    def _may(self, request: Request, actor: Actor, move: Vote) -> None:
        advance(request, move)  # who comes too late hears what happened, allowed or not
        may = may_break_glass if isinstance(move, BreakGlass) else may_decide
        _demand(may(actor, request, self._policy))

    async def _there(self, request_id: str) -> StoredRequest:
        stored = await self._requests.get(request_id)
        if stored is None:
            raise RequestClosed
        return stored

    async def _pending(self, request_id: str) -> StoredRequest:
        stored = await self._there(request_id)
        if stored.request.state is not State.PENDING:
            raise RequestClosed(describe_status(stored.request, self._now()))
        return stored


def _complete(move: Vote, request: Request, typed_name: str | None) -> Vote:
    """`move` with what has to be typed for it. Raises NameMismatch or ReasonMissing."""
    if isinstance(request.change, Delete) and not isinstance(move, Deny):
        require_matching_name(typed_name, request.change.warehouse_name)
    if isinstance(move, Approve):
        return move
    problem = "A denial needs a reason." if isinstance(move, Deny) else "Breaking the glass needs a reason."
    return move.model_copy(update={"reason": require_reason(move.reason, problem)})


def _sample(kind: type[Vote], actor: Actor, now: Now) -> Vote:
    return kind.model_validate({"by": actor.id, "at": now(), **({} if kind is Approve else {"reason": ""})})


def _demand(verdict: Verdict) -> None:
    if not verdict.is_allowed:
        raise NotAllowed(verdict.reason)
