"""Errors of calls to Segment; a part of the tree in `errors`."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from bot.domain.errors import BotError
from bot.domain.text import to_one_line


@dataclass(frozen=True)
class FieldError:
    """One error of a response of Segment's: its message, and the input field that it is about, if Segment names one.

    `field` is spelled as Segment spells it, for example `name` or `settings.port`.
    """

    type: str
    message: str
    field: str | None = None


@dataclass(eq=False, repr=False)
class SegmentError(BotError):
    """A call to Segment that did not return what the contract promises.

    `operation` is the contract's operationId. `status` is the HTTP status, if there was a response. `errors` have
    Segment's own words, unescaped: the caller has to escape them.
    """

    #: Whether the same call may well succeed when it is sent again.
    is_transient: ClassVar[bool] = False

    operation: str
    status: int | None = None
    errors: tuple[FieldError, ...] = ()

    def __post_init__(self) -> None:
        self.args = (self.operation, self.status)  # without `errors`, which may quote what was sent

    @property
    def detail(self) -> str:
        """Segment's own words, at most 500 characters, without backticks, which mark the bot's own code; or nothing."""
        return to_one_line("; ".join(error.message for error in self.errors if error.message).replace("`", "'"), 500)


class SegmentRefused(SegmentError):
    """Segment refused the call, and nothing changed. `hint` says what to do about it."""

    hint: ClassVar[str] = ""

    @property
    def user_message(self) -> str:
        """The status, Segment's words, and the hint."""
        detail = f": {self.detail}" if self.detail else ""
        return f"Segment refused ({self.status}){detail}. Nothing changed. {self.hint}".rstrip()


class BadRequest(SegmentRefused):
    """400, or another 4xx that has no class here."""


class Unauthorized(SegmentRefused):
    """401: the token is missing or wrong, or lacks a permission."""

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


@dataclass(eq=False, repr=False)
class RateLimited(SegmentError):
    """429. `retry_after` is how many seconds Segment asks to wait; None if it does not say."""

    is_transient = True

    status: int | None = 429
    retry_after: float | None = None

    @property
    def user_message(self) -> str:
        """How long Segment asks to wait."""
        wait = f"{self.retry_after:.0f} s" if self.retry_after is not None else "a while"
        return f"Segment asks us to wait {wait} (429). Nothing changed; try again after that."


@dataclass(eq=False, repr=False)
class OutcomeUnknown(SegmentError):
    """The call may have had its effect or not; reading the resource tells.

    `was_sent` is False if the call certainly did not reach Segment.
    """

    is_transient = True

    _: KW_ONLY
    was_sent: bool = True


class ServerFailed(OutcomeUnknown):
    """5xx. Segment also answers 500 for connection settings that do not work."""

    @property
    def user_message(self) -> str:
        """The status and Segment's words."""
        detail = f": {self.detail}" if self.detail else ""
        connects = self.operation.lower().startswith(("create", "update", "validate"))
        hint = " It does this for unusable connection settings too." if connects else ""
        return f"Segment failed ({self.status}){detail}.{hint}"


class TimedOut(OutcomeUnknown):
    """Segment did not answer in time."""

    message = "Segment did not answer in time. Try again in a minute."


class ConnectionLost(OutcomeUnknown):
    """The connection to Segment could not be made, or broke."""

    @property
    def user_message(self) -> str:
        """Whether the call reached Segment."""
        if self.was_sent:
            return "The connection to Segment broke before its answer came."
        return "Segment can't be reached. Nothing was sent; try again in a minute."


class UnexpectedResponse(OutcomeUnknown):
    """Segment's response breaks its contract."""

    audit_code = "OffContract"
    is_transient = False

    @property
    def user_message(self) -> str:
        """That the response could not be read."""
        return f"Segment's answer to {self.operation} was not one we understand."
