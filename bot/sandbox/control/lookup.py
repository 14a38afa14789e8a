"""Find the people, channels and messages that a call of the control API names, by id or name."""

from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import Channel, Person
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message, build_direct_message


def find_actor(slack: LocalSlack, request: ControlRequest) -> Person:
    """Find the `user` who acts.

    Raises:
        ControlError: Nobody has that id or name, the user is the bot, or the account is deactivated.
    """
    person = find_person(slack, request.get_text("user"))
    if person.is_bot:
        raise ControlError(f"{person.name} is the bot itself")
    if person.deleted:
        raise ControlError(f"{person.name} is deactivated", 403)
    return person


def find_joined_channel(slack: LocalSlack, request: ControlRequest, person: Person) -> Channel:
    """Find the `channel` in which `person` acts; raises ControlError where they are not a member."""
    channel = find_or_open_channel(slack, request.get_text("channel"))
    if person.id not in channel.members:
        raise ControlError(f"{person.name} isn't in #{channel.name}", 403)
    return channel


def find_writable_channel(slack: LocalSlack, request: ControlRequest, person: Person) -> Channel:
    """Find the `channel` in which `person` writes; raises ControlError also where it is archived."""
    channel = find_joined_channel(slack, request, person)
    if channel.is_archived:
        raise ControlError(f"#{channel.name} is archived", 409)
    return channel


def find_visible_message(slack: LocalSlack, request: ControlRequest, person: Person) -> tuple[Channel, Message]:
    """Find the message `messageTs` in `channel`; raises ControlError (409) where `person` doesn't see it."""
    channel = find_joined_channel(slack, request, person)
    message = slack.workspace.find_message(channel.id, request.get_text("messageTs"))
    if message is None or message.visible_to not in {None, person.id}:
        raise ControlError(f"{person.name} sees no such message in #{channel.name}", 409)
    return channel, message


def get_home_view(slack: LocalSlack, person: Person) -> View:
    """Return the Home tab of `person`; raises ControlError (409) where nothing was published to it."""
    view = slack.views.get_home(person.id)
    if view is None:
        raise ControlError(f"nothing was published to {person.name}'s Home tab", 409)
    return view


def find_person(slack: LocalSlack, id_or_name: str) -> Person:
    """Find a person or the bot; raises ControlError (404) where there is none."""
    person = slack.workspace.find_person(id_or_name)
    if person is None:
        raise ControlError(f"there is nobody called {id_or_name}", 404)
    return person


def find_or_open_channel(slack: LocalSlack, id_or_name: str) -> Channel:
    """Find a channel, or the bot's direct message with a person, and open the direct message if needed.

    Raises:
        ControlError: There is neither a channel nor a person of that id or name (404).
    """
    channel = slack.workspace.find_channel(id_or_name)
    if channel is not None:
        return channel
    member_id = resolve_dm(slack, id_or_name).members[0]
    return slack.workspace.open_direct_message(slack.workspace.people[member_id])


def resolve_dm(slack: LocalSlack, id_or_name: str) -> Channel:
    """Build the bot's direct message with a person, without opening it, by its id or the person's id or name.

    Raises:
        ControlError: There is no such person, or it is the bot (404).
    """
    person = slack.workspace.find_person(id_or_name) or slack.workspace.people.get("U" + id_or_name.removeprefix("D"))
    if person is None or person.is_bot:
        raise ControlError(f"there is no channel {id_or_name}", 404)
    return build_direct_message(person)
