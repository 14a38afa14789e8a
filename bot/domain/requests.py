"""A change that somebody asked for, and the table of the moves it can make.

    pending ──► denied | cancelled | expired | superseded
       │ enough approvals, claimed by one process
       ▼
    executing ──► succeeded | failed | unknown ──► succeeded | failed   (after looking)

A move that the table does not hold raises Closed and changes nothing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from bot.domain.changes import Change, Create, Difference
from bot.domain.errors import Closed, FieldError
from bot.domain.warehouses import Value


class State(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({State.PENDING, State.EXECUTING, State.UNKNOWN})


class Approve(Value):
    """An approval by somebody who may."""

    kind: Literal["approve"] = "approve"
    by: str
    at: AwareDatetime


class Deny(Value):
    """A denial by somebody who may."""

    kind: Literal["deny"] = "deny"
    by: str
    at: AwareDatetime
    reason: str = ""


class Cancel(Value):
    """The end of a pending request without a decision: by the requester, or by the bot (`by` empty) with a reason."""

    kind: Literal["cancel"] = "cancel"
    by: str
    at: AwareDatetime
    reason: str = ""


class Supersede(Value):
    """The warehouse changed since the request was asked, or is `gone`.

    `drift` holds what of it may be shown; it is empty where only settings changed that may not.
    """

    kind: Literal["supersede"] = "supersede"
    at: AwareDatetime
    drift: tuple[Difference, ...] = ()
    gone: bool = False


class Claim(Value):
    """One process wins the right to execute until its lease ends, or takes over where a lease has ended.

    `known` holds the ids of the space's warehouses before a creation, to tell a new one from those afterwards.
    """

    kind: Literal["claim"] = "claim"
    by: str
    at: AwareDatetime
    until: AwareDatetime
    known: tuple[str, ...] = ()


class Succeed(Value):
    """Segment shows what was asked for. `verified` tells whether it was read back; `note` says what is worth saying."""

    kind: Literal["succeed"] = "succeed"
    at: AwareDatetime
    warehouse_id: str
    verified: bool
    note: str = ""


class Fail(Value):
    """Nothing changed, for `reason`; `errors` are Segment's complaints where it had some."""

    kind: Literal["fail"] = "fail"
    at: AwareDatetime
    reason: str
    errors: tuple[FieldError, ...] = ()


class Lose(Value):
    """Nobody knows whether it happened, for `reason`; the bot looks again at `again_at`."""

    kind: Literal["lose"] = "lose"
    at: AwareDatetime
    reason: str
    again_at: AwareDatetime


Move = Annotated[Approve | Deny | Cancel | Supersede | Claim | Succeed | Fail | Lose, Field(discriminator="kind")]

#: (state, move) → the state afterwards. What is not here is not possible.
MOVES: dict[tuple[State, type[Value]], State] = {
    (State.PENDING, Approve): State.PENDING,
    (State.PENDING, Deny): State.DENIED,
    (State.PENDING, Cancel): State.CANCELLED,
    (State.PENDING, Supersede): State.SUPERSEDED,
    (State.PENDING, Claim): State.EXECUTING,
    (State.PENDING, Fail): State.FAILED,
    (State.EXECUTING, Claim): State.EXECUTING,
    (State.EXECUTING, Succeed): State.SUCCEEDED,
    (State.EXECUTING, Fail): State.FAILED,
    (State.EXECUTING, Lose): State.UNKNOWN,
    (State.UNKNOWN, Claim): State.UNKNOWN,
    (State.UNKNOWN, Succeed): State.SUCCEEDED,
    (State.UNKNOWN, Fail): State.FAILED,
    (State.UNKNOWN, Lose): State.UNKNOWN,
}


class Request(Value):
    """A request with everything that happened to it, in order. `id` is what people quote, like W-7F3K2.

    `needed` approvals were asked for, of `asked_of` (a mention). `version` counts the moves.
    """

    id: str
    change: Change
    asked_by: str
    asked_in: str
    asked_at: AwareDatetime
    needed: int
    asked_of: str
    state: State = State.PENDING
    history: tuple[Move, ...] = ()

    @property
    def version(self) -> int:
        """How many moves were made."""
        return len(self.history)

    @property
    def approvals(self) -> tuple[Approve, ...]:
        """The approvals so far, one a person."""
        return tuple(move for move in self.history if isinstance(move, Approve))

    @property
    def ready(self) -> bool:
        """Whether it waits for nothing but to be claimed."""
        return self.state is State.PENDING and len(self.approvals) >= self.needed

    @property
    def claim(self) -> Claim | None:
        """The newest claim."""
        return next((move for move in reversed(self.history) if isinstance(move, Claim)), None)

    @property
    def warehouse_id(self) -> str | None:
        """The warehouse it is about; of a creation, the one that came of it."""
        made = self.last.warehouse_id if isinstance(self.last, Succeed) else None
        return made if isinstance(self.change, Create) else self.change.target.id

    @property
    def lost(self) -> int:
        """How often Segment's answer was lost."""
        return sum(isinstance(move, Lose) for move in self.history)

    @property
    def first_claim(self) -> Claim | None:
        """The claim under which the change was first sent."""
        return next((move for move in self.history if isinstance(move, Claim)), None)

    @property
    def last(self) -> Move | None:
        """The newest move."""
        return self.history[-1] if self.history else None


class Card(Value):
    """The message that shows a request."""

    channel: str
    ts: str


class Stored(Value):
    """A request as it is kept. `painted` is the version its card shows, -1 where there is no card."""

    request: Request
    card: Card | None = None
    painted: int = -1

    @property
    def behind(self) -> bool:
        """Whether its card shows less than the truth."""
        return self.card is not None and self.painted < self.request.version


def advance(request: Request, move: Move) -> Request:
    """The request after `move`.

    Raises:
        Closed: the move is not possible any more, with what has happened instead.
    """
    after = MOVES.get((request.state, type(move)))
    if after is None or not _timely(request, move):
        raise Closed(what_happened(request, move.at))
    return request.model_copy(update={"state": after, "history": (*request.history, move)})


def _timely(request: Request, move: Move) -> bool:
    match move:
        case Approve():
            return not request.ready and all(vote.by != move.by for vote in request.approvals)
        case Deny() | Cancel():
            return not request.ready or request.needed == 0
        case Claim():
            return request.ready or abandoned(request, move.at)
        case _:
            return True


def abandoned(request: Request, now: datetime) -> bool:
    """Whether another process should take over: a lease ran out, or it is time to look again."""
    match request.last:
        case Claim(until=until):
            return until <= now
        case Lose(again_at=again_at):
            return again_at <= now
        case _:
            return False


def what_happened(request: Request, now: datetime) -> str:
    """What a late or second click is told: who did what, how long ago, and where it stands."""
    approved = " and ".join(f"<@{vote.by}>" for vote in request.approvals)
    match request.last:
        case Deny(by=by, at=at):
            return f"<@{by}> denied this {_ago(now, at)}; nothing was done."
        case Cancel(by=by, at=at, reason=reason):
            return f"<@{by}> cancelled this {_ago(now, at)}." if by else f"This was not asked: {reason}"
        case Supersede(at=at):
            return f"The warehouse changed after this was asked; found {_ago(now, at)}, nothing was done."
        case Succeed(at=at):
            return f"{approved} approved this; it was done {_ago(now, at)}." if approved else "This is done."
        case Fail(at=at):
            return f"This failed {_ago(now, at)}; nothing changed."
        case Lose(at=at):
            return f"Segment's answer was lost {_ago(now, at)}; the bot is looking, and nothing is sent twice."
        case Claim():
            return f"{approved} approved this; it is running." if approved else "This is running."
        case Approve(at=at):
            return f"{approved} approved this {_ago(now, at)}."
        case _:
            return "This request is no longer open."


def _ago(now: datetime, then: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
