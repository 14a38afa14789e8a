"""People, channels and messages: what the workspace holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.slack import fixtures as declared
from bot.sandbox.slack.change_notifier import Changes
from bot.sandbox.slack.fixtures import BOT_USER, Channel, Group, Person

Values = dict[str, dict[str, dict[str, Any]]]


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
    seen_by: str | None = None
    edited: str | None = None
    values: Values = field(default_factory=dict)
    metadata: Mapping[str, Any] | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.seen_by is not None


class Workspace:
    """The declared workspace and what became of it."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self._last = 0
        self.reset()

    def reset(self) -> None:
        """The declared workspace again, without a message."""
        self.people = {person.id: person for person in declared.people()}
        self.channels = {channel.id: channel for channel in declared.channels()}
        self.groups: dict[str, Group] = {group.id: group for group in declared.groups()}
        self._messages: dict[str, list[Message]] = {}
        self._changes.bump()

    def person(self, known_as: str) -> Person | None:
        """Someone by id or name, with or without an @."""
        name = known_as.removeprefix("@")
        return self.people.get(name) or next((p for p in self.people.values() if p.name == name), None)

    def channel(self, known_as: str) -> Channel | None:
        """A channel by id or name, with or without a #; a person's id stands for their DM with the bot, once open."""
        name = known_as.removeprefix("#")
        dm = next((c for c in self.channels.values() if c.partner == name), None)
        named = (c for c in self.channels.values() if c.name == name and c.partner is None)
        return self.channels.get(name) or dm or next(named, None)

    def dm(self, person: Person) -> Channel:
        """The direct message between the bot and `person`, opened if need be."""
        channel = direct_message(person)
        if channel.id not in self.channels:
            self.channels[channel.id] = channel
            self._changes.bump()
        return self.channels[channel.id]

    def add_member(self, channel: Channel, user: str) -> None:
        """Let `user` be a member of `channel`."""
        if user not in channel.members:
            channel.members.append(user)
            self._changes.bump()

    def remove_member(self, channel: Channel, user: str) -> None:
        """Let `user` be no member of `channel`."""
        if user in channel.members:
            channel.members.remove(user)
            self._changes.bump()

    def group(self, known_as: str) -> Group | None:
        """A user group by id or handle, with or without an @."""
        handle = known_as.removeprefix("@")
        return self.groups.get(handle) or next((g for g in self.groups.values() if g.handle == handle), None)

    def archive(self, channel: Channel, *, archived: bool = True) -> None:
        """Close a channel for good, or open it again."""
        channel.is_archived = archived
        self._changes.bump()

    def deactivate(self, person: Person) -> Person:
        """Close an account: its person leaves every channel, and stays in the groups; gives the person as they are."""
        for channel in self.channels.values():
            if channel.partner is None:
                self.remove_member(channel, person.id)
        return self._known_as(replace(person, deleted=True))

    def restrict(self, person: Person, *, restricted: bool, single: bool) -> Person:
        """Make somebody a guest, of a `single` channel or several, or a full member; gives the person as they are."""
        return self._known_as(replace(person, is_restricted=restricted, is_ultra_restricted=single))

    def regroup(self, group: Group, users: Iterable[str]) -> None:
        """Let `users` be the members of `group`, each once."""
        group.users = list(dict.fromkeys(users))
        self._changes.bump()

    def new_ts(self) -> str:
        """A timestamp that no other message has, later than all before it."""
        self._last = max(int(self._clock.now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add(self, message: Message) -> Message:
        """Keep a message."""
        self._messages.setdefault(message.channel, []).append(message)
        self._changes.bump()
        return message

    def remove(self, message: Message) -> None:
        """Forget a message."""
        self._messages[message.channel].remove(message)
        self._changes.bump()

    def changed(self, message: Message) -> None:
        """Tell the watchers that `message` has changed."""
        message.edited = self.new_ts()
        self._changes.bump()

    def message(self, channel: str, ts: str) -> Message | None:
        """The message at `ts`, ephemeral or not."""
        return next((m for m in self._messages.get(channel, []) if m.ts == ts), None)

    def seen(self, channel: str, user: str | None) -> list[Message]:
        """What `user` sees of a channel, oldest first; without a user, what everyone sees."""
        return [m for m in self._messages.get(channel, []) if m.seen_by is None or m.seen_by == user]

    def _known_as(self, person: Person) -> Person:
        self.people[person.id] = person
        self._changes.bump()
        return person


def direct_message(person: Person) -> Channel:
    """The direct message between the bot and `person`, as it is when just opened."""
    return Channel("D" + person.id[1:], "directmessage", [person.id, BOT_USER], partner=person.id)
