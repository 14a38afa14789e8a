"""A change that somebody asked for, with everything that happened to it. `transitions` has the moves it can make."""

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime, model_validator

from bot.domain.changes.change import Change, Create
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.legacy_format import upgrade_request
from bot.domain.requests.requirements import Requirement
from bot.domain.requests.transitions import (
    Approve,
    BreakGlass,
    Claim,
    MarkUnknown,
    Succeed,
    Transition,
    VoteRecount,
)
from bot.domain.requests.votes import (
    collect_valid_votes,
    collect_void_votes,
    count_votes,
    find_unmet_requirements,
    find_valid_break_glass,
)


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


OPEN_STATES = frozenset({State.PENDING, State.EXECUTING, State.UNKNOWN})


class Request(FrozenModel):
    """A request with everything that happened to it, in order. `id` is what people quote, like W-7F3K2.

    It takes the approvals in `requirements`, and gives the requester's `reason`. It is decided before `expires_at`, or
    begun before it where it takes no approval. After `remind_after` the approvers are reminded; at `escalate_at` those
    in `escalate_to` (mentions) are told. `glass` are the mentions of those who may break it. `version` counts moves.
    `payload` names what of Slack's it came with; `beside` (mrkdwn) tells what else was open for its warehouse when it
    was asked. `again_of` is the ended request that it asks again, `follows` the one that it takes back or makes anew;
    `chain` are the people who asked for that one, and for those that it repeated in turn. `reason_by` tells whose words
    `reason` are, where another's.
    """

    id: str
    change: Change
    asked_by: str
    asked_in: str
    asked_at: AwareDatetime
    requirements: tuple[Requirement, ...] = ()
    reason: str = ""
    expires_at: AwareDatetime | None = None
    remind_after: timedelta | None = None
    escalate_at: AwareDatetime | None = None
    escalate_to: str = ""
    glass: str = ""
    payload: str = ""
    beside: str = ""
    again_of: str = ""
    follows: str = ""
    chain: tuple[str, ...] = ()
    reason_by: str = ""
    state: State = State.PENDING
    history: tuple[Transition, ...] = ()

    @property
    def version(self) -> int:
        """How many moves were made."""
        return len(self.history)

    @model_validator(mode="before")
    @classmethod
    def _from_older_versions(cls, data: object) -> object:
        return upgrade_request(data)

    @property
    def approvals(self) -> tuple[Approve, ...]:
        """The approvals that count, one a person."""
        return collect_valid_votes(self.history)

    @property
    def void_votes(self) -> tuple[VoteRecount, ...]:
        """The approvals that were found to count for less than when they were given, and why."""
        return collect_void_votes(self.history)

    @property
    def broken_glass(self) -> BreakGlass | None:
        """Who skipped the approvals, if anybody did who still may."""
        return find_valid_break_glass(self.history)

    @property
    def unmet_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that still lack approvals."""
        return find_unmet_requirements(self.requirements, self.approvals)

    @property
    def missing_approvals(self) -> int:
        """How many people have to approve at the least before it is ready."""
        votes = self.approvals
        return max((each.approvals - count_votes(each, votes) for each in self.unmet_requirements), default=0)

    @property
    def required_approvals(self) -> int:
        """The approvals that its strictest requirement takes; 0 where it takes none."""
        return max((each.approvals for each in self.requirements), default=0)

    @property
    def approver_mentions(self) -> str:
        """Everybody who is asked to approve it, as mentions."""
        return ", ".join(dict.fromkeys(each.approvers_with_note for each in self.requirements)) or "nobody"

    @property
    def initiators(self) -> frozenset[str]:
        """Those who asked for it, or for a request that it repeats: none of them approves it."""
        return frozenset({self.asked_by, *self.chain})

    @property
    def is_ready(self) -> bool:
        """Whether it waits for nothing but to be claimed."""
        return self.state is State.PENDING and (not self.unmet_requirements or self.broken_glass is not None)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for people to decide."""
        return self.state is State.PENDING and not self.is_ready

    @property
    def has_ended_without_effect(self) -> bool:
        """Whether it ended with nothing done, so that the same may be asked once more."""
        return self.state not in OPEN_STATES and self.state is not State.SUCCEEDED

    @property
    def last_claim(self) -> Claim | None:
        """The newest claim."""
        return next((move for move in reversed(self.history) if isinstance(move, Claim)), None)

    @property
    def warehouse_id(self) -> str | None:
        """The warehouse it is about; of a creation, the one that came of it."""
        made = self.last_transition.warehouse_id if isinstance(self.last_transition, Succeed) else None
        return made if isinstance(self.change, Create) else self.change.target.id

    @property
    def unknown_count(self) -> int:
        """How often Segment's answer was lost."""
        return sum(isinstance(move, MarkUnknown) for move in self.history)

    @property
    def can_be_settled(self) -> bool:
        """Whether the bot looked more than once and could not tell what came of it, so that a person may."""
        return isinstance(self.last_transition, MarkUnknown) and self.inconclusive_verifications > 1

    @property
    def was_interrupted(self) -> bool:
        """Whether it was looked for afterwards: an answer was lost, or another process took over."""
        return sum(isinstance(move, Claim | MarkUnknown) for move in self.history) > 1

    @property
    def inconclusive_verifications(self) -> int:
        """How often the bot looked, and could not tell what came of it."""
        return sum(isinstance(move, MarkUnknown) and move.seen for move in self.history)

    @property
    def first_claim(self) -> Claim | None:
        """The claim under which the change was first sent."""
        return next((move for move in self.history if isinstance(move, Claim)), None)

    @property
    def last_transition(self) -> Transition | None:
        """The newest move."""
        return self.history[-1] if self.history else None


class Card(FrozenModel):
    """The message that shows a request."""

    channel: str
    ts: str


class StoredRequest(FrozenModel):
    """A request as it is kept.

    `painted` is the version its card shows, -1 where there is no card; `told` how many of its moves the thread tells.
    """

    request: Request
    card: Card | None = None
    card_version: int = -1
    thread_version: int = 0

    @property
    def is_outdated(self) -> bool:
        """Whether its card or its thread shows less than the truth, or it ended without a card and nobody was told."""
        if self.card is None:
            return self.request.state not in OPEN_STATES and self.thread_version < self.request.version
        return min(self.card_version, self.thread_version) < self.request.version
