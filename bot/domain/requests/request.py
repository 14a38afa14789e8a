"""A request for a change, with its history. `state_table` says which transitions it can make."""

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
    """The states of a request."""

    PENDING = "pending"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: The states that are not final.
OPEN_STATES = frozenset({State.PENDING, State.EXECUTING, State.UNKNOWN})


class Request(FrozenModel):
    """A request for a change.

    Attributes:
        id: The id that people quote, such as W-7F3K2.
        change: The requested change.
        asked_by: The requester.
        asked_in: The channel of the request.
        asked_at: The time of the request.
        requirements: The approvals that it needs.
        reason: The requester's reason.
        expires_at: The time until which it must be decided or, if it needs no approval, claimed.
        remind_after: The time after which the approvers are reminded.
        escalate_at: The time at which the people in `escalate_to` are notified.
        escalate_to: Mentions of people and groups.
        glass: Mentions of the people and groups who may break the glass.
        payload: The idempotency key: it names the Slack payload that made the request.
        beside: Other requests that were open for its warehouse at `asked_at`, as mrkdwn.
        again_of: The id of the request that ended without effect, and that this one asks again.
        follows: The id of the request that this one undoes, or whose deleted warehouse it recreates.
        chain: The requesters of the request in `again_of` or `follows`, of the one which that one repeated, and so on.
        reason_by: The author of `reason`, if it is not the requester.
        state: The state.
        history: The transitions, oldest first.
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
        """The number of transitions."""
        return len(self.history)

    @model_validator(mode="before")
    @classmethod
    def _upgrade_legacy_format(cls, data: object) -> object:
        return upgrade_request(data)

    @property
    def approvals(self) -> tuple[Approve, ...]:
        """The approvals that count, one for each person."""
        return collect_valid_votes(self.history)

    @property
    def void_votes(self) -> tuple[VoteRecount, ...]:
        """The approvals that a revalidation found to count for less than before, and why."""
        return collect_void_votes(self.history)

    @property
    def broken_glass(self) -> BreakGlass | None:
        """The break-glass override, if there is a valid one."""
        return find_valid_break_glass(self.history)

    @property
    def unmet_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that lack approvals."""
        return find_unmet_requirements(self.requirements, self.approvals)

    @property
    def missing_approvals(self) -> int:
        """The smallest number of people whose approvals make the request ready."""
        votes = self.approvals
        return max((each.approvals - count_votes(each, votes) for each in self.unmet_requirements), default=0)

    @property
    def required_approvals(self) -> int:
        """The number of approvals of the strictest requirement; 0 if there is none."""
        return max((each.approvals for each in self.requirements), default=0)

    @property
    def approver_mentions(self) -> str:
        """The approvers of all requirements, as mentions."""
        return ", ".join(dict.fromkeys(each.approvers_with_note for each in self.requirements)) or "nobody"

    @property
    def initiators(self) -> frozenset[str]:
        """The requesters of this request and of the requests that it repeats. None of them may approve it."""
        return frozenset({self.asked_by, *self.chain})

    @property
    def is_ready(self) -> bool:
        """Whether all approvals are there, so that a process can claim it."""
        return self.state is State.PENDING and (not self.unmet_requirements or self.broken_glass is not None)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for decisions."""
        return self.state is State.PENDING and not self.is_ready

    @property
    def has_ended_without_effect(self) -> bool:
        """Whether it ended without a change, so that it may be asked again."""
        return self.state not in OPEN_STATES and self.state is not State.SUCCEEDED

    @property
    def last_claim(self) -> Claim | None:
        """The newest claim."""
        return next((transition for transition in reversed(self.history) if isinstance(transition, Claim)), None)

    @property
    def warehouse_id(self) -> str | None:
        """The id of its warehouse; for a creation, of the new one, and None before that."""
        new_id = self.last_transition.warehouse_id if isinstance(self.last_transition, Succeed) else None
        return new_id if isinstance(self.change, Create) else self.change.target.id

    @property
    def unknown_count(self) -> int:
        """How often Segment's answer was lost."""
        return sum(isinstance(transition, MarkUnknown) for transition in self.history)

    @property
    def can_be_settled(self) -> bool:
        """Whether a person may settle it, because two verifications or more could not determine the outcome."""
        return isinstance(self.last_transition, MarkUnknown) and self.inconclusive_verifications > 1

    @property
    def was_interrupted(self) -> bool:
        """Whether its execution was interrupted: an answer was lost, or another process took over."""
        return sum(isinstance(transition, Claim | MarkUnknown) for transition in self.history) > 1

    @property
    def inconclusive_verifications(self) -> int:
        """How many verifications read Segment's list and could not determine the outcome."""
        return sum(isinstance(transition, MarkUnknown) and transition.seen for transition in self.history)

    @property
    def first_claim(self) -> Claim | None:
        """The claim under which the change was sent for the first time."""
        return next((transition for transition in self.history if isinstance(transition, Claim)), None)

    @property
    def last_transition(self) -> Transition | None:
        """The newest transition."""
        return self.history[-1] if self.history else None


class Card(FrozenModel):
    """The message that shows a request."""

    channel: str
    ts: str


class StoredRequest(FrozenModel):
    """A request as it is stored, with its card.

    `card_version` is the version that the card shows, or -1 if there is no card. `thread_version` is the number of
    transitions that were posted to the card's thread.
    """

    request: Request
    card: Card | None = None
    card_version: int = -1
    thread_version: int = 0

    @property
    def is_outdated(self) -> bool:
        """Whether the card or the thread lacks transitions, or it ended without a card and nobody was notified."""
        if self.card is None:
            return self.request.state not in OPEN_STATES and self.thread_version < self.request.version
        return min(self.card_version, self.thread_version) < self.request.version
