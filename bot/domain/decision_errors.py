"""What can be wrong with asking for a change or deciding one; a part of the tree in `errors`."""

from bot.domain.errors import BotError, NotAllowed, quote_code


class ReasonMissing(BotError):
    """What a person does takes a reason, and none of theirs can be seen. `problem` is a sentence on what takes it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    @property
    def user_message(self) -> str:
        """What takes a reason, and that nothing was done."""
        return f"{self.problem} Nothing was done. Say why, in words that people can read, and try again."


class NameMismatch(BotError):
    """The name of the warehouse to delete was not typed, or is not its name."""

    @property
    def user_message(self) -> str:
        """That nothing was approved, and what to type."""
        return "That is not its name. Nothing was approved. Type the warehouse's name as it is shown."


class SpaceNotAllowed(BotError):
    """A change is about the space `slug`, which is not among those that the bot works with."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug

    @property
    def user_message(self) -> str:
        """Which space, and what decides about it."""
        return (
            f"The space {quote_code(self.slug)} is not among those that this bot works with (SEGMENT_SPACES). "
            "Nothing was sent to Segment."
        )


class ApprovalsUnverifiable(BotError):
    """Slack can't say right now whether the approvals of a request still count."""

    @property
    def user_message(self) -> str:
        """That nothing is lost, and that it is tried again."""
        return (
            "Slack can't say right now whether the approvals still count, so nothing was sent to Segment. "
            "They are kept, and the bot tries again by itself."
        )


class TooFewApprovers(NotAllowed):
    """Fewer people could approve a request than it takes, so it would wait for nothing.

    `approvers` are mentions as configured; `eligible` people among them are active members who did not ask for it.
    `excluded` says who among them may not, since they asked: "you", or more people; empty where nobody did.
    """

    def __init__(self, approvers: str, approvals: int, eligible: int, action: str, excluded: str) -> None:
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
