"""What a call of the control API asks for, read with clear words where it makes no sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.delivery import Again
from bot.sandbox.slack.errors import Impossible
from bot.sandbox.slack.fixtures import Channel, Person
from bot.sandbox.slack.workspace import direct_message


@dataclass(frozen=True)
class Wants:
    """The JSON body, the query and the path of one call. Each reader raises Impossible in words for a person."""

    body: Mapping[str, Any]
    query: Mapping[str, str]
    path: Mapping[str, str]

    @classmethod
    async def of(cls, request: web.Request) -> Self:
        """What `request` asks for."""
        body: object = {}
        if request.can_read_body:
            try:
                body = await request.json()
            except ValueError:
                raise Impossible("the body is no JSON") from None
        if not isinstance(body, dict):
            raise Impossible("the body must be a JSON object")
        return cls(body, request.query, request.match_info)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a `default` it has to be there."""
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise Impossible(f"{name} is required, as a string")
        return value

    def mapping(self, name: str, *, required: bool = True) -> Mapping[str, Any]:
        """An object."""
        value = self.body.get(name, None if required else {})
        if not isinstance(value, Mapping):
            raise Impossible(f"{name} is required, as an object")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings, which may be empty."""
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise Impossible(f"{name} is required, as a list of strings")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise Impossible(f"{name} must be true or false")
        return value

    def number(self, name: str) -> float:
        """A number."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Impossible(f"{name} is required, as a number")
        return float(value)

    def again(self) -> Again:
        """What `redeliver` says: true and "after", or "beside"; without it, not at all."""
        value = self.body.get("redeliver", False)
        known: dict[object, Again] = {False: Again.NOT, True: Again.AFTER, "after": Again.AFTER, "beside": Again.BESIDE}
        if not isinstance(value, bool | str) or value not in known:
            raise Impossible('redeliver must be true, false or "beside"')
        return known[value]

    def person(self, slack: LocalSlack) -> Person:
        """The person who acts, by id or name; the bot doesn't act through here, and the deactivated not at all."""
        person = known_person(slack, self.text("user"))
        if person.is_bot:
            raise Impossible(f"{person.name} is the bot itself")
        if person.deleted:
            raise Impossible(f"{person.name} is deactivated", 403)
        return person

    def channel(self, slack: LocalSlack, person: Person) -> Channel:
        """The channel that `person` acts in, who has to be a member."""
        channel = known_channel(slack, self.text("channel"))
        if person.id not in channel.members:
            raise Impossible(f"{person.name} isn't in #{channel.name}", 403)
        return channel

    def writable(self, slack: LocalSlack, person: Person) -> Channel:
        """The same, where `person` writes: nobody does in an archived one."""
        channel = self.channel(slack, person)
        if channel.is_archived:
            raise Impossible(f"#{channel.name} is archived", 409)
        return channel


def known_person(slack: LocalSlack, known_as: str) -> Person:
    """Someone by id or name; raises Impossible (404)."""
    person = slack.workspace.person(known_as)
    if person is None:
        raise Impossible(f"there is nobody called {known_as}", 404)
    return person


def known_channel(slack: LocalSlack, known_as: str) -> Channel:
    """A channel by id or name, or the direct message of someone with the bot, opened if need be; raises Impossible."""
    channel = slack.workspace.channel(known_as)
    return channel or slack.workspace.dm(slack.workspace.people[dm_to_be(slack, known_as).members[0]])


def dm_to_be(slack: LocalSlack, known_as: str) -> Channel:
    """The direct message that `known_as` would open, by its id or its person's; raises Impossible (404)."""
    person = slack.workspace.person(known_as) or slack.workspace.people.get("U" + known_as.removeprefix("D"))
    if person is None or person.is_bot:
        raise Impossible(f"there is no channel {known_as}", 404)
    return direct_message(person)
