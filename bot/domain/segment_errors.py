"""What a call to Segment can end in: a branch of the tree in `errors`, which draws it."""

from dataclasses import dataclass
from typing import ClassVar

from bot.domain.errors import BotError
from bot.domain.text import to_one_line


@dataclass(frozen=True)
class FieldError:
    """One complaint of Segment: its words, and the input it is about where Segment names one.

    `field` is as Segment spells it, for example `name` or `settings.port`.
    """

    type: str
    message: str
    field: str | None = None


class SegmentError(BotError):
    """A call to Segment that did not end in the answer the contract promises.

    `operation` is the contract's operationId. `status` is the HTTP status where an answer came. `errors` are Segment's
    own words, unescaped: whoever shows them escapes them.
    """

    #: Whether the same call, sent once more, may well succeed.
    is_transient: ClassVar[bool] = False

    def __init__(self, operation: str, status: int | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(operation, status)
        self.operation = operation
        self.status = status
        self.errors = errors

    @property
    def detail(self) -> str:
        """Segment's own words, or nothing: cut to size, and without backticks, which mark the bot's own code."""
        return to_one_line("; ".join(error.message for error in self.errors if error.message).replace("`", "'"), 500)


class SegmentRefused(SegmentError):
    """Segment answered no, and nothing changed."""

    hint: ClassVar[str] = ""

    @property
    def user_message(self) -> str:
        """The status, Segment's words, and what to do about it."""
        said = f": {self.detail}" if self.detail else ""
        return f"Segment refused ({self.status}){said}. Nothing changed. {self.hint}".rstrip()


class BadRequest(SegmentRefused):
    """400, or another 4xx that has no class of its own."""


class Unauthorized(SegmentRefused):
    """401: a missing or bad token, or one without permission."""

    hint = "The bot's SEGMENT_API_TOKEN is wrong or may not do this: it needs a Workspace Owner's token."


class Forbidden(SegmentRefused):
    """403."""

    hint = "The bot's SEGMENT_API_TOKEN may not do this."


class ResourceMissing(SegmentRefused):
    """404."""

    hint = "It may have been deleted meanwhile: `/warehouse list` shows what there is."


class Conflict(SegmentRefused):
    """409."""

    hint = "Somebody else may be changing it: look with `/warehouse show` and ask again."


class TooLarge(SegmentRefused):
    """413."""

    hint = "The settings are larger than Segment takes."


class Invalid(SegmentRefused):
    """422: the input failed Segment's validation; `errors` name the fields."""


class RateLimited(SegmentError):
    """429. `retry_after` is in seconds, as Segment said, or None where it said nothing."""

    is_transient = True

    def __init__(
        self,
        operation: str,
        status: int | None = 429,
        errors: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status, errors)
        self.retry_after = retry_after

    @property
    def user_message(self) -> str:
        """How long Segment asks to wait."""
        wait = f"{self.retry_after:.0f} s" if self.retry_after is not None else "a while"
        return f"Segment asks us to wait {wait} (429). Nothing changed; try again after that."


class OutcomeUnknown(SegmentError):
    """The call may have had its effect or not: only looking tells.

    `sent` is False where the call certainly never left.
    """

    is_transient = True

    def __init__(
        self,
        operation: str,
        status: int | None = None,
        errors: tuple[FieldError, ...] = (),
        *,
        was_sent: bool = True,
    ) -> None:
        super().__init__(operation, status, errors)
        self.was_sent = was_sent


class ServerFailed(OutcomeUnknown):
    """5xx. Segment also answers 500 for connection settings it can't use."""

    @property
    def user_message(self) -> str:
        """The status and Segment's words."""
        said = f": {self.detail}" if self.detail else ""
        connects = self.operation.lower().startswith(("create", "update", "validate"))
        hint = " It does this for unusable connection settings too." if connects else ""
        return f"Segment failed ({self.status}){said}.{hint}"


class TimedOut(OutcomeUnknown):
    """No answer in time."""

    @property
    def user_message(self) -> str:
        """That Segment is slow, and what to do."""
        return "Segment did not answer in time. Try again in a minute."


class ConnectionLost(OutcomeUnknown):
    """The connection could not be made, or broke."""

    @property
    def user_message(self) -> str:
        """Whether Segment was reached at all."""
        if self.was_sent:
            return "The connection to Segment broke before its answer came."
        return "Segment can't be reached. Nothing was sent; try again in a minute."


class UnexpectedResponse(OutcomeUnknown):
    """An answer that is not what Segment's contract promises."""

    is_transient = False

    @property
    def user_message(self) -> str:
        """That the answer could not be read."""
        return f"Segment's answer to {self.operation} was not one we understand."
