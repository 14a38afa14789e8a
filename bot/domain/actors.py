"""Who is asking or clicking, as Slack knows them."""

from enum import StrEnum

from bot.domain.warehouses import Value


class Kind(StrEnum):
    """What a person is to this workspace. Only members may ask for changes or decide them."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"


class Actor(Value):
    """A person, with the facts that a decision needs, as fresh as the directory had them.

    `groups` are the ids of the user groups they are in, of those that the configuration names.
    """

    id: str
    kind: Kind
    groups: frozenset[str] = frozenset()

    @property
    def mention(self) -> str:
        """The person as Slack's mrkdwn mentions them."""
        return f"<@{self.id}>"
