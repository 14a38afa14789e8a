"""Everything that can go wrong, as one tree. Each member knows what to tell the person who asked.

BotError
├── UsageError              the command can't be read
├── NotFound                no such warehouse or space, in `finding_errors`
│   └── Deleted             there was one, until it was deleted through this bot
├── Ambiguous               several warehouses of that name, in `finding_errors`
├── NotAllowed              the person may not do this
│   └── NobodyEligible      too few people could approve it, in `decision_errors`
├── ReasonMissing           nobody says why, in `decision_errors`
├── NameMismatch            the name of a warehouse to delete was not typed, in `decision_errors`
├── SpaceNotAllowed         a space that the bot does not work with, in `decision_errors`
├── PeopleUnknown           Slack can't say whether approvals still count, in `decision_errors`
├── Closed                  the request is no longer open
├── AlreadyAsked            the same is open already
├── NobodySees              the bot can't post where it was asked
│   └── NobodyDecides       it can, but no approver reads that
├── SecretMissing           a secret's name resolves to nothing
├── SecretsUnreachable      what holds secrets refused or did not answer
├── HandedOverGone          what somebody handed over for one request can't be read any more
├── SecretTold              a secret was typed where everybody sees it, in `secret_errors`
├── ValueMasked             a value is asked for that holds the mask of a secret, in `secret_errors`
├── LinkOver                a link to a one-time page that does not work (any more)
├── BadValue                what was typed into a one-time page can't be a secret
├── PayloadIncomplete       what Slack sent lacks something
├── NothingBehindIt         a button, form or command that the bot does not have
├── SlackFailed             Slack refused or did not answer
│   └── CardGone            the message to change was deleted
├── StoreFailed             the bot's database did not answer
│   └── AuditKeyChanged     it did, and the audit log has another key, in `audit_errors`
├── RequestMismatch         the stored request is not what the audit log says, in `audit_errors`
│   └── RequestBeforeKey    it is older than the log's key
└── SegmentError            in `segment_errors`
    ├── SegmentRefused      Segment said no: nothing changed
    │   ├── BadRequest      400, 413 and what else is our fault
    │   ├── Unauthorized    401, which Segment also uses for "no permission"
    │   ├── Forbidden       403
    │   ├── ResourceMissing 404
    │   ├── Conflict        409
    │   ├── TooLarge        413
    │   └── Invalid         422
    ├── RateLimited         429: Segment asks to wait
    └── SegmentUnclear      nobody knows whether it happened
        ├── ServerFailed    5xx
        ├── TimedOut        no answer in time
        ├── ConnectionLost  the connection broke (`sent` tells whether the call may have left)
        └── OffContract     an answer that is not the contract's
"""

from bot.domain.text import to_one_line


def quote_code(text: str) -> str:
    """What a stranger wrote, in code style: on one line, without backticks of its own, cut to 80 characters."""
    words = to_one_line(text.replace("`", "'"), 80)
    return f"`{words or '(blank)'}`"


class BotError(Exception):
    """Base of the tree. `says` is for the person who asked, and never holds a secret.

    It may quote what strangers wrote: whoever shows it escapes it.
    """

    @property
    def user_message(self) -> str:
        """What happened and what to do. Backticks mark code and `<#C…>` a channel; nothing else is markup."""
        return "Something went wrong inside the bot. Nothing was sent to Segment."


class UsageError(BotError):
    """A command that can't be read. `topic` is the command whose usage helps; `suggestion` the nearest match."""

    def __init__(self, problem: str, topic: str | None = None, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.topic = topic
        self.suggestion = suggestion

    @property
    def user_message(self) -> str:
        """The problem, and the nearest match where there is one."""
        return f"{self.problem} Did you mean {quote_code(self.suggestion)}?" if self.suggestion else self.problem


class NotAllowed(BotError):
    """The person may not do this, for `reason`, a full sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def user_message(self) -> str:
        """The reason."""
        return self.reason


class RequestClosed(BotError):
    """The request can't take this any more. `what_happened` is a full sentence."""

    def __init__(self, reason: str = "This request is no longer open.") -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def user_message(self) -> str:
        """What has already happened."""
        return self.reason


class DuplicateRequest(BotError):
    """The same is open, or `done` a moment ago, as the request `request_id`; `since` says who asked when."""

    def __init__(self, request_id: str, summary: str, *, is_done: bool = False) -> None:
        super().__init__(request_id)
        self.request_id = request_id
        self.summary = summary
        self.is_done = is_done

    @property
    def user_message(self) -> str:
        """Who asked, and where it stands."""
        if self.is_done:
            return f"{self.summary}, as `{self.request_id}`, and it is done: nothing was made a second time."
        return f"{self.summary}, as `{self.request_id}`, and it is still open: `/warehouse pending` leads to its card."


class ChannelInaccessible(BotError):
    """The bot can't post in `channel`, so nobody would see what was asked there."""

    def __init__(self, channel: str) -> None:
        super().__init__(channel)
        self.channel = channel

    @property
    def user_message(self) -> str:
        """How to invite the bot."""
        return (
            f"I'm not in <#{self.channel}>, so nobody would see this, and nothing was done. "
            "`/invite @warehouse` there, then ask again."
        )


class ApproversUnreachable(ChannelInaccessible):
    """An approval was asked for in a direct message, where nobody who could give it reads it."""

    @property
    def user_message(self) -> str:
        """Where to ask instead."""
        return (
            "This needs an approval, and nobody who could give it reads a direct message, so nothing was done. "
            "Ask in a channel that the approvers are in."
        )


class SecretMissing(BotError):
    """The secret `name` resolves to nothing in its `place`; `wants` is a sentence on what would do there."""

    def __init__(self, name: str, location: str = "where the bot runs", hint: str = "") -> None:
        super().__init__(name, location)
        self.name = name
        self.location = location
        self.hint = hint

    @property
    def user_message(self) -> str:
        """Which secret, and where it belongs."""
        text = f"The secret {quote_code(self.name)} is not set, or empty, {self.location}. {self.hint}".rstrip()
        return f"{text} Nothing was sent to Segment."


class SecretProviderUnreachable(BotError):
    """`place`, which holds secrets, refused or did not answer: `problem` in a word or two, `look_at` what to check."""

    def __init__(self, provider: str, problem: str, what_to_check: str) -> None:
        super().__init__(provider, problem)
        self.provider = provider
        self.problem = problem
        self.what_to_check = what_to_check

    @property
    def user_message(self) -> str:
        """Where the bot can't look, and who does what about it."""
        return (
            f"The bot can't read secrets from {self.provider} ({self.problem}). Nothing was sent to Segment. Try again "
            f"in a minute; if it stays so, whoever runs the bot looks at {self.what_to_check}."
        )


class OneTimeSecretGone(BotError):
    """A value that was handed over for one request is erased, or sealed with a key that the bot no longer has."""

    def __init__(self, *, is_erased: bool) -> None:
        super().__init__(is_erased)
        self.is_erased = is_erased

    @property
    def user_message(self) -> str:
        """Why it is gone, and how to go on."""
        if self.is_erased:
            why = "A secret that was entered for this is erased: it is kept for one request, and waits an hour for it."
        else:
            why = "A secret that was entered for this is sealed with a key that is no longer in ENCRYPTION_KEYS."
        return f"{why} Nothing was sent to Segment. Open the form again, and enter it anew."


class InvalidLink(BotError):
    """The link was used, is older than ten minutes, or never was."""

    @property
    def user_message(self) -> str:
        """What may have happened to it, and how to get another."""
        return (
            "This link does not work (any more). Each works once and for ten minutes. "
            "In Slack, press “Enter it on a one-time page” again for a new one."
        )


class InvalidSecretValue(BotError):
    """What was handed in can't be taken, for `reason`, a full sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def user_message(self) -> str:
        """The reason."""
        return self.reason


class StoreFailed(BotError):
    """The bot's own database failed; what was to be kept may be kept or not."""

    @property
    def user_message(self) -> str:
        """That it may not be kept, and where to look."""
        return (
            "The bot's database does not answer, so this may not have been kept. "
            "Look at the card or at `/warehouse pending`, and try again in a minute."
        )


class PayloadIncomplete(BotError):
    """What Slack sent lacks `field`, a path such as `view.id`, or has something odd there."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field

    @property
    def user_message(self) -> str:
        """What was not done, and the field for whoever runs the bot."""
        return (
            f"Slack sent this without something that the bot needs ({quote_code(self.field)}). Nothing was done. "
            "Try again; if it happens again, tell whoever runs the bot."
        )


class UnknownInteraction(BotError):
    """A button, form or command that this version of the bot does not have."""

    @property
    def user_message(self) -> str:
        """What was not done, and where to go on."""
        return "The bot does not have this any more. Nothing was done. `/warehouse help` lists what there is."


class SlackFailed(BotError):
    """Slack refused `method` with its error code, or did not answer."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(method, code)
        self.method = method
        self.code = code

    @property
    def user_message(self) -> str:
        """The method and Slack's code."""
        return f"Slack refused {self.method} ({self.code})."


class CardGone(SlackFailed):
    """The message that was to be changed is no longer there, or can't be changed any more."""
