"""Errors of requesting a change and of deciding a request; a part of the tree in `errors`."""

from dataclasses import dataclass

from bot.domain.errors import BotError, NotAllowed, quote_code


@dataclass(eq=False, repr=False)
class ReasonMissing(BotError):
    """An act requires a reason, and the person typed none that can be read. `problem` says in a sentence which act."""

    problem: str

    @property
    def user_message(self) -> str:
        """What requires a reason, and that nothing was done."""
        return f"{self.problem} Nothing was done. Say why, in words that people can read, and try again."


class NameMismatch(BotError):
    """The approver of a deletion typed no name, or another name than the warehouse's."""

    message = "That is not its name. Nothing was approved. Type the warehouse's name as it is shown."


@dataclass(eq=False, repr=False)
class SpaceNotAllowed(BotError):
    """The space `slug` of a change is not among those that the bot works with."""

    slug: str

    @property
    def user_message(self) -> str:
        """Which space, and which setting decides about it."""
        return (
            f"The space {quote_code(self.slug)} is not among those that this bot works with (SEGMENT_SPACES). "
            "Nothing was sent to Segment."
        )


class ApprovalsUnverifiable(BotError):
    """Slack can't say at present whether the approvals of a request still count."""

    message = (
        "Slack can't say right now whether the approvals still count, so nothing was sent to Segment. "
        "They are kept, and the bot tries again by itself."
    )


class TooFewApprovers(NotAllowed):
    """Fewer people could approve a request than it requires, so it would wait in vain."""

    def __init__(self, approvers: str, approvals: int, eligible: int, action: str, excluded: str) -> None:
        """Write the reason.

        Args:
            approvers: mentions of the approvers as the policy names them.
            approvals: how many approvals the request requires.
            eligible: how many active members among the approvers did not make the request.
            action: the policy action that requires the approvals.
            excluded: who among the approvers made the request and so can't approve it: "you", or several people;
                empty if nobody did.
        """
        if eligible == 0 and excluded:
            problem = f"Nobody but {excluded} can approve this: {approvers} has no other active member."
        elif eligible == 0:
            problem = f"Nobody can approve this: {approvers} has no active member."
        else:
            problem = (
                f"This takes {approvals} approvals from {approvers} to {action} a warehouse, "
                f"and only {eligible} other {'person' if eligible == 1 else 'people'} there can give one."
            )
        super().__init__(
            f"{problem} Nothing was created. Whoever runs the bot can name more approvers, "
            "and whoever manages a user group can add people to it."
        )
