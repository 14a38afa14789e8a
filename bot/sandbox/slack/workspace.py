"""The state of the workspace: people, channels, user groups and messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.slack import fixtures
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.fixtures import BOT_USER_ID, Channel, Person, UserGroup

StateValues = dict[str, dict[str, dict[str, Any]]]


@dataclass
class Message:
    """One message. `visible_to` is the only person who sees an ephemeral message, else None."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    visible_to: str | None = None
    edited_ts: str | None = None
    values: StateValues = field(default_factory=dict)
    metadata: Mapping[str, Any] | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees the message."""
        return self.visible_to is not None


class Workspace:
    """The people, channels, user groups and messages of the workspace."""

    def __init__(self, clock: Clock, changes: ChangeNotifier) -> None:
        self._clock = clock
        self._changes = changes
        self._last_ts = 0
        self.reset()

    def reset(self) -> None:
        """Restore the initial workspace, without messages."""
        self.people = {person.id: person for person in fixtures.build_people()}
        self.channels = {channel.id: channel for channel in fixtures.build_channels()}
        self.groups: dict[str, UserGroup] = {group.id: group for group in fixtures.build_groups()}
        self._messages: dict[str, list[Message]] = {}
        self._changes.notify()

    def find_person(self, reference: str) -> Person | None:
        """Return a person by id or name, with or without an @."""
        name = reference.removeprefix("@")
        return self.people.get(name) or next((p for p in self.people.values() if p.name == name), None)

    def find_channel(self, reference: str) -> Channel | None:
        """Return a channel by id or name, with or without a #, or an open direct message by its person's id."""
        name = reference.removeprefix("#")
        dm = next((c for c in self.channels.values() if c.dm_user_id == name), None)
        named = (c for c in self.channels.values() if c.name == name and c.dm_user_id is None)
        return self.channels.get(name) or dm or next(named, None)

    def open_direct_message(self, person: Person) -> Channel:
        """Return the direct message between the bot and `person`, and open it if necessary."""
        channel = build_direct_message(person)
        if channel.id not in self.channels:
            self.channels[channel.id] = channel
            self._changes.notify()
        return self.channels[channel.id]

    def add_member(self, channel: Channel, user: str) -> None:
        """Add `user` to `channel`."""
        if user not in channel.members:
            channel.members.append(user)
            self._changes.notify()

    def remove_member(self, channel: Channel, user: str) -> None:
        """Remove `user` from `channel`."""
        if user in channel.members:
            channel.members.remove(user)
            self._changes.notify()

    def find_group(self, reference: str) -> UserGroup | None:
        """Return a user group by id or handle, with or without an @."""
        handle = reference.removeprefix("@")
        return self.groups.get(handle) or next((g for g in self.groups.values() if g.handle == handle), None)

    def set_archived(self, channel: Channel, *, is_archived: bool = True) -> None:
        """Archive or unarchive a channel."""
        channel.is_archived = is_archived
        self._changes.notify()

    def deactivate_person(self, person: Person) -> Person:
        """Deactivate a person, who leaves every channel but stays in user groups; return the updated person."""
        for channel in self.channels.values():
            if channel.dm_user_id is None:
                self.remove_member(channel, person.id)
        return self._replace_person(replace(person, deleted=True))

    def set_guest(self, person: Person, *, is_guest: bool, is_single_channel: bool) -> Person:
        """Make a person a guest (of a single channel or several) or a full member; return the updated person."""
        return self._replace_person(replace(person, is_restricted=is_guest, is_ultra_restricted=is_single_channel))

    def set_group_members(self, group: UserGroup, users: Iterable[str]) -> None:
        """Set the members of `group` to `users`, without duplicates."""
        group.users = list(dict.fromkeys(users))
        self._changes.notify()

    def new_ts(self) -> str:
        """Return a unique timestamp, later than all earlier ones."""
        self._last_ts = max(int(self._clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_message(self, message: Message) -> Message:
        """Store a message."""
        self._messages.setdefault(message.channel, []).append(message)
        self._changes.notify()
        return message

    def remove_message(self, message: Message) -> None:
        """Delete a message."""
        self._messages[message.channel].remove(message)
        self._changes.notify()

    def mark_edited(self, message: Message) -> None:
        """Set the edit time of `message`, and notify the watchers."""
        message.edited_ts = self.new_ts()
        self._changes.notify()

    def find_message(self, channel: str, ts: str) -> Message | None:
        """Return the message at `ts`, ephemeral or not."""
        return next((m for m in self._messages.get(channel, []) if m.ts == ts), None)

    def list_visible_messages(self, channel: str, user: str | None) -> list[Message]:
        """Return the messages that `user` sees, oldest first; without a user, those that everyone sees."""
        return [m for m in self._messages.get(channel, []) if m.visible_to is None or m.visible_to == user]

    def _replace_person(self, person: Person) -> Person:
        self.people[person.id] = person
        self._changes.notify()
        return person


def build_direct_message(person: Person) -> Channel:
    """Return a new direct message between the bot and `person`, without opening it."""
    return Channel("D" + person.id[1:], "directmessage", [person.id, BOT_USER_ID], dm_user_id=person.id)
