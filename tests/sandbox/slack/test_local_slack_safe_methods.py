"""No GET changes anything, since any page that a browser shows can send one: told for every route and every method."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.segment.audit_log import AuditLog
from bot.sandbox.segment.rate_limit import RateLimiter
from bot.sandbox.server import build_app
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.web_api import METHODS, READ_METHODS
from bot.sandbox.traffic_log import TrafficLog
from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Json, button, modal, section

#: What counts calls, and so moves with each: the log, the number of the newest change to show, Segment's rate limit.
COUNTS_CALLS = (TrafficLog, ChangeNotifier, RateLimiter)

pytestmark = pytest.mark.usefixtures("stopped_time")


def snapshot(thing: object, above: tuple[int, ...] = ()) -> object:
    """All that `thing` holds, private attributes included, as values that can be compared."""
    if isinstance(thing, COUNTS_CALLS) or id(thing) in above:
        return type(thing).__name__
    if isinstance(thing, AuditLog):  # Segment's own audit trail tells of reads, too
        return [repr(event) for event in thing.list_newest_first() if not event.type.endswith("Retrieved")]
    above = (*above, id(thing))
    if isinstance(thing, Mapping):
        return [(repr(key), snapshot(value, above)) for key, value in thing.items()]
    if isinstance(thing, list | tuple | deque):
        return [snapshot(value, above) for value in thing]
    if isinstance(thing, set | frozenset):
        return sorted(map(repr, thing))
    if type(thing).__module__.startswith("bot.sandbox") and hasattr(thing, "__dict__"):
        return type(thing).__name__, snapshot(vars(thing), above)
    return repr(thing)


class Scene:
    """A workspace where all can be done that there is to do: with a message, a modal, a Home, a ticket, a fault."""

    def __init__(self, sandbox: LocalWorkspace) -> None:
        self.sandbox = sandbox
        slack = sandbox.slack
        self.trigger = slack.triggers.issue("U0ALICE")
        self.view = slack.views.open("U0ALICE", modal(button()))
        self.trigger_of_view = slack.triggers.issue("U0ALICE", self.view.id)
        slack.views.publish("U0ALICE", {"type": "home", "blocks": [section()]}, "")
        self.ticket = slack.socket_tickets.issue()
        self.secret = slack.create_response_url("C0OPS", "U0ALICE").rpartition("/")[2]
        sandbox.faults.add(Fault(target="slack", match="a call that nobody makes"))
        self.warehouse = sandbox.segment.list_warehouses(self.space)[0]
        self.ts = ""

    @property
    def space(self) -> str:
        return "jDReNXTo5faeNsacSbUT3e"

    async def post(self, session: aiohttp.ClientSession) -> None:
        """Let the bot post a message with a button."""
        sent = {"channel": "C0OPS", "text": "hi", "blocks": [button()]}
        async with session.post("/api/chat.postMessage", json=sent) as answer:
            self.ts = (await answer.json())["ts"]

    def arguments(self) -> dict[str, Json]:
        """For each method of the Web API arguments that it takes."""
        on_message = {"channel": "C0OPS", "ts": self.ts}
        view = modal(section())
        return {
            "api.test": {"foo": "bar"},
            "auth.test": {},
            "apps.connections.open": {},
            "chat.delete": on_message,
            "chat.getPermalink": {"channel": "C0OPS", "message_ts": self.ts},
            "chat.postEphemeral": {"channel": "C0OPS", "user": "U0ALICE", "text": "hi"},
            "chat.postMessage": {"channel": "C0OPS", "text": "hi"},
            "chat.update": {**on_message, "text": "other"},
            "conversations.info": {"channel": "C0OPS"},
            "conversations.list": {},
            "conversations.members": {"channel": "C0OPS"},
            "conversations.open": {"users": "U0BOB"},
            "usergroups.list": {},
            "usergroups.users.list": {"usergroup": "S0DATA"},
            "users.info": {"user": "U0BOB"},
            "users.list": {},
            "views.open": {"trigger_id": self.trigger, "view": view},
            "views.publish": {"user_id": "U0ALICE", "view": {"type": "home", "blocks": [section("other")]}},
            "views.push": {"trigger_id": self.trigger_of_view, "view": view},
            "views.update": {"view_id": self.view.id, "view": view},
        }

    def control_body(self) -> Json:
        """A body in which each route of the control API finds what it asks for."""
        return {
            "user": "U0ALICE",
            "channel": "C0OPS",
            "command": "/warehouse",
            "text": "hi",
            "messageTs": self.ts,
            "action": {"type": "button", "action_id": "approve", "block_id": "acts", "value": "r1"},
            "values": {},
            "member": False,
            "group": "S0DATA",
            "users": [],
            "advance": 60,
            "mode": "http",
            "url": "http://127.0.0.1:9/",
            "warehouse": self.warehouse.name,
            "enabled": False,
        }

    def path(self, template: str) -> str:
        """A route's path with what is there in place of its parameters."""
        there = {
            "{method}": "chat.postMessage",
            "{secret}": self.secret,
            "{channel}": "C0OPS",
            "{message}": "p" + self.ts.replace(".", ""),
            "{user}": "U0ALICE",
            "{id}": "1",
            "{name}": "main.js",
            "{tail}": "nothing",
            "{spaceId}": self.space,
            "{warehouseId}": self.warehouse.id,
            "{warehouseMetadataId}": "snowflake",
        }
        for parameter, value in there.items():
            template = template.replace(parameter, value)
        assert "{" not in template, f"what stands for a parameter of {template}?"
        return template


def as_query(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Arguments as a link carries them."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}


@pytest.fixture
async def session(sandbox: LocalWorkspace) -> Any:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    async with aiohttp.ClientSession(sandbox.url, headers=headers) as session:
        yield session


@pytest.fixture
async def scene(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> Scene:
    scene = Scene(sandbox)
    await scene.post(session)
    return scene


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_each_method_that_changes_anything_takes_post_alone(
    scene: Scene, session: aiohttp.ClientSession, method: str
) -> None:
    assert set(scene.arguments()) == set(METHODS)
    arguments = scene.arguments()[method]
    if method == "apps.connections.open":
        session.headers["Authorization"] = f"Bearer {scene.sandbox.app_token}"
    before = snapshot(scene.sandbox)
    for verb in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        is_read = method in READ_METHODS and verb in {"GET", "HEAD"}
        for how in ({"params": as_query(arguments)}, {"json": arguments}):
            async with session.request(verb, f"/api/{method}", **how) as answer:
                assert answer.status == (200 if is_read else 405)
                assert answer.headers.get("Allow") == (None if is_read else "POST")
                if verb != "HEAD":
                    said = await answer.json()
                    assert said["ok"] if is_read else said == {"ok": False, "error": "http_method_not_allowed"}
    assert snapshot(scene.sandbox) == before
    async with session.post(f"/api/{method}", json=arguments) as answer:
        assert (await answer.json())["ok"] is True
    assert (snapshot(scene.sandbox) != before) is (method not in READ_METHODS)


async def test_no_route_changes_anything_on_get(scene: Scene, session: aiohttp.ClientSession) -> None:
    sandbox = scene.sandbox
    templates = {route.resource.canonical for route in build_app(sandbox).router.routes() if route.resource}
    assert len(templates) > 40
    before = snapshot(sandbox)
    for template in sorted(templates):
        token = sandbox.segment.token if template.startswith("/segment") else sandbox.bot_token
        for verb in ("GET", "HEAD", "OPTIONS"):
            await _send(session, verb, scene.path(template), token, scene)
            assert snapshot(sandbox) == before, f"{verb} {template}"


async def _send(session: aiohttp.ClientSession, verb: str, path: str, token: str, scene: Scene) -> None:
    body = scene.control_body()
    headers = {"Authorization": f"Bearer {token}"}
    query = as_query(body) | {"ticket": scene.ticket}
    async with session.request(verb, path, headers=headers, params=query, json=body, allow_redirects=False) as answer:
        assert answer.status < 500


async def test_the_snapshot_sees_what_the_control_api_changes(scene: Scene, session: aiohttp.ClientSession) -> None:
    for path in ("message", "membership", "close", "deactivate", "group", "clock", "delivery", "segment/change"):
        before, body = snapshot(scene.sandbox), scene.control_body()
        if path == "segment/change":
            body = {name: body[name] for name in ("warehouse", "enabled")}
        async with session.post(f"/_control/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
        assert snapshot(scene.sandbox) != before
    async with session.delete("/_control/faults") as answer:
        assert answer.status == 200
    assert scene.sandbox.faults.list_due() == []


async def test_a_refused_get_is_in_the_log_and_uses_no_fault_up(scene: Scene, session: aiohttp.ClientSession) -> None:
    scene.sandbox.faults.add(Fault(target="slack", match="chat.postMessage", error="fatal_error"))
    due = scene.sandbox.faults.list_due()
    async with session.get("/api/chat.postMessage", params={"channel": "C0OPS", "text": "hi"}) as answer:
        assert answer.status == 405
    newest = scene.sandbox.traffic.list_entries()[-1]
    assert (newest["name"], newest["status"]) == ("chat.postMessage", 405)
    assert scene.sandbox.faults.list_due() == due
