"""Who is asking or clicking, as Slack knows them."""

from enum import StrEnum

from bot.domain.frozen_model import FrozenModel


class ActorKind(StrEnum):
    """What a person is to this workspace. Only members may ask for changes or decide them."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"


class Actor(FrozenModel):
    """A person, with the facts that a decision needs, as fresh as the directory had them.

    `groups` are the ids of the user groups they are in, of those that the configuration names.
    """

    id: str
    kind: ActorKind
    groups: frozenset[str] = frozenset()

    @property
    def mention(self) -> str:
        """The person as Slack's mrkdwn mentions them."""
        return f"<@{self.id}>"

    def is_among(self, names: frozenset[str]) -> bool:
        """Whether `names` (ids of people and user groups) name the person, or a group that the person is in."""
        return bool(names & {self.id, *self.groups})


class UserGroup(FrozenModel):
    """A user group. `error_code` is Slack's code where Slack refuses for good to list it: it then counts as empty."""

    id: str
    members: frozenset[str] = frozenset()
    error_code: str = ""

    @property
    def empty_reason(self) -> str:
        """Why the group lets nobody through, in words; empty where it has members."""
        if self.error_code == "no_such_subteam":
            return "Slack has no such group"
        if self.error_code:
            return f"Slack does not list it: {self.error_code}"
        return "" if self.members else "nobody is in it"
