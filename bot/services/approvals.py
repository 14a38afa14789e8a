"""Request changes and decide requests: the use cases behind submitted forms and clicked buttons."""

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

#: The seconds that checking the secrets of a change may take. Slack expects the acknowledgement within three.
_SECRET_CHECK_TIMEOUT = 0.8

Vote = Approve | Deny | BreakGlass


class Approvals:
    """Stores requests and decisions, and records refused attempts in the audit log.

    It neither changes anything in Segment nor posts to Slack; `Reconciler` does both afterwards.
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
        self._scrubber = scrubber or Scrubber()
        self._requests = requests
        self._policy = policy
        self._request_creation = RequestCreation(requests, ApproverAvailability(directory, policy), policy, now)
        self._refusal_log = RefusalLog(requests, now)
        self._spaces = spaces
        self._now = now
        self._secrets = secrets

    def needs_approval(self, *actions: Action) -> bool:
        """Whether one of `actions` needs an approval, and so a reason."""
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
        """Store the request of `actor` for `change`, made in `channel`.

        Every delivery of the same payload, identified by `idempotency_key`, returns the same request. The same
        `form_id` creates another request only if the earlier one ended without an effect. `again_of` is the request
        that this one repeats, with its reason. `follows` is the request that this one reverts or recreates. The
        requesters of those may not approve this one.

        Raises:
            NotAllowed: the actor may not request the change, nobody could approve it, or the actor may not use one of
                its secrets, or not for this host or warehouse.
            SpaceNotAllowed: the bot does not work with the space.
            ReasonMissing: the request needs an approval, or reverts a change, and has no reason.
            SecretExposed: a field that everybody sees, or the reason, contains a secret that the bot knows.
            MaskedValue: a field contains the mask of a secret.
            SecretMissing: a secret of the change does not exist or is empty.
            SecretProviderUnreachable: the bot can't check now whether a secret exists.
            SegmentError: Segment can't list the spaces.
            DuplicateRequest: the same request is open for the warehouse, or was created a moment ago.
            RequestClosed: the form was submitted before.
        """
        return await self._refusal_log.run_audited(
            actor.id,
            f"ask to {change_verb(change)}",
            lambda: self._store_request(
                change, actor, channel, idempotency_key, reason, form_id, again_of=again_of, follows=follows
            ),
        )

    async def _store_request(
        self,
        change: Change,
        actor: Actor,
        channel: str,
        idempotency_key: str,
        reason: str,
        form_id: str,
        *,
        again_of: Request | None,
        follows: Request | None,
    ) -> StoredRequest:
        _require_allowed(may_request(actor, change, self._policy))
        resolved_change = await self._spaces.resolve_space(change)
        full_reason = self._require_reason(change, again_of.reason if again_of else reason, follows)
        await self._check_secrets(resolved_change, actor)
        # This comes last, so that it also finds the secrets that were just fetched.
        await reject_secrets(resolved_change, "" if again_of else full_reason, self._scrubber, self._secrets)
        request = await self._request_creation.draft(
            resolved_change, actor, channel, idempotency_key, full_reason, again_of=again_of, follows=follows
        )
        return await self._request_creation.store(request, form_id)

    def _require_reason(self, change: Change, reason: str, follows: Request | None) -> str:
        """Return the complete reason, if the change needs one. Raises ReasonMissing."""
        if self.needs_approval(*actions_of(change)):
            return require_reason(reason, "This takes an approval, so its approvers want to know why.")
        if follows is not None and isinstance(change, Update):
            return require_reason(reason, "Taking a change back needs a reason.")
        return reason

    async def _check_secrets(self, change: Change, actor: Actor) -> None:
        refs = secrets_of(change)
        _require_allowed(may_send_all_secrets(actor, refs, destination_of(change), self._policy))
        # This only checks that each secret exists; the executor fetches the values again. A slow provider must not
        # delay the acknowledgement, so its errors then appear during the execution.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECRET_CHECK_TIMEOUT):
                for ref in refs:
                    await self._secrets.resolve(ref)

    async def approve(self, request_id: str, actor: Actor, typed_name: str | None = None) -> StoredRequest:
        """Record an approval. To approve a deletion, the actor types the warehouse's name.

        Raises:
            RequestClosed: the request is already decided, or the actor approved it before.
            NotAllowed: the actor may not decide the request.
            NameMismatch: the request is a deletion, and `typed_name` is not the name of its warehouse.
        """
        return await self._decide(request_id, actor, Approve(by=actor.id, at=self._now()), typed_name)

    async def deny(self, request_id: str, actor: Actor, reason: str = "") -> StoredRequest:
        """Record a denial. Raises the errors of `approve`, ReasonMissing and SecretExposed."""
        return await self._decide(request_id, actor, Deny(by=actor.id, at=self._now(), reason=reason))

    async def break_glass(
        self, request_id: str, actor: Actor, reason: str, typed_name: str | None = None
    ) -> StoredRequest:
        """Skip the approvals; actors may do so for their own requests.

        Raises the errors of `approve`, ReasonMissing and SecretExposed.
        """
        vote = BreakGlass(by=actor.id, at=self._now(), reason=reason)
        return await self._decide(request_id, actor, vote, typed_name)

    async def settle(
        self,
        request_id: str,
        actor: Actor,
        warehouse_id: str | None,
        reason: str,
        verify: Callable[[Request], Awaitable[None]] | None = None,
    ) -> StoredRequest:
        """Record the outcome that a person reports for a request whose outcome is unknown.

        `warehouse_id` is the id of the warehouse that the request created or changed, or None if it had no effect.
        `verify` compares the report with Segment's state, and may raise RequestClosed.

        Raises:
            RequestClosed: the outcome is known, or the bot still verifies it.
            NotAllowed: the actor may not settle the request.
            ReasonMissing: the reason, which says how the actor knows, is empty.
            SecretExposed: the reason contains a secret that the bot knows.
        """

        async def record_outcome() -> StoredRequest:
            request = await self._get_settleable(request_id, actor)
            full_reason = require_reason(reason, "Who reads this later wants to know how you know.")
            await reject_secrets_in_reason(full_reason, request.change, self._scrubber, self._secrets)
            if verify is not None:
                await verify(request)
            if warehouse_id is None:
                return await self._requests.advance(request_id, Fail(at=self._now(), by=actor.id, reason=full_reason))
            success = Succeed(at=self._now(), by=actor.id, warehouse_id=warehouse_id, verified=False, note=full_reason)
            return await self._requests.advance(request_id, success)

        return await self._refusal_log.run_audited(actor.id, "settle", record_outcome, request_id)

    async def check_can_settle(self, request_id: str, actor: Actor) -> Request:
        """Return the request if `actor` may settle it now. Raises RequestClosed or NotAllowed as `settle` does."""
        return await self._refusal_log.run_audited(
            actor.id, "settle", lambda: self._get_settleable(request_id, actor), request_id
        )

    async def _get_settleable(self, request_id: str, actor: Actor) -> Request:
        stored = await self._get_stored(request_id)
        if not stored.request.can_be_settled:
            raise RequestClosed(describe_status(stored.request, self._now()))
        request = await load_chain(stored.request, self._requests)
        _require_allowed(may_settle(actor, request, self._policy))
        return request

    async def cancel(self, request_id: str, actor: Actor) -> StoredRequest:
        """Cancel a request of the actor.

        Raises:
            RequestClosed: the request is already decided.
            NotAllowed: another person requested it, or the actor is not a member of the workspace (any more).
        """

        async def cancel_request() -> StoredRequest:
            stored = await self._get_pending(request_id)
            _require_allowed(check_membership(actor))
            if stored.request.asked_by != actor.id:
                raise NotAllowed(f"Only <@{stored.request.asked_by}>, who asked for this, can cancel it.")
            return await self._requests.advance(request_id, Cancel(by=actor.id, at=self._now()))

        return await self._refusal_log.run_audited(actor.id, "cancel", cancel_request, request_id)

    async def get_request(self, request_id: str, user_id: str, action: str, *kinds: type[FrozenModel]) -> StoredRequest:
        """Return the request behind a button for `action`, in any state.

        `kinds` limits the classes that the request's change may have; none means any.

        Raises:
            RequestClosed: no such request exists; the audit log records the attempt.
        """

        async def find_request() -> StoredRequest:
            stored = await self._get_stored(request_id)
            if kinds and not isinstance(stored.request.change, kinds):
                raise RequestClosed
            return stored

        return await self.run_audited(user_id, action, find_request, request_id)

    async def run_audited(
        self, user_id: str, action: str, act: Callable[[], Awaitable[Result]], request_id: str = ""
    ) -> Result:
        """Call `act` for `user_id`. If it raises a BotError, record the attempt at `action` in the audit log."""
        return await self._refusal_log.run_audited(user_id, action, act, request_id)

    async def check_can_vote(self, request_id: str, actor: Actor, kind: type[Vote]) -> Request:
        """Return the request if `actor` may make this vote now. Raises NotAllowed or RequestClosed."""

        async def check() -> Request:
            request = await load_chain((await self._get_pending(request_id)).request, self._requests)
            self._require_vote_allowed(
                request, actor, self._add_decidable_actions(_build_sample_vote(kind, actor, self._now), actor, request)
            )
            return request

        return await self._refusal_log.run_audited(actor.id, kind.__name__.lower(), check, request_id)

    async def _decide(self, request_id: str, actor: Actor, vote: Vote, typed_name: str | None = None) -> StoredRequest:
        async def decide() -> StoredRequest:
            request = await load_chain((await self._get_pending(request_id)).request, self._requests)
            counted_vote = self._add_decidable_actions(vote, actor, request)
            self._require_vote_allowed(request, actor, counted_vote)
            complete_vote = _complete_vote(counted_vote, request, typed_name)
            reason = getattr(complete_vote, "reason", "")
            await reject_secrets_in_reason(reason, request.change, self._scrubber, self._secrets)
            return await self._requests.advance(request_id, complete_vote)

        return await self._refusal_log.run_audited(actor.id, vote.kind, decide, request_id, vote.model_dump_json())

    def _add_decidable_actions(self, vote: Vote, actor: Actor, request: Request) -> Vote:
        """Return `vote`; if it is an approval, with the actions that it counts for."""
        if not isinstance(vote, Approve):
            return vote
        return vote.model_copy(update={"actions": find_decidable_actions(actor, request, self._policy)})

    def _require_vote_allowed(self, request: Request, actor: Actor, vote: Vote) -> None:
        advance(request, vote)  # a late vote gets the outcome as its error, whether it is allowed or not
        check = may_break_glass if isinstance(vote, BreakGlass) else may_decide
        _require_allowed(check(actor, request, self._policy))

    async def _get_stored(self, request_id: str) -> StoredRequest:
        stored = await self._requests.get(request_id)
        if stored is None:
            raise RequestClosed
        return stored

    async def _get_pending(self, request_id: str) -> StoredRequest:
        stored = await self._get_stored(request_id)
        if stored.request.state is not State.PENDING:
            raise RequestClosed(describe_status(stored.request, self._now()))
        return stored


def _complete_vote(vote: Vote, request: Request, typed_name: str | None) -> Vote:
    """Check the name or reason that `vote` needs, and return it complete. Raises NameMismatch or ReasonMissing."""
    if isinstance(request.change, Delete) and not isinstance(vote, Deny):
        require_matching_name(typed_name, request.change.warehouse_name)
    if isinstance(vote, Approve):
        return vote
    problem = "A denial needs a reason." if isinstance(vote, Deny) else "Breaking the glass needs a reason."
    return vote.model_copy(update={"reason": require_reason(vote.reason, problem)})


def _build_sample_vote(kind: type[Vote], actor: Actor, now: Now) -> Vote:
    return kind.model_validate({"by": actor.id, "at": now(), **({} if kind is Approve else {"reason": ""})})


def _require_allowed(verdict: Verdict) -> None:
    if not verdict.is_allowed:
        raise NotAllowed(verdict.reason)
