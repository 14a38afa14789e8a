"""The control API's ways to look: state, messages, modals, Home, the log, and word of every change."""

import json
from collections.abc import Mapping
from itertools import takewhile

from aiohttp import web

from bot.sandbox.control.parsing import ControlRequest, find_person, resolve_dm
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.fixtures import BOT_USER_ID, TEAM_ID, TEAM_NAME
from bot.sandbox.slack.messages import message_to_control_json
from bot.sandbox.types import JsonObject
from bot.sandbox.workspace import LocalWorkspace


async def get_state(workspace: LocalWorkspace, _wants: ControlRequest) -> JsonObject:
    """The workspace, its people and channels, the app, Segment."""
    slack = workspace.slack.workspace
    return {
        "workspace": {"teamId": TEAM_ID, "name": TEAM_NAME},
        "users": [
            {
                "id": person.id,
                "name": person.name,
                "real_name": person.real_name,
                "team_id": person.team_id,
                "is_restricted": person.is_restricted,
                "deleted": person.deleted,
            }
            for person in slack.people.values()
        ],
        "channels": [
            {
                "id": channel.id,
                "name": channel.name,
                "members": list(channel.members),
                "is_ext_shared": channel.is_ext_shared,
                "is_archived": channel.is_archived,
            }
            for channel in slack.channels.values()
            if channel.dm_user_id is None
        ],
        "dms": [{"id": dm.id, "user": dm.dm_user_id} for dm in slack.channels.values() if dm.dm_user_id is not None],
        "groups": [{"id": g.id, "handle": g.handle, "users": list(g.users)} for g in slack.groups.values()],
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


async def list_messages(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """What `?user=` sees of a channel; without a user, what everyone in it does."""
    slack = workspace.slack
    who = find_person(slack, wants.query["user"]) if wants.query.get("user") else None
    channel = slack.workspace.find_channel(wants.path_params["channel"])
    if channel is None:
        # Looking opens nothing: a direct message that doesn't exist yet is an empty one.
        channel = resolve_dm(slack, wants.path_params["channel"])
    if who is not None and who.id not in channel.members:
        raise ControlError(f"{who.name} isn't in #{channel.name}", 403)
    seen = slack.workspace.list_visible_messages(channel.id, who.id if who else channel.dm_user_id)
    return {"ok": True, "channel": channel.id, "messages": [message_to_control_json(message) for message in seen]}


async def get_newest_messages(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """The newest message of others that a person sees in each channel they are in, by its ts."""
    slack = workspace.slack
    person = find_person(slack, wants.path_params["user"])
    theirs = [channel.id for channel in slack.workspace.channels.values() if person.id in channel.members]
    others = {
        name: [each.ts for each in slack.workspace.list_visible_messages(name, person.id) if each.user != person.id]
        for name in theirs
    }
    return {"ok": True, "newest": {name: found[-1] for name, found in others.items() if found}}


async def list_views(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """A person's modals, the one on top last."""
    person = find_person(workspace.slack, wants.path_params["user"])
    return {"ok": True, "views": [view.to_json() for view in workspace.slack.views.get_stack(person.id)]}


async def get_home(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """A person's Home tab, null before anything was published."""
    found = workspace.slack.views.get_home(find_person(workspace.slack, wants.path_params["user"]).id)
    return {"ok": True, "view": found.to_json() if found else None}


async def get_traffic_log(workspace: LocalWorkspace, wants: ControlRequest) -> JsonObject:
    """Every payload and call, oldest first.

    With `?since=` only those after that number, and up to the first that still waits for its ack: so whoever reads on
    from the last number gets every entry once, and whole.
    """
    since = wants.query.get("since")
    if since is not None and not since.isdigit():
        raise ControlError("since must be the number of an entry")
    entries = workspace.traffic.list_entries(int(since or 0))
    shown = entries if since is None else list(takewhile(_settled, entries))
    return {"ok": True, "log": shown}


def _settled(entry: Mapping[str, object]) -> bool:
    answer = entry["answer"]
    return not (isinstance(answer, dict) and answer.get("waiting"))


async def stream_events(workspace: LocalWorkspace, request: web.Request) -> web.StreamResponse:
    """Server-sent events: one at once, and one for every visible change; changes in quick succession make one."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await stream.prepare(request)
    seq, changes = workspace.changes.seq, workspace.changes
    try:
        while not changes.is_closed:
            await stream.write(f"data: {json.dumps({'kind': 'changed', 'seq': seq})}\n\n".encode())
            seq = await changes.wait_for_change(seq)
    except ConnectionError:
        pass  # the watcher left
    return stream


QUERY_ROUTES = [
    ("GET", "/state", get_state),
    ("GET", "/messages/{channel}", list_messages),
    ("GET", "/newest/{user}", get_newest_messages),
    ("GET", "/views/{user}", list_views),
    ("GET", "/home/{user}", get_home),
    ("GET", "/log", get_traffic_log),
]
