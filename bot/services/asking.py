"""Asking for a change, and deciding one: what a submitted form or a pressed button comes to."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.domain.actors import Actor
from bot.domain.audit import Entry
from bot.domain.changes import Change, Create, told_secrets, verb
from bot.domain.errors import BotError, Closed, NotAllowed, SecretTold
from bot.domain.history import what_happened
from bot.domain.moves import Approve, BreakGlass, Cancel, Deny, Fail, Succeed
from bot.domain.policy import (
    Action,
    Policy,
    Verdict,
    may_ask,
    may_break_glass,
    may_decide,
    may_enter,
    may_settle,
)
from bot.domain.requests import Request, State, Stored, advance
from bot.domain.secret_rules import destination_of, may_use_for, secrets_of
from bot.domain.striking import Censor
from bot.services.drafting import draft, following
from bot.services.ports import Directory, Now, Requests, Secrets

#: Seconds of Slack's three for looking whether the secrets of a change are there.
_LOOK_FOR = 0.8

Vote = Approve | Deny | BreakGlass


class Asking:
    """Stores what people ask and decide, and in the audit trail what was refused them.

    Nothing here talks to Segment or posts; `Driver` does, afterwards.
    """

    def __init__(
        self,
        requests: Requests,
        policy: Policy,
        directory: Directory,
        now: Now,
        held: Secrets,
        censor: Censor | None = None,
    ) -> None:
        self._censor = censor or Censor()
        self._requests = requests
        self._policy = policy
        self._directory = directory
        self._now = now
        self._held = held

    def waits(self, action: Action) -> bool:
        """Whether what `action` is takes an approval, so that a reason is asked for it."""
        return self._policy.rule_of(action).approvals > 0

    def admit(self, actor: Actor) -> None:
        """Let members pass, who alone may open forms and try connections. Raises NotAllowed."""
        _demand(may_enter(actor))

    async def ask(
        self,
        change: Change,
        actor: Actor,
        channel: str,
        once: str,
        reason: str = "",
        form: str = "",
        after: Request | None = None,
    ) -> Stored:
        """Keep the request of `actor` for `change`, made in `channel`.

        The same payload, named by `once`, makes the same request however often it is delivered. The same `form` makes
        another only where the one before ended with nothing done. `after` is the one that this asks again, for its
        reason.

        Raises:
            NotAllowed: they may not ask for it, nobody could approve it, or a secret in it is not theirs to use, or not
                for that host or warehouse.
            SecretTold: a field of it that everybody sees is a secret that the bot knows.
            SecretMissing: a secret in it is not there, or empty.
            SecretsUnreachable: whether it is can't be told now.
            AlreadyAsked: the same is open for that warehouse, or was created a moment ago.
            Closed: the form was submitted before.
        """

        async def keep() -> Stored:
            _demand(may_ask(actor, change, self._policy))
            await self._look_for(change, actor)
            if told := told_secrets(change, self._censor):  # what was just fetched, too
                raise SecretTold(told)
            request = await self._request(change, actor, channel, once, reason)
            return await self._kept(following(request, after), form)

        return await self._audited("", actor, f"ask to {verb(change)}", "", keep)

    async def _look_for(self, change: Change, actor: Actor) -> None:
        refs = secrets_of(change)
        _demand(may_use_for(actor, refs, destination_of(change), self._policy))
        # Only to know that it is there: the value is fetched again when it is sent. A place that thinks for longer
        # must not cost the ack, and says then what it has to say.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_FOR):
                for ref in refs:
                    await self._held.resolve(ref)

    async def approve(self, request_id: str, actor: Actor) -> Stored:
        """Keep an approval.

        Raises:
            Closed: it is decided already, or they approved it before.
            NotAllowed: they may not decide it.
        """
        return await self._decide(request_id, actor, Approve(by=actor.id, at=self._now()))

    async def deny(self, request_id: str, actor: Actor, reason: str = "") -> Stored:
        """Keep a denial. Raises as `approve` does."""
        return await self._decide(request_id, actor, Deny(by=actor.id, at=self._now(), reason=reason))

    async def break_glass(self, request_id: str, actor: Actor, reason: str) -> Stored:
        """Skip the approvals, also of one's own request. Raises as `approve` does."""
        return await self._decide(request_id, actor, BreakGlass(by=actor.id, at=self._now(), reason=reason))

    async def settle(self, request_id: str, actor: Actor, warehouse_id: str | None, reason: str) -> Stored:
        """Keep what a person saw of a request whose outcome is unknown: its warehouse's id, or None for "not done".

        Raises:
            Closed: its outcome is known, or still looked for.
            NotAllowed: they may not tell it.
        """
        told = {"at": self._now(), "by": actor.id}

        async def tell() -> Stored:
            stored = await self._there(request_id)
            if not stored.request.undecidable:
                raise Closed(what_happened(stored.request, self._now()))
            _demand(may_settle(actor, stored.request.change, stored.request.asked_by, self._policy))
            if warehouse_id is None:
                return await self._requests.advance(request_id, Fail(reason=reason, **told))
            done = Succeed(warehouse_id=warehouse_id, verified=False, note=reason, **told)
            return await self._requests.advance(request_id, done)

        return await self._audited(request_id, actor, "settle", "", tell)

    async def cancel(self, request_id: str, actor: Actor) -> Stored:
        """Take a request back.

        Raises:
            Closed: it is decided already.
            NotAllowed: somebody else asked for it.
        """

        async def take_back() -> Stored:
            stored = await self._pending(request_id)
            if stored.request.asked_by != actor.id:
                raise NotAllowed(f"Only <@{stored.request.asked_by}>, who asked for this, can cancel it.")
            return await self._requests.advance(request_id, Cancel(by=actor.id, at=self._now()))

        return await self._audited(request_id, actor, "cancel", "", take_back)

    async def known(self, request_id: str, user_id: str, action: str) -> Stored:
        """The request that a button to `action` names, in whatever state.

        Raises:
            Closed: there is none; the try is audited.
        """
        try:
            return await self._there(request_id)
        except Closed as error:
            await self._refused(request_id, user_id, action, "", error)
            raise

    async def check(self, request_id: str, actor: Actor, kind: type[Vote]) -> Request:
        """The request, if `actor` could approve, deny or break the glass of it now. Raises as `approve` does."""

        async def look() -> Stored:
            stored = await self._pending(request_id)
            self._may(stored.request, actor, _sample(kind, actor, self._now))
            return stored

        return (await self._audited(request_id, actor, kind.__name__.lower(), "", look)).request

    async def _decide(self, request_id: str, actor: Actor, move: Vote) -> Stored:
        async def decide() -> Stored:
            stored = await self._pending(request_id)
            self._may(stored.request, actor, move)
            return await self._requests.advance(request_id, move)

        return await self._audited(request_id, actor, move.kind, move.model_dump_json(), decide)

    def _may(self, request: Request, actor: Actor, move: Vote) -> None:
        advance(request, move)  # who comes too late hears what happened, allowed or not
        if isinstance(move, BreakGlass):
            _demand(may_break_glass(actor, request.change, self._policy))
        else:
            _demand(may_decide(actor, request.change, request.asked_by, self._policy))

    async def _there(self, request_id: str) -> Stored:
        stored = await self._requests.get(request_id)
        if stored is None:
            raise Closed
        return stored

    async def _pending(self, request_id: str) -> Stored:
        stored = await self._there(request_id)
        if stored.request.state is not State.PENDING:
            raise Closed(what_happened(stored.request, self._now()))
        return stored

    async def _audited(
        self, request_id: str, actor: Actor, action: str, detail: str, act: Callable[[], Awaitable[Stored]]
    ) -> Stored:
        try:
            return await act()
        except BotError as error:
            await self._refused(request_id, actor.id, action, detail, error)
            raise

    async def _refused(self, request_id: str, user_id: str, action: str, detail: str, error: BotError) -> None:
        entry = Entry(
            at=self._now(),
            request_id=request_id[:32],
            actor=user_id,
            action=action,
            state="",
            refused=error.says,
            detail=detail,
        )
        await self._requests.refused(entry)

    async def _kept(self, request: Request, form: str) -> Stored:
        beside = await self._beside(request)
        listed = ", ".join(f"`{each.id}` ({verb(each.change)}, asked by <@{each.asked_by}>)" for each in beside)
        return await self._added(request.model_copy(update={"beside": listed}), form)

    async def _added(self, request: Request, form: str) -> Stored:
        if not form:
            return (await self._requests.add(request, request.payload))[0]
        for attempt in itertools.count():
            stored, new = await self._requests.add(request, f"{form}#{attempt}")
            if new or stored.request.payload == request.payload:
                return stored
            if not stored.request.ineffective:
                since = f"This form was submitted already, as `{stored.request.id}`"
                raise Closed(f"{since}. {what_happened(stored.request, self._now())}")
        raise AssertionError("counting does not end")

    async def _beside(self, request: Request) -> Sequence[Request]:
        """The open requests of other payloads about the same warehouse."""
        if isinstance(request.change, Create):
            return ()
        others = [stored.request for stored in await self._requests.open()]
        mine = request.change.target.id
        return [each for each in others if each.payload != request.payload and each.warehouse_id == mine]

    async def _request(self, change: Change, actor: Actor, channel: str, once: str, reason: str) -> Request:
        rule = self._policy.rule(change)
        deserted = await self._directory.deserted(rule.groups) if rule.approvals else frozenset[str]()
        return draft(change, actor.id, channel, once, reason, rule, deserted, self._now())


def _sample(kind: type[Vote], actor: Actor, now: Now) -> Vote:
    return kind.model_validate({"by": actor.id, "at": now(), **({} if kind is Approve else {"reason": ""})})


def _demand(verdict: Verdict) -> None:
    if not verdict.ok:
        raise NotAllowed(verdict.reason)
