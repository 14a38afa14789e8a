"""People, channels and messages: what the workspace holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.slack import fixtures as declared
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.fixtures import BOT_USER_ID, Channel, Person, UserGroup

StateValues = dict[str, dict[str, dict[str, Any]]]


@dataclass
class Message:
    """One message. `seen_by` is the addressee of an ephemeral, and None for everyone."""

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
        """Whether one person alone sees it."""
        return self.visible_to is not None


class Workspace:
    """The declared workspace and what became of it."""

    def __init__(self, clock: Clock, changes: ChangeNotifier) -> None:
        self._clock = clock
        self._changes = changes
        self._last = 0
        self.reset()

    def reset(self) -> None:
        """The declared workspace again, without a message."""
        self.people = {person.id: person for person in declared.build_people()}
        self.channels = {channel.id: channel for channel in declared.build_channels()}
        self.groups: dict[str, UserGroup] = {group.id: group for group in declared.build_groups()}
        self._messages: dict[str, list[Message]] = {}
        self._changes.notify()

    def find_person(self, known_as: str) -> Person | None:
        """Someone by id or name, with or without an @."""
        name = known_as.removeprefix("@")
        return self.people.get(name) or next((p for p in self.people.values() if p.name == name), None)

    def find_channel(self, known_as: str) -> Channel | None:
        """A channel by id or name, with or without a #; a person's id stands for their DM with the bot, once open."""
        name = known_as.removeprefix("#")
        dm = next((c for c in self.channels.values() if c.dm_user_id == name), None)
        named = (c for c in self.channels.values() if c.name == name and c.dm_user_id is None)
        return self.channels.get(name) or dm or next(named, None)

    def open_direct_message(self, person: Person) -> Channel:
        """The direct message between the bot and `person`, opened if need be."""
        channel = build_direct_message(person)
        if channel.id not in self.channels:
            self.channels[channel.id] = channel
            self._changes.notify()
        return self.channels[channel.id]

    def add_member(self, channel: Channel, user: str) -> None:
        """Let `user` be a member of `channel`."""
        if user not in channel.members:
            channel.members.append(user)
            self._changes.notify()

    def remove_member(self, channel: Channel, user: str) -> None:
        """Let `user` be no member of `channel`."""
        if user in channel.members:
            channel.members.remove(user)
            self._changes.notify()

    def find_group(self, known_as: str) -> UserGroup | None:
        """A user group by id or handle, with or without an @."""
        handle = known_as.removeprefix("@")
        return self.groups.get(handle) or next((g for g in self.groups.values() if g.handle == handle), None)

    def set_archived(self, channel: Channel, *, is_archived: bool = True) -> None:
        """Close a channel for good, or open it again."""
        channel.is_archived = is_archived
        self._changes.notify()

    def deactivate_person(self, person: Person) -> Person:
        """Close an account: its person leaves every channel, and stays in the groups; gives the person as they are."""
        for channel in self.channels.values():
            if channel.dm_user_id is None:
                self.remove_member(channel, person.id)
        return self._known_as(replace(person, deleted=True))

    def set_guest(self, person: Person, *, is_guest: bool, is_single_channel: bool) -> Person:
        """Make somebody a guest, of a `single` channel or several, or a full member; gives the person as they are."""
        return self._known_as(replace(person, is_restricted=is_guest, is_ultra_restricted=is_single_channel))

    def set_group_members(self, group: UserGroup, users: Iterable[str]) -> None:
        """Let `users` be the members of `group`, each once."""
        group.users = list(dict.fromkeys(users))
        self._changes.notify()

    def new_ts(self) -> str:
        """A timestamp that no other message has, later than all before it."""
        self._last = max(int(self._clock.now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add_message(self, message: Message) -> Message:
        """Keep a message."""
        self._messages.setdefault(message.channel, []).append(message)
        self._changes.notify()
        return message

    def remove_message(self, message: Message) -> None:
        """Forget a message."""
        self._messages[message.channel].remove(message)
        self._changes.notify()

    def mark_edited(self, message: Message) -> None:
        """Tell the watchers that `message` has changed."""
        message.edited_ts = self.new_ts()
        self._changes.notify()

    def find_message(self, channel: str, ts: str) -> Message | None:
        """The message at `ts`, ephemeral or not."""
        return next((m for m in self._messages.get(channel, []) if m.ts == ts), None)

    def list_visible_messages(self, channel: str, user: str | None) -> list[Message]:
        """What `user` sees of a channel, oldest first; without a user, what everyone sees."""
        return [m for m in self._messages.get(channel, []) if m.visible_to is None or m.visible_to == user]

    def _known_as(self, person: Person) -> Person:
        self.people[person.id] = person
        self._changes.notify()
        return person


def build_direct_message(person: Person) -> Channel:
    """The direct message between the bot and `person`, as it is when just opened."""
    return Channel("D" + person.id[1:], "directmessage", [person.id, BOT_USER_ID], dm_user_id=person.id)
