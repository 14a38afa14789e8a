"""Asking for a change, and deciding one: what a submitted form or a pressed button comes to."""

import secrets

from bot.domain.actors import Actor
from bot.domain.changes import Change
from bot.domain.errors import Closed, NotAllowed
from bot.domain.history import what_happened
from bot.domain.moves import Approve, Cancel, Deny
from bot.domain.policy import Policy, Verdict, may_ask, may_decide
from bot.domain.requests import Request, State, Stored, advance
from bot.services.ports import Now, Requests

#: Crockford's base 32: no letters that are taken for digits when somebody reads an id aloud.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """A request's id, short enough to say: one of a billion."""
    return "W-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


class Asking:
    """Stores what people ask and decide. Nothing here talks to Segment or posts; `Driver` does, afterwards."""

    def __init__(self, requests: Requests, policy: Policy, now: Now) -> None:
        self._requests = requests
        self._policy = policy
        self._now = now

    async def ask(self, change: Change, actor: Actor, channel: str, once: str) -> Stored:
        """Keep the request of `actor` for `change`, made in `channel`. The same `once` makes the same request.

        Raises:
            NotAllowed: they may not ask for it, or nobody could approve it.
        """
        _demand(may_ask(actor, change, self._policy))
        rule = self._policy.rule(change)
        request = Request(
            id=new_id(),
            change=change,
            asked_by=actor.id,
            asked_in=channel,
            asked_at=self._now(),
            needed=rule.approvals,
            asked_of=rule.asked,
        )
        stored, _ = await self._requests.add(request, once)
        return stored

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

    async def cancel(self, request_id: str, actor: Actor) -> Stored:
        """Take a request back.

        Raises:
            Closed: it is decided already.
            NotAllowed: somebody else asked for it.
        """
        stored = await self._open(request_id)
        if stored.request.asked_by != actor.id:
            raise NotAllowed(f"Only <@{stored.request.asked_by}>, who asked for this, can cancel it.")
        return await self._requests.advance(request_id, Cancel(by=actor.id, at=self._now()))

    async def _decide(self, request_id: str, actor: Actor, move: Approve | Deny) -> Stored:
        stored = await self._open(request_id)
        request = stored.request
        advance(request, move)  # who comes too late hears what happened, allowed or not
        _demand(may_decide(actor, request.change, request.asked_by, self._policy))
        return await self._requests.advance(request_id, move)

    async def _open(self, request_id: str) -> Stored:
        stored = await self._requests.get(request_id)
        if stored is None:
            raise Closed
        if stored.request.state is not State.PENDING:
            raise Closed(what_happened(stored.request, self._now()))
        return stored


def _demand(verdict: Verdict) -> None:
    if not verdict.ok:
        raise NotAllowed(verdict.reason)
