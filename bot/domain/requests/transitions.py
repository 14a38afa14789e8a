"""The transitions of a request, as values with their time. `state_table` says when each is allowed."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from bot.domain.changes.diff import Difference
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action
from bot.domain.requests.requirements import Requirement
from bot.domain.segment_errors import FieldError


class Approve(FrozenModel):
    """A vote for the request. It counts for `actions`: those whose rules name the voter `by` as an approver.

    `actions` is None in votes that older versions stored; they count for every action.
    """

    kind: Literal["approve"] = "approve"
    by: str
    at: AwareDatetime
    actions: tuple[Action, ...] | None = None


class BreakGlass(FrozenModel):
    """An emergency override: a person whom the policy names skips the missing approvals, for `reason`.

    The card of the request shows it for good.
    """

    kind: Literal["break"] = "break"
    by: str
    at: AwareDatetime
    reason: str


class Deny(FrozenModel):
    """A vote against the request, which ends it."""

    kind: Literal["deny"] = "deny"
    by: str
    at: AwareDatetime
    reason: str = ""


class VoteRecount(FrozenModel):
    """The recount of the vote of `by`: from now on it counts for `actions`; without any, the vote is void.

    `reason` says, as a part of a sentence, why the vote counts for less than before; it is empty if it does not.
    """

    by: str
    actions: tuple[Action, ...] = ()
    reason: str = ""


class Revalidate(FrozenModel):
    """A check of a pending request against the current policy, and of its votes against current facts about people.

    Attributes:
        at: The time of the check.
        requirements: What the request requires from now on.
        votes: The votes whose recount differs from before.
        glass: Why the break-glass override is void, as a part of a sentence; empty if it is not.
    """

    kind: Literal["revalidate"] = "revalidate"
    at: AwareDatetime
    requirements: tuple[Requirement, ...]
    votes: tuple[VoteRecount, ...] = ()
    glass: str = ""


class Disqualify(FrozenModel):
    """The end of a request whose requester may no longer ask for it. The bot writes `reason`, in full sentences."""

    kind: Literal["disqualify"] = "disqualify"
    at: AwareDatetime
    reason: str


class Cancel(FrozenModel):
    """The withdrawal of a pending request by the requester, or by the bot, with an empty `by` and a `reason`."""

    kind: Literal["cancel"] = "cancel"
    by: str
    at: AwareDatetime
    reason: str = ""


class Expire(FrozenModel):
    """The end of a request that nobody decided, or claimed, in time."""

    kind: Literal["expire"] = "expire"
    at: AwareDatetime


class Remind(FrozenModel):
    """A reminder to the approvers; the next one is due at `again_at`."""

    kind: Literal["remind"] = "remind"
    at: AwareDatetime
    again_at: AwareDatetime


class Escalate(FrozenModel):
    """A message that the request is undecided, to the people whom the policy names for escalation."""

    kind: Literal["escalate"] = "escalate"
    at: AwareDatetime


class Supersede(FrozenModel):
    """The end of a request whose warehouse changed after it was asked, or is `gone`.

    `drift` lists the differences that may be shown; it is empty if only hidden settings changed.
    """

    kind: Literal["supersede"] = "supersede"
    at: AwareDatetime
    drift: tuple[Difference, ...] = ()
    gone: bool = False


class Claim(FrozenModel):
    """A lease: the process `by` alone may execute, or verify, the request until `until`.

    Attributes:
        by: The process.
        at: The time of the claim.
        until: The end of the lease. After it, another process may claim the request.
        known: The ids of the space's warehouses before a creation, so that a new one can be told from them afterwards.
        alone: The process is the only one, so the process of an earlier claim is dead.
    """

    kind: Literal["claim"] = "claim"
    by: str
    at: AwareDatetime
    until: AwareDatetime
    known: tuple[str, ...] = ()
    alone: bool = False


class Succeed(FrozenModel):
    """The change was made.

    Attributes:
        at: The time of the report.
        worker: The process that reports it, which must hold the newest claim.
        by: The person who settled a request whose outcome the bot could not determine; empty if the bot did.
        warehouse_id: The warehouse; for a creation, the new one.
        verified: Whether the bot read the change back from Segment.
        note: A remark for people, if any.
    """

    kind: Literal["succeed"] = "succeed"
    at: AwareDatetime
    worker: str = ""
    by: str = ""
    warehouse_id: str
    verified: bool
    note: str = ""


class Fail(FrozenModel):
    """Nothing was changed, for `reason`. `errors` are Segment's, if any; `worker` and `by` are as in Succeed."""

    kind: Literal["fail"] = "fail"
    at: AwareDatetime
    worker: str = ""
    by: str = ""
    reason: str
    errors: tuple[FieldError, ...] = ()


class MarkUnknown(FrozenModel):
    """The outcome is unknown, for `reason`; the next verification is due at `again_at`.

    `seen` says whether the bot could read Segment's list of warehouses. `worker` is as in Succeed.
    """

    kind: Literal["lose"] = "lose"
    at: AwareDatetime
    worker: str = ""
    reason: str
    again_at: AwareDatetime
    seen: bool = True


Transition = Annotated[
    Approve
    | BreakGlass
    | Revalidate
    | Disqualify
    | Deny
    | Cancel
    | Expire
    | Remind
    | Escalate
    | Supersede
    | Claim
    | Succeed
    | Fail
    | MarkUnknown,
    Field(discriminator="kind"),
]
