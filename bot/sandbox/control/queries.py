"""The control API's ways to look: state, messages, modals, Home, the log, and word of every change."""

import json
from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.control.parsing import Wants, dm_to_be, known_person
from bot.sandbox.segment.fixtures import SPACES
from bot.sandbox.slack.errors import Impossible
from bot.sandbox.slack.fixtures import BOT_USER, TEAM, TEAM_NAME
from bot.sandbox.slack.messages import as_seen

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Answer = dict[str, Any]


async def state(sandbox: "Sandbox", _wants: Wants) -> Answer:
    """The workspace, its people and channels, the app, Segment."""
    workspace = sandbox.slack.workspace
    return {
        "workspace": {"teamId": TEAM, "name": TEAM_NAME},
        "users": [
            {
                "id": person.id,
                "name": person.name,
                "real_name": person.real_name,
                "team_id": person.team_id,
                "is_restricted": person.is_restricted,
                "deleted": person.deleted,
            }
            for person in workspace.people.values()
        ],
        "channels": [
            {
                "id": channel.id,
                "name": channel.name,
                "members": list(channel.members),
                "is_ext_shared": channel.is_ext_shared,
                "is_archived": channel.is_archived,
            }
            for channel in workspace.channels.values()
            if channel.partner is None
        ],
        "dms": [{"id": dm.id, "user": dm.partner} for dm in workspace.channels.values() if dm.partner is not None],
        "groups": [{"id": g.id, "handle": g.handle, "users": list(g.users)} for g in workspace.groups.values()],
        "app": {
            "botUserId": BOT_USER,
            "botToken": sandbox.bot_token,
            "appToken": sandbox.app_token,
            "signingSecret": sandbox.signing_secret,
            "slackApiUrl": sandbox.slack_api_url,
            "command": sandbox.command,
        },
        "segment": {
            "url": sandbox.segment_url,
            "token": sandbox.segment.token,
            "spaces": [space.shown() for space in SPACES],
        },
    }


async def messages(sandbox: "Sandbox", wants: Wants) -> Answer:
    """What `?user=` sees of a channel; without a user, what everyone in it does."""
    slack = sandbox.slack
    who = known_person(slack, wants.query["user"]) if wants.query.get("user") else None
    channel = slack.workspace.channel(wants.path["channel"])
    if channel is None:
        # Looking opens nothing: a direct message that doesn't exist yet is an empty one.
        channel = dm_to_be(slack, wants.path["channel"])
    if who is not None and who.id not in channel.members:
        raise Impossible(f"{who.name} isn't in #{channel.name}", 403)
    seen = slack.workspace.seen(channel.id, who.id if who else channel.partner)
    return {"ok": True, "channel": channel.id, "messages": [as_seen(message) for message in seen]}


async def newest(sandbox: "Sandbox", wants: Wants) -> Answer:
    """The newest message of others that a person sees in each channel they are in, by its ts."""
    slack = sandbox.slack
    person = known_person(slack, wants.path["user"])
    theirs = [channel.id for channel in slack.workspace.channels.values() if person.id in channel.members]
    others = {
        name: [each.ts for each in slack.workspace.seen(name, person.id) if each.user != person.id] for name in theirs
    }
    return {"ok": True, "newest": {name: found[-1] for name, found in others.items() if found}}


async def views(sandbox: "Sandbox", wants: Wants) -> Answer:
    """A person's modals, the one on top last."""
    person = known_person(sandbox.slack, wants.path["user"])
    return {"ok": True, "views": [view.shown() for view in sandbox.slack.views.stack(person.id)]}


async def home(sandbox: "Sandbox", wants: Wants) -> Answer:
    """A person's Home tab, null before anything was published."""
    found = sandbox.slack.views.home(known_person(sandbox.slack, wants.path["user"]).id)
    return {"ok": True, "view": found.shown() if found else None}


async def log(sandbox: "Sandbox", wants: Wants) -> Answer:
    """Every payload and call, oldest first.

    With `?since=` only those after that number, and up to the first that still waits for its ack: so whoever reads on
    from the last number gets every entry once, and whole.
    """
    since = wants.query.get("since")
    if since is not None and not since.isdigit():
        raise Impossible("since must be the number of an entry")
    entries = sandbox.traffic.since(int(since or 0))
    shown = entries if since is None else list(takewhile(_settled, entries))
    return {"ok": True, "log": shown}


def _settled(entry: Mapping[str, object]) -> bool:
    answer = entry["answer"]
    return not (isinstance(answer, dict) and answer.get("waiting"))


async def events(sandbox: "Sandbox", request: web.Request) -> web.StreamResponse:
    """Server-sent events: one at once, and one for every visible change; changes in quick succession make one."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await stream.prepare(request)
    seq, changes = sandbox.changes.seq, sandbox.changes
    try:
        while not changes.closed:
            await stream.write(f"data: {json.dumps({'kind': 'changed', 'seq': seq})}\n\n".encode())
            seq = await changes.after(seq)
    except ConnectionError:
        pass  # the watcher left
    return stream


LOOKING = [
    ("GET", "/state", state),
    ("GET", "/messages/{channel}", messages),
    ("GET", "/newest/{user}", newest),
    ("GET", "/views/{user}", views),
    ("GET", "/home/{user}", home),
    ("GET", "/log", log),
]
