"""The declared workspace: who and what is there before anyone does anything."""

from dataclasses import dataclass, field

TEAM_ID = "T0DEMO"
TEAM_NAME = "Demo"
TEAM_DOMAIN = "demo"
OTHER_TEAM_ID = "T0OTHER"

APP_ID = "A0WAREHOUSE"
BOT_ID = "B0WAREHOUSE"
BOT_USER_ID = "U0WAREHOUSE"
SLACKBOT_USER_ID = "USLACKBOT"
SLASH_COMMAND = "/warehouse"

BOT_SCOPES = "commands,chat:write,users:read,usergroups:read,channels:read,groups:read,im:write"


@dataclass(frozen=True)
class TimeZone:
    """A time zone as `users.info` tells it."""

    name: str
    label: str
    offset_seconds: int


UTC_ZONE = TimeZone("Etc/UTC", "Coordinated Universal Time", 0)
NEW_YORK = TimeZone("America/New_York", "Eastern Standard Time", -18_000)
BERLIN = TimeZone("Europe/Berlin", "Central European Time", 3_600)


@dataclass(frozen=True)
class Person:
    """A member, a guest, someone of another company, or a bot."""

    id: str
    name: str
    real_name: str
    time_zone: TimeZone = BERLIN
    team_id: str = TEAM_ID
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    is_bot: bool = False


@dataclass
class Channel:
    """A channel, or a direct message with the bot, whose `partner` is then the other one."""

    id: str
    name: str
    members: list[str]
    is_ext_shared: bool = False
    is_archived: bool = False
    dm_user_id: str | None = None


@dataclass
class UserGroup:
    """A user group."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


def build_people() -> list[Person]:
    """Everyone, the bot last."""
    return [
        Person("U0ALICE", "alice", "Alice Anders", BERLIN),
        Person("U0BOB", "bob", "Bob Brandt", NEW_YORK),
        Person("U0CAROL", "carol", "Carol Chen", BERLIN),
        Person("U0GUEST", "guest", "Gus Guest", BERLIN, is_restricted=True),
        # Of another company, but met in a shared channel: so Slack doesn't call her a stranger.
        Person("U0MALLORY", "mallory", "Mallory Moss", NEW_YORK, team_id=OTHER_TEAM_ID),
        Person(BOT_USER_ID, "warehouse", "Warehouse Bot", UTC_ZONE, is_bot=True),
    ]


def build_channels() -> list[Channel]:
    """The channels, each with its members."""
    return [
        Channel("C0OPS", "data-ops", ["U0ALICE", "U0BOB", "U0CAROL", "U0GUEST", BOT_USER_ID]),
        Channel("C0SHARED", "partners", ["U0ALICE", "U0BOB", "U0MALLORY", BOT_USER_ID], is_ext_shared=True),
        Channel("C0QUIET", "random", ["U0ALICE", "U0BOB", "U0CAROL"]),
    ]


def build_groups() -> list[UserGroup]:
    """The user groups."""
    return [UserGroup("S0DATA", "data-oncall", "Data on call", ["U0BOB", "U0CAROL"])]
