"""The initial workspace: its people, channels and user groups."""

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
    """A time zone as `users.info` describes it."""

    name: str
    label: str
    offset_seconds: int


UTC_ZONE = TimeZone("Etc/UTC", "Coordinated Universal Time", 0)
NEW_YORK = TimeZone("America/New_York", "Eastern Standard Time", -18_000)
BERLIN = TimeZone("Europe/Berlin", "Central European Time", 3_600)


@dataclass(frozen=True)
class Person:
    """A member, a guest, a member of another company, or a bot."""

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
    """A channel, or the direct message between the bot and `dm_user_id`."""

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
    """Return all people, the bot last."""
    return [
        Person("U0ALICE", "alice", "Alice Anders", BERLIN),
        Person("U0BOB", "bob", "Bob Brandt", NEW_YORK),
        Person("U0CAROL", "carol", "Carol Chen", BERLIN),
        Person("U0GUEST", "guest", "Gus Guest", BERLIN, is_restricted=True),
        # A member of another company who shares a channel, so that Slack doesn't set `is_stranger`.
        Person("U0MALLORY", "mallory", "Mallory Moss", NEW_YORK, team_id=OTHER_TEAM_ID),
        Person(BOT_USER_ID, "warehouse", "Warehouse Bot", UTC_ZONE, is_bot=True),
    ]


def build_channels() -> list[Channel]:
    """Return the channels with their members."""
    return [
        Channel("C0OPS", "data-ops", ["U0ALICE", "U0BOB", "U0CAROL", "U0GUEST", BOT_USER_ID]),
        Channel("C0SHARED", "partners", ["U0ALICE", "U0BOB", "U0MALLORY", BOT_USER_ID], is_ext_shared=True),
        Channel("C0QUIET", "random", ["U0ALICE", "U0BOB", "U0CAROL"]),
    ]


def build_groups() -> list[UserGroup]:
    """Return the user groups."""
    return [UserGroup("S0DATA", "data-oncall", "Data on call", ["U0BOB", "U0CAROL"])]
