"""What a call of the control API asks for, read with clear words where it makes no sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.delivery import Redelivery
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import Channel, Person
from bot.sandbox.slack.workspace import build_direct_message


@dataclass(frozen=True)
class ControlRequest:
    """The JSON body, the query and the path of one call. Each reader raises Impossible in words for a person."""

    body: Mapping[str, Any]
    query: Mapping[str, str]
    path_params: Mapping[str, str]

    @classmethod
    async def from_http(cls, request: web.Request) -> Self:
        """What `request` asks for."""
        body: object = {}
        if request.can_read_body:
            try:
                body = await request.json()
            except ValueError:
                raise ControlError("the body is no JSON") from None
        if not isinstance(body, dict):
            raise ControlError("the body must be a JSON object")
        return cls(body, request.query, request.match_info)

    def get_text(self, name: str, default: str | None = None) -> str:
        """A string; without a `default` it has to be there."""
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise ControlError(f"{name} is required, as a string")
        return value

    def get_mapping(self, name: str, *, required: bool = True) -> Mapping[str, Any]:
        """An object."""
        value = self.body.get(name, None if required else {})
        if not isinstance(value, Mapping):
            raise ControlError(f"{name} is required, as an object")
        return value

    def get_text_list(self, name: str) -> list[str]:
        """A list of strings, which may be empty."""
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ControlError(f"{name} is required, as a list of strings")
        return value

    def get_flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise ControlError(f"{name} must be true or false")
        return value

    def get_number(self, name: str) -> float:
        """A number."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"{name} is required, as a number")
        return float(value)

    def get_redelivery(self) -> Redelivery:
        """What `redeliver` says: true and "after", or "beside"; without it, not at all."""
        value = self.body.get("redeliver", False)
        known: dict[object, Redelivery] = {
            False: Redelivery.NONE,
            True: Redelivery.AFTER_ACK,
            "after": Redelivery.AFTER_ACK,
            "beside": Redelivery.CONCURRENT,
        }
        if not isinstance(value, bool | str) or value not in known:
            raise ControlError('redeliver must be true, false or "beside"')
        return known[value]

    def find_actor(self, slack: LocalSlack) -> Person:
        """The person who acts, by id or name; the bot doesn't act through here, and the deactivated not at all."""
        person = find_person(slack, self.get_text("user"))
        if person.is_bot:
            raise ControlError(f"{person.name} is the bot itself")
        if person.deleted:
            raise ControlError(f"{person.name} is deactivated", 403)
        return person

    def find_joined_channel(self, slack: LocalSlack, person: Person) -> Channel:
        """The channel that `person` acts in, who has to be a member."""
        channel = find_or_open_channel(slack, self.get_text("channel"))
        if person.id not in channel.members:
            raise ControlError(f"{person.name} isn't in #{channel.name}", 403)
        return channel

    def find_writable_channel(self, slack: LocalSlack, person: Person) -> Channel:
        """The same, where `person` writes: nobody does in an archived one."""
        channel = self.find_joined_channel(slack, person)
        if channel.is_archived:
            raise ControlError(f"#{channel.name} is archived", 409)
        return channel


def find_person(slack: LocalSlack, known_as: str) -> Person:
    """Someone by id or name; raises Impossible (404)."""
    person = slack.workspace.find_person(known_as)
    if person is None:
        raise ControlError(f"there is nobody called {known_as}", 404)
    return person


def find_or_open_channel(slack: LocalSlack, known_as: str) -> Channel:
    """A channel by id or name, or the direct message of someone with the bot, opened if need be; raises Impossible."""
    channel = slack.workspace.find_channel(known_as)
    return channel or slack.workspace.open_direct_message(
        slack.workspace.people[resolve_dm(slack, known_as).members[0]]
    )


def resolve_dm(slack: LocalSlack, known_as: str) -> Channel:
    """The direct message that `known_as` would open, by its id or its person's; raises Impossible (404)."""
    person = slack.workspace.find_person(known_as) or slack.workspace.people.get("U" + known_as.removeprefix("D"))
    if person is None or person.is_bot:
        raise ControlError(f"there is no channel {known_as}", 404)
    return build_direct_message(person)
