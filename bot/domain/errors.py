"""The errors that a person can be told about, as one tree. Each has a message for the person whose act failed.

BotError
├── UsageError                 a command that can't be parsed
├── NotFound                   no such warehouse, space or request (`lookup_errors`)
│   └── WarehouseDeleted       the warehouse was deleted through this bot
├── AmbiguousWarehouse         several warehouses have the name (`lookup_errors`)
├── ExplainedError             a sentence says what is wrong
│   ├── NotAllowed             the person may not do this
│   │   └── TooFewApprovers    too few people could approve it (`decision_errors`)
│   ├── RequestClosed          the request is no longer open
│   └── InvalidSecretValue     a value that can't be a secret
├── ReasonMissing              a reason is required (`decision_errors`)
├── NameMismatch               the name of the warehouse to delete is required (`decision_errors`)
├── SpaceNotAllowed            the bot does not work with the space (`decision_errors`)
├── ApprovalsUnverifiable      Slack can't say whether approvals still count (`decision_errors`)
├── DuplicateRequest           the same change was requested already
├── ChannelInaccessible        the bot can't post in the channel
│   └── ApproversUnreachable   it can, but no approver reads that channel
├── SecretMissing              a secret's name resolves to nothing
├── SecretProviderUnreachable  a secret provider refused or did not answer
├── OneTimeSecretGone          a one-time secret can't be read any more
├── SecretExposed              a request has a secret where everybody sees it (`secret_errors`)
├── MaskedValue                a change has the mask of a secret as a value (`secret_errors`)
├── InvalidLink                a one-time link that does not work (any more)
├── PayloadIncomplete          a payload of Slack's lacks a field
├── UnknownInteraction         a button, form or command that the bot does not have
├── SlackFailed                Slack refused a call or did not answer
│   └── CardGone               the message to change was deleted
├── StoreFailed                the database failed
│   └── AuditKeyChanged        the audit log has another key (`audit_errors`)
├── RequestDiffersFromLog      the stored request contradicts the audit log (`audit_errors`)
│   └── RequestPredatesKey     the request is older than the key of the audit log
└── SegmentError               (`segment_errors`)
    ├── SegmentRefused         Segment refused, and nothing changed
    │   ├── BadRequest         400, or a 4xx that has no class here
    │   ├── Unauthorized       401, which Segment also uses for "no permission"
    │   ├── Forbidden          403
    │   ├── ResourceMissing    404
    │   ├── Conflict           409
    │   ├── TooLarge           413
    │   └── Invalid            422
    ├── RateLimited            429: Segment asks to wait
    └── OutcomeUnknown         the call may have had its effect or not
        ├── ServerFailed       5xx
        ├── TimedOut           no answer in time
        ├── ConnectionLost     the connection broke, or could not be made
        └── UnexpectedResponse an answer that breaks Segment's contract
"""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from bot.domain.text import to_one_line


def quote_code(text: str) -> str:
    """Quote untrusted `text` as code: on one line, with its backticks replaced, cut to 80 characters."""
    line = to_one_line(text.replace("`", "'"), 80)
    return f"`{line or '(blank)'}`"


class BotError(Exception):
    """Base of the tree.

    A subclass with a fixed message sets `message`. One whose message depends on its fields is a dataclass (without
    `eq`, so that it stays hashable, and without `repr`, so that a log shows no more than its arguments) and overrides
    `user_message`.
    """

    message: ClassVar[str] = "Something went wrong inside the bot. Nothing was sent to Segment."

    #: What the audit log calls an error of this class. It is stored: a renamed class keeps its code.
    audit_code: ClassVar[str] = "BotError"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.audit_code = cls.__dict__.get("audit_code", cls.__name__)

    @property
    def user_message(self) -> str:
        """What happened and what to do, for the person whose act failed; it never has a secret in it.

        It may quote untrusted text, which the caller has to escape. Backticks mark code and `<#C…>` a channel; nothing
        else is markup.
        """
        return self.message


class ExplainedError(BotError):
    """An error whose whole message is `reason`: a full sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def user_message(self) -> str:
        """The reason."""
        return self.reason


class NotAllowed(ExplainedError):
    """The person may not do this."""


class RequestClosed(ExplainedError):
    """The request does not take this any more. `reason` says what happened to it."""

    def __init__(self, reason: str = "This request is no longer open.") -> None:
        super().__init__(reason)


class InvalidSecretValue(ExplainedError):
    """The value that a person entered can't be a secret."""


@dataclass(eq=False, repr=False)
class UsageError(BotError):
    """A command that can't be parsed. `topic` is the command whose usage helps; `suggestion` is the nearest match."""

    problem: str
    topic: str | None = None
    suggestion: str | None = None

    @property
    def user_message(self) -> str:
        """The problem, and the nearest match if there is one."""
        return f"{self.problem} Did you mean {quote_code(self.suggestion)}?" if self.suggestion else self.problem


@dataclass(eq=False, repr=False)
class DuplicateRequest(BotError):
    """The request `request_id` for the same change is open, or was done a moment ago (`is_done`).

    `summary` says who made it and when.
    """

    request_id: str
    summary: str
    _: KW_ONLY
    is_done: bool = False

    @property
    def user_message(self) -> str:
        """Who made the other request, and its state."""
        if self.is_done:
            return f"{self.summary}, as `{self.request_id}`, and it is done: nothing was made a second time."
        return f"{self.summary}, as `{self.request_id}`, and it is still open: `/warehouse pending` leads to its card."


@dataclass(eq=False, repr=False)
class ChannelInaccessible(BotError):
    """The bot can't post in `channel`, so nobody would see a request that is made there."""

    channel: str

    @property
    def user_message(self) -> str:
        """How to invite the bot."""
        return (
            f"I'm not in <#{self.channel}>, so nobody would see this, and nothing was done. "
            "`/invite @warehouse` there, then ask again."
        )


class ApproversUnreachable(ChannelInaccessible):
    """A request that needs an approval was made in a direct message, which no approver reads."""

    @property
    def user_message(self) -> str:
        """Where to make the request instead."""
        return (
            "This needs an approval, and nobody who could give it reads a direct message, so nothing was done. "
            "Ask in a channel that the approvers are in."
        )


@dataclass(eq=False, repr=False)
class SecretMissing(BotError):
    """The secret `name` is not set, or empty, in `location`. `hint` is a sentence on what belongs there."""

    name: str
    location: str = "where the bot runs"
    hint: str = ""

    @property
    def user_message(self) -> str:
        """Which secret is missing, and where it belongs."""
        text = f"The secret {quote_code(self.name)} is not set, or empty, {self.location}. {self.hint}".rstrip()
        return f"{text} Nothing was sent to Segment."


@dataclass(eq=False, repr=False)
class SecretProviderUnreachable(BotError):
    """`provider` refused or did not answer. `problem` says why in a word or two; an operator checks `what_to_check`."""

    audit_code = "SecretsUnreachable"

    provider: str
    problem: str
    what_to_check: str

    @property
    def user_message(self) -> str:
        """Which provider failed, and what to do about it."""
        return (
            f"The bot can't read secrets from {self.provider} ({self.problem}). Nothing was sent to Segment. Try again "
            f"in a minute; if it stays so, whoever runs the bot looks at {self.what_to_check}."
        )


@dataclass(eq=False, repr=False, kw_only=True)
class OneTimeSecretGone(BotError):
    """A one-time secret is erased, or encrypted with a key that the bot no longer has."""

    audit_code = "HandedOverGone"

    is_erased: bool

    def __post_init__(self) -> None:
        self.args = (self.is_erased,)

    @property
    def user_message(self) -> str:
        """Why it is gone, and how to enter it again."""
        if self.is_erased:
            why = "A secret that was entered for this is erased: it is kept for one request, and waits an hour for it."
        else:
            why = "A secret that was entered for this is sealed with a key that is no longer in ENCRYPTION_KEYS."
        return f"{why} Nothing was sent to Segment. Open the form again, and enter it anew."


class InvalidLink(BotError):
    """A one-time link that was used, is older than ten minutes, or never existed."""

    message = (
        "This link does not work (any more). Each works once and for ten minutes. "
        "In Slack, press “Enter it on a one-time page” again for a new one."
    )


class StoreFailed(BotError):
    """The bot's database failed. What the bot was writing may be stored or not."""

    message = (
        "The bot's database does not answer, so this may not have been kept. "
        "Look at the card or at `/warehouse pending`, and try again in a minute."
    )


@dataclass(eq=False, repr=False)
class PayloadIncomplete(BotError):
    """A payload of Slack's lacks `field`, a path such as `view.id`, or has an unexpected value there."""

    field: str

    @property
    def user_message(self) -> str:
        """That nothing was done, and which field is wrong."""
        return (
            f"Slack sent this without something that the bot needs ({quote_code(self.field)}). Nothing was done. "
            "Try again; if it happens again, tell whoever runs the bot."
        )


class UnknownInteraction(BotError):
    """A button, form or command that this version of the bot does not have."""

    message = "The bot does not have this any more. Nothing was done. `/warehouse help` lists what there is."


@dataclass(eq=False, repr=False)
class SlackFailed(BotError):
    """Slack refused the API method `method` with the error code `code`, or did not answer."""

    method: str
    code: str

    @property
    def user_message(self) -> str:
        """The method and Slack's error code."""
        return f"Slack refused {self.method} ({self.code})."


class CardGone(SlackFailed):
    """The message to change was deleted, or can't be changed any more."""
