"""Calls of the control API that only read: state, messages, modals, the Home tab, the traffic log, change events."""

import json
from collections.abc import Mapping
from itertools import takewhile

from aiohttp import web

from bot.sandbox.control.lookup import find_person, resolve_dm
from bot.sandbox.control.parsing import ControlRequest
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import BOT_USER_ID, TEAM_ID, TEAM_NAME, Channel, Person
from bot.sandbox.slack.messages import message_to_control_json
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def get_state(workspace: LocalWorkspace, _request: ControlRequest) -> JsonObject:
    """Return the team, its people, channels and groups, the app's credentials and URLs, and Segment's spaces."""
    team = workspace.slack.workspace
    channels = list(team.channels.values())
    return {
        "workspace": {"teamId": TEAM_ID, "name": TEAM_NAME},
        "users": [_person_to_json(person) for person in team.people.values()],
        "channels": [_channel_to_json(channel) for channel in channels if channel.dm_user_id is None],
        "dms": [{"id": dm.id, "user": dm.dm_user_id} for dm in channels if dm.dm_user_id is not None],
        "groups": [{"id": g.id, "handle": g.handle, "users": list(g.users)} for g in team.groups.values()],
        "app": {
            "botUserId": BOT_USER_ID,
            "botToken": workspace.bot_token,
            "appToken": workspace.app_token,
            "signingSecret": workspace.signing_secret,
            "slackApiUrl": workspace.slack_api_url,
            "command": workspace.slash_command,
        },
        "segment": {
            "url": workspace.segment_url,
            "token": workspace.segment.token,
            "spaces": [space.to_json() for space in SPACES],
        },
    }


def _person_to_json(person: Person) -> JsonObject:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "team_id": person.team_id,
        "is_restricted": person.is_restricted,
        "deleted": person.deleted,
    }


def _channel_to_json(channel: Channel) -> JsonObject:
    return {
        "id": channel.id,
        "name": channel.name,
        "members": list(channel.members),
        "is_ext_shared": channel.is_ext_shared,
        "is_archived": channel.is_archived,
    }


async def list_messages(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Return the messages of a channel that `?user=` sees; without a user, those that all members see."""
    slack = workspace.slack
    person = find_person(slack, request.query["user"]) if request.query.get("user") else None
    channel = slack.workspace.find_channel(request.path_params["channel"])
    if channel is None:
        # Reading opens no direct message: one that doesn't exist yet is empty.
        channel = resolve_dm(slack, request.path_params["channel"])
    if person is not None and person.id not in channel.members:
        raise ControlError(f"{person.name} isn't in #{channel.name}", 403)
    messages = slack.workspace.list_visible_messages(channel.id, person.id if person else channel.dm_user_id)
    return {"ok": True, "channel": channel.id, "messages": [message_to_control_json(message) for message in messages]}


async def get_newest_messages(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Return, for each channel of a person, the ts of the newest message that they see and did not write."""
    team = workspace.slack.workspace
    person = find_person(workspace.slack, request.path_params["user"])
    newest: JsonObject = {}
    for channel in team.channels.values():
        if person.id in channel.members:
            for message in team.list_visible_messages(channel.id, person.id):
                if message.user != person.id:
                    newest[channel.id] = message.ts
    return {"ok": True, "newest": newest}


async def list_views(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Return a person's open modals, the top one last."""
    person = find_person(workspace.slack, request.path_params["user"])
    return {"ok": True, "views": [view.to_json() for view in workspace.slack.views.get_stack(person.id)]}


async def get_home(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Return a person's Home tab; null before the bot publishes one."""
    person = find_person(workspace.slack, request.path_params["user"])
    view = workspace.slack.views.get_home(person.id)
    return {"ok": True, "view": view.to_json() if view else None}


async def get_traffic_log(workspace: LocalWorkspace, request: ControlRequest) -> JsonObject:
    """Return the traffic log, oldest entry first.

    With `?since=`, return the entries after that number, up to the first one that still waits for its ack. A client
    that continues from the last number gets each entry once, and complete.
    """
    since = request.query.get("since")
    if since is not None and not since.isdigit():
        raise ControlError("since must be the number of an entry")
    entries = workspace.traffic.list_entries(int(since or 0))
    return {"ok": True, "log": entries if since is None else list(takewhile(_is_complete, entries))}


def _is_complete(entry: Mapping[str, object]) -> bool:
    answer = entry["answer"]
    return not (isinstance(answer, dict) and answer.get("waiting"))


async def stream_events(workspace: LocalWorkspace, request: web.Request) -> web.StreamResponse:
    """Send server-sent events: one at once, and one after each visible change; quick changes share one event."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await stream.prepare(request)
    changes = workspace.changes
    seq = changes.seq
    try:
        while not changes.is_closed:
            await stream.write(f"data: {json.dumps({'kind': 'changed', 'seq': seq})}\n\n".encode())
            seq = await changes.wait_for_change(seq)
    except ConnectionError:
        pass  # the client disconnected
    return stream


QUERY_ROUTES = [
    ("GET", "/state", get_state),
    ("GET", "/messages/{channel}", list_messages),
    ("GET", "/newest/{user}", get_newest_messages),
    ("GET", "/views/{user}", list_views),
    ("GET", "/home/{user}", get_home),
    ("GET", "/log", get_traffic_log),
]
