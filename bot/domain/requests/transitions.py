"""What can happen to a request, each as a value with its moment; `domain.requests` says when it may."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from bot.domain.changes.diff import Difference
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action
from bot.domain.requests.requirements import Requirement
from bot.domain.segment_errors import FieldError


class Approve(FrozenModel):
    """An approval by somebody who may, for those `actions` of the change whose rules name them as an approver.

    None, as votes of older versions have it, counts for every action.
    """

    kind: Literal["approve"] = "approve"
    by: str
    at: AwareDatetime
    actions: tuple[Action, ...] | None = None


class BreakGlass(FrozenModel):
    """The approvals are skipped by somebody whom the policy names for that, for `reason`; it stays marked for good."""

    kind: Literal["break"] = "break"
    by: str
    at: AwareDatetime
    reason: str


class Deny(FrozenModel):
    """A denial by somebody who may."""

    kind: Literal["deny"] = "deny"
    by: str
    at: AwareDatetime
    reason: str = ""


class VoteRecount(FrozenModel):
    """What the approval of `by` counts for when it is looked at again; for none of `actions`, it is void.

    `reason` is part of a sentence, and says why it counts for less than before; empty where it does not.
    """

    by: str
    actions: tuple[Action, ...] = ()
    reason: str = ""


class Revalidate(FrozenModel):
    """A pending request is measured anew: by the policy in force, and by what its approvers are now.

    It takes `requirements` from here on. `votes` are the approvals that count for something else than before; `glass`
    says why a broken glass does not count any more, where it does not.
    """

    kind: Literal["revalidate"] = "revalidate"
    at: AwareDatetime
    requirements: tuple[Requirement, ...]
    votes: tuple[VoteRecount, ...] = ()
    glass: str = ""


class Disqualify(FrozenModel):
    """The requester may not ask for this any more, for `reason`, full sentences of the bot's own."""

    kind: Literal["disqualify"] = "disqualify"
    at: AwareDatetime
    reason: str


class Cancel(FrozenModel):
    """The end of a pending request without a decision: by the requester, or by the bot (`by` empty) with a reason."""

    kind: Literal["cancel"] = "cancel"
    by: str
    at: AwareDatetime
    reason: str = ""


class Expire(FrozenModel):
    """Nobody decided in time."""

    kind: Literal["expire"] = "expire"
    at: AwareDatetime


class Remind(FrozenModel):
    """The approvers are reminded; the next time at `again_at`."""

    kind: Literal["remind"] = "remind"
    at: AwareDatetime
    again_at: AwareDatetime


class Escalate(FrozenModel):
    """Those whom the policy names beside the approvers are told that nobody decides."""

    kind: Literal["escalate"] = "escalate"
    at: AwareDatetime


class Supersede(FrozenModel):
    """The warehouse changed since the request was asked, or is `gone`.

    `drift` holds what of it may be shown; it is empty where only settings changed that may not.
    """

    kind: Literal["supersede"] = "supersede"
    at: AwareDatetime
    drift: tuple[Difference, ...] = ()
    gone: bool = False


class Claim(FrozenModel):
    """One process wins the right to execute until its lease ends, or takes over where a lease has ended.

    `known` holds the ids of the space's warehouses before a creation, to tell a new one from those afterwards. `alone`
    is said by a process that knows itself to be the only one: whoever claimed before it is dead.
    """

    kind: Literal["claim"] = "claim"
    by: str
    at: AwareDatetime
    until: AwareDatetime
    known: tuple[str, ...] = ()
    alone: bool = False


class Succeed(FrozenModel):
    """Segment shows what was asked for. `verified` tells whether it was read back; `note` says what is worth saying.

    `worker` is the process that found it, whose claim must be the newest; `by` the person who told it of a request that
    the bot could not find out about.
    """

    kind: Literal["succeed"] = "succeed"
    at: AwareDatetime
    worker: str = ""
    by: str = ""
    warehouse_id: str
    verified: bool
    note: str = ""


class Fail(FrozenModel):
    """Nothing changed, for `reason`; `errors` are Segment's complaints where it had some. `by` is as in Succeed."""

    kind: Literal["fail"] = "fail"
    at: AwareDatetime
    worker: str = ""
    by: str = ""
    reason: str
    errors: tuple[FieldError, ...] = ()


class MarkUnknown(FrozenModel):
    """Nobody knows whether it happened, for `reason`; the bot looks again at `again_at`.

    `seen` tells whether Segment's list could be read at all.
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
