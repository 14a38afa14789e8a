"""Build the payloads that the bot receives, with Slack's fields."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.fixtures import APP_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, Channel, Person
from bot.sandbox.slack.messages import message_to_json
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

Payload = dict[str, Any]


def slash_command(slack: LocalSlack, person: Person, channel: Channel, command: str, text: str) -> Payload:
    """Build the payload of a slash command; `text` is already escaped."""
    return {
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": slack.create_response_url(channel.id, person.id),
        "trigger_id": slack.triggers.issue(person.id),
    }


def message_block_actions(
    slack: LocalSlack, person: Person, channel: Channel, message: Message, action: Payload
) -> Payload:
    """Build the payload of an action on a message. Slack omits `message` for an ephemeral message."""
    source = {} if message.is_ephemeral else {"message": message_to_json(message)}
    return {
        **_interaction("block_actions", person),
        "container": _container(channel, message),
        "trigger_id": slack.triggers.issue(person.id),
        "channel": {"id": channel.id, "name": channel.name},
        **source,
        "state": {"values": message.values},
        "response_url": slack.create_response_url(channel.id, person.id, message.ts),
        "actions": [action],
    }


def view_block_actions(slack: LocalSlack, person: Person, view: View, action: Payload) -> Payload:
    """Build the payload of an action in a modal or a Home tab."""
    return {
        **_interaction("block_actions", person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": slack.triggers.issue(person.id, view.id),
        "view": view.to_json(),
        "actions": [action],
    }


def view_submission(slack: LocalSlack, person: Person, view: View) -> Payload:
    """Build the payload of a submitted modal."""
    trigger = {"trigger_id": slack.triggers.issue(person.id, view.id)}
    return {**_interaction("view_submission", person), **trigger, "view": view.to_json(), "response_urls": []}


def view_closed(person: Person, view: View, *, is_cleared: bool) -> Payload:
    """Build the payload of a closed modal."""
    return {**_interaction("view_closed", person), "view": view.to_json(), "is_cleared": is_cleared}


def view_block_suggestion(person: Person, view: View, query: Mapping[str, str]) -> Payload:
    """Build the payload of a search in an external select of a view; `query` has its ids and the typed `value`."""
    place = {"container": {"type": "view", "view_id": view.id}, "view": view.to_json()}
    return {**_interaction("block_suggestion", person), **query, **place}


def message_block_suggestion(person: Person, channel: Channel, message: Message, query: Mapping[str, str]) -> Payload:
    """Build the payload of a search in an external select of a message."""
    place = {"container": _container(channel, message), "channel": {"id": channel.id, "name": channel.name}}
    return {**_interaction("block_suggestion", person), **query, **place}


def app_home_opened(slack: LocalSlack, person: Person) -> Payload:
    """Build the event for an opened Home tab, with `view` if the bot has published one."""
    home = slack.views.get_home(person.id)
    event: Payload = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": slack.workspace.open_direct_message(person).id,
        "tab": "home",
        "event_ts": slack.workspace.new_ts(),
    }
    return _event(slack, event if home is None else event | {"view": home.to_json()})


def _container(channel: Channel, message: Message) -> Payload:
    place = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.is_ephemeral,
    }
    return place | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _event(slack: LocalSlack, event: Payload) -> Payload:
    number = slack.workspace.new_ts().replace(".", "")
    return {
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "event_time": int(slack.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{number}",
    }


def _interaction(kind: str, person: Person) -> Payload:
    # `user.team_id` is the person's team, `team` the installation's: they differ for people of other companies.
    return {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": APP_ID,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }
