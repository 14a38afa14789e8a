import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.server import PortInUse, WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

Json = dict[str, Any]


@pytest.fixture
async def sandbox() -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as started:
        yield started


@pytest.fixture
async def session(sandbox: LocalWorkspace) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.url) as session:
        yield session


async def get(session: aiohttp.ClientSession, path: str) -> Json:
    async with session.get(f"/_control/{path}") as answer:
        body: Json = await answer.json()
        return body


async def call(session: aiohttp.ClientSession, method: str, path: str, body: object = None) -> tuple[int, Json]:
    async with session.request(method, f"/_control/{path}", json=body) as answer:
        return answer.status, await answer.json()


async def test_the_state_has_people_channels_app_and_segment(
    sandbox: LocalWorkspace, session: aiohttp.ClientSession
) -> None:
    state = await get(session, "state")
    assert set(state) == {"workspace", "users", "channels", "dms", "groups", "app", "segment"}
    assert state["workspace"] == {"teamId": "T0DEMO", "name": "Demo"}
    assert state["users"][4] == {
        "id": "U0MALLORY",
        "name": "mallory",
        "real_name": "Mallory Moss",
        "team_id": "T0OTHER",
        "is_restricted": False,
        "deleted": False,
    }
    assert state["channels"][0] == {
        "id": "C0OPS",
        "name": "data-ops",
        "members": ["U0ALICE", "U0BOB", "U0CAROL", "U0GUEST", "U0WAREHOUSE"],
        "is_ext_shared": False,
        "is_archived": False,
    }
    assert state["channels"][1]["members"] == ["U0ALICE", "U0BOB", "U0MALLORY", "U0WAREHOUSE"]
    assert state["channels"][2]["members"] == ["U0ALICE", "U0BOB", "U0CAROL"]
    assert state["groups"] == [{"id": "S0DATA", "handle": "data-oncall", "users": ["U0BOB", "U0CAROL"]}]
    assert state["app"] == {
        "botUserId": "U0WAREHOUSE",
        "botToken": sandbox.bot_token,
        "appToken": sandbox.app_token,
        "signingSecret": sandbox.signing_secret,
        "slackApiUrl": f"{sandbox.url}/api/",
        "command": None,
    }
    assert (state["segment"]["url"], state["segment"]["token"]) == (f"{sandbox.url}/segment", sandbox.segment.token)
    assert [space["slug"] for space in state["segment"]["spaces"]] == ["prod", "staging"]


async def test_people_post_messages_and_replies(session: aiohttp.ClientSession) -> None:
    status, answer = await call(session, "POST", "message", {"channel": "data-ops", "user": "alice", "text": "hi"})
    assert (status, answer["message"]["user"]) == (200, "U0ALICE")
    reply = {"channel": "C0OPS", "user": "U0BOB", "text": "yes?", "thread_ts": answer["message"]["ts"]}
    await call(session, "POST", "message", reply)
    messages = (await get(session, "messages/data-ops?user=carol"))["messages"]
    assert [message["text"] for message in messages] == ["hi", "yes?"]
    assert messages[1]["thread_ts"] == messages[0]["ts"]


async def test_the_bot_is_invited_and_kicked(session: aiohttp.ClientSession) -> None:
    invite = {"channel": "C0QUIET", "user": "U0ALICE", "text": "/invite @warehouse"}
    assert await call(session, "POST", "message", invite) == (200, {"ok": True})
    assert "U0WAREHOUSE" in (await get(session, "state"))["channels"][2]["members"]
    assert await call(session, "POST", "message", invite | {"text": "/kick @warehouse"}) == (200, {"ok": True})
    assert "U0WAREHOUSE" not in (await get(session, "state"))["channels"][2]["members"]


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("message", {"channel": "C0OPS", "user": "U0ALICE", "text": " "}, 400, "a message says something"),
        ("message", {"channel": "C0OPS", "user": "U0ALICE", "text": "/warehouse list"}, 400, "/command"),
        ("message", {"channel": "C0OPS", "text": "x"}, 400, "user is required"),
        ("message", {"channel": "C0NONE", "user": "U0ALICE", "text": "x"}, 404, "no channel C0NONE"),
        ("message", {"channel": "C0OPS", "user": "U0EVE", "text": "x"}, 404, "nobody called U0EVE"),
        ("message", {"channel": "C0OPS", "user": "warehouse", "text": "x"}, 400, "the bot itself"),
        ("command", {"channel": "C0OPS", "user": "U0ALICE", "command": "/other"}, 404, "there is /warehouse"),
        ("interact", {"channel": "C0OPS", "user": "U0ALICE", "messageTs": "1"}, 409, "no such message"),
        ("submit", {"user": "U0ALICE", "values": []}, 400, "values is required, as an object"),
        ("close", {"user": "U0ALICE", "all": "yes"}, 400, "all must be true or false"),
        ("clock", {"advance": "1"}, 400, "as a number"),
        ("clock", {"advance": -1}, 400, "not negative"),
        ("clock", {"advance": 1e300}, 400, "number of seconds"),
        ("faults", {"target": "mars"}, 400, "target"),
        ("segment", {"nonsense": True}, 400, "nonsense"),
        ("delivery", {"mode": "pigeon"}, 400, "mode must be"),
        ("nothing", {}, 404, "no POST /_control/nothing"),
        ("message", [], 400, "must be a JSON object"),
    ],
)
async def test_an_impossible_call_is_refused_with_a_reason(
    session: aiohttp.ClientSession, path: str, body: object, status: int, reason: str
) -> None:
    actual_status, answer = await call(session, "POST", path, body)
    assert (actual_status, answer["ok"]) == (status, False)
    assert reason in answer["error"]


async def test_a_body_that_is_not_json_is_refused(session: aiohttp.ClientSession) -> None:
    async with session.post("/_control/reset", data=b"{") as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "the body is no JSON")


async def test_reading_a_direct_message_does_not_open_it(session: aiohttp.ClientSession) -> None:
    assert (await get(session, "messages/U0BOB?user=U0BOB"))["messages"] == []
    assert (await get(session, "state"))["dms"] == []
    assert (await call(session, "GET", "messages/C0QUIET?user=U0GUEST"))[0] == 403
    assert (await call(session, "GET", "messages/nowhere"))[0] == 404
    assert (await call(session, "GET", "log?since=x"))[0] == 400


async def test_the_clock_can_be_advanced(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> None:
    before = (await get(session, "clock"))["now"]
    status, answer = await call(session, "POST", "clock", {"advance": 3600})
    assert (status, answer["now"] - before >= 3600) == (200, True)
    assert sandbox.clock.now() - time.time() > 3599


async def test_faults_are_set_listed_and_cleared(session: aiohttp.ClientSession) -> None:
    fault = {"target": "segment", "match": "GET", "status": 500, "times": 2}
    (due,) = (await call(session, "POST", "faults", fault))[1]["faults"]
    assert due == fault | {"left": 2, "id": due["id"]}
    assert (await get(session, "faults"))["faults"] == [due]
    assert await call(session, "DELETE", "faults") == (200, {"ok": True, "faults": []})


async def test_one_of_several_faults_can_be_removed(session: aiohttp.ClientSession) -> None:
    for match in ("GET", "PATCH"):
        await call(session, "POST", "faults", {"target": "segment", "match": match, "status": 500})
    removed, remaining = (await get(session, "faults"))["faults"]
    assert await call(session, "DELETE", f"faults/{removed['id']}") == (200, {"ok": True, "faults": [remaining]})
    assert (await call(session, "DELETE", f"faults/{removed['id']}"))[0] == 404
    assert (await call(session, "DELETE", "faults/first"))[0] == 404


async def test_a_fault_with_since_begins_with_a_later_call(
    sandbox: LocalWorkspace, session: aiohttp.ClientSession
) -> None:
    outage = {"target": "segment", "since": "POST", "times": None, "status": 503}
    await call(session, "POST", "faults", outage)
    url, headers = "/segment/", {"Authorization": f"Bearer {sandbox.segment.token}"}
    statuses = []
    for method in ("GET", "POST", "GET"):
        async with session.request(method, url, headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 503, 503]


async def test_restoring_the_warehouses_leaves_messages_and_audit_events(
    sandbox: LocalWorkspace, session: aiohttp.ClientSession
) -> None:
    initial = (await get(session, "segment"))["spaces"]
    space, headers = initial[0]["id"], {"Authorization": f"Bearer {sandbox.segment.token}"}
    path = f"/segment/spaces/{space}/profiles-warehouses/{initial[0]['warehouses'][0]['id']}"
    async with session.delete(path, headers=headers) as answer:
        assert answer.status == 200
    await call(session, "POST", "message", {"channel": "C0OPS", "user": "U0ALICE", "text": "hi"})
    status, restored = await call(session, "POST", "segment/restore")
    assert (status, restored["spaces"]) == (200, initial)
    assert [event["type"] for event in restored["auditEvents"]] == ["Profiles Sync Warehouse Deleted"]
    assert len((await get(session, "messages/C0OPS"))["messages"]) == 1


async def test_one_warehouse_can_be_restored_alone(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> None:
    initial = (await get(session, "segment"))["spaces"]
    space, headers = initial[0]["id"], {"Authorization": f"Bearer {sandbox.segment.token}"}
    for at, change in ((0, {"name": "renamed", "settings": {}}), (1, {"name": "renamed-too", "settings": {}})):
        path = f"/segment/spaces/{space}/profiles-warehouses/{initial[0]['warehouses'][at]['id']}"
        async with session.patch(path, headers=headers, json=change) as answer:
            assert answer.status == 200
    restored = (await call(session, "POST", "segment/restore", {"warehouses": [initial[0]["warehouses"][0]["name"]]}))[
        1
    ]
    names = [each["name"] for each in restored["spaces"][0]["warehouses"]]
    assert names == [
        initial[0]["warehouses"][0]["name"],
        "renamed-too",
        *(each["name"] for each in initial[0]["warehouses"][2:]),
    ]
    assert (await call(session, "POST", "segment/restore", {"warehouses": "all"}))[0] == 400


async def test_segment_is_served_and_its_switches_can_be_set(
    sandbox: LocalWorkspace, session: aiohttp.ClientSession
) -> None:
    segment = await get(session, "segment")
    assert len(segment["spaces"][0]["warehouses"]) == 8
    status, answer = await call(session, "POST", "segment", {"patch": "replace"})
    assert (status, answer["switches"]["patch"]) == (200, "replace")
    space = segment["spaces"][0]["id"]
    headers = {"Authorization": f"Bearer {sandbox.segment.token}"}
    path = f"/segment/spaces/{space}/profiles-warehouses"
    async with session.get(path, params={"pagination[count]": "10"}, headers=headers) as listed:
        assert listed.status == 200
    assert f"GET /spaces/{space}/profiles-warehouses" in [entry["name"] for entry in (await get(session, "log"))["log"]]


async def test_reset_restores_the_initial_workspace(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> None:
    initial = await get(session, "state")
    await call(session, "POST", "message", {"channel": "C0OPS", "user": "U0ALICE", "text": "hi"})
    await call(session, "POST", "message", {"channel": "U0ALICE", "user": "U0ALICE", "text": "hi"})
    await call(session, "POST", "membership", {"channel": "C0OPS", "user": "U0BOB", "member": False})
    await call(session, "POST", "archive", {"channel": "C0QUIET"})
    await call(session, "POST", "group", {"group": "S0DATA", "users": []})
    await call(session, "POST", "guest", {"user": "U0BOB"})
    await call(session, "POST", "deactivate", {"user": "U0CAROL"})
    await call(session, "POST", "clock", {"advance": 60})
    await call(session, "POST", "segment", {"patch": "replace"})
    await call(session, "POST", "faults", {"target": "slack", "error": "x"})
    sandbox.slack.views.publish("U0ALICE", {"type": "home", "blocks": []})
    assert await call(session, "POST", "reset") == (200, {"ok": True})
    assert await get(session, "state") == initial
    assert (await get(session, "messages/C0OPS"))["messages"] == []
    assert (await get(session, "segment"))["switches"]["patch"] == "merge"
    assert (await get(session, "faults"))["faults"] == []
    assert (await get(session, "home/U0ALICE"))["view"] is None
    assert abs(sandbox.clock.now() - time.time()) < 5


async def test_each_visible_change_sends_an_event(sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> None:
    async with session.get("/_control/events") as stream:
        assert stream.content_type == "text/event-stream"
        first = await _event(stream)
        await call(session, "POST", "message", {"channel": "C0OPS", "user": "U0ALICE", "text": "hi"})
        second = await _event(stream)
        assert (first["kind"], second["kind"]) == ("changed", "changed")
        assert second["seq"] > first["seq"]


async def _event(stream: aiohttp.ClientResponse) -> Json:
    line = (await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 2)).decode()
    event: Json = json.loads(line.removeprefix("data: "))
    return event


async def test_the_error_for_a_port_in_use_names_the_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"port {port} is taken: set PORT"):
            await WorkspaceServer(LocalWorkspace(port=port)).start()


async def test_stopping_is_prompt_and_frees_the_port() -> None:
    server = WorkspaceServer(LocalWorkspace(port=0))
    sandbox = await server.start()
    async with aiohttp.ClientSession(sandbox.url) as session:
        stream = await session.get("/_control/events")
        link = await session.ws_connect(f"/link?ticket={sandbox.slack.socket_tickets.issue()}")
        command_task = asyncio.create_task(
            call(session, "POST", "command", {"channel": "C0OPS", "user": "U0ALICE", "command": "/warehouse"})
        )
        await link.receive_json()
        await link.receive_json()
        before = time.monotonic()
        await server.stop()
        assert time.monotonic() - before < 2
        assert (await command_task)[1] == {"ok": False, "error": "dispatch_failed"}
        stream.close()
        await link.close()
    await server.stop()
    async with WorkspaceServer(LocalWorkspace(port=sandbox.port)):
        pass


async def test_two_workspaces_share_nothing() -> None:
    async with WorkspaceServer(LocalWorkspace(port=0)) as one, WorkspaceServer(LocalWorkspace(port=0)) as other:
        one.slack.workspace.open_direct_message(one.slack.workspace.people["U0BOB"])
        assert "D0BOB" not in other.slack.workspace.channels
        assert one.url != other.url


async def test_a_warehouse_can_be_changed_without_the_bot(session: aiohttp.ClientSession) -> None:
    status, answer = await call(
        session, "POST", "segment/change", {"warehouse": "legacy-redshift", "enabled": True, "settings": {"port": "1"}}
    )
    changed = next(each for each in answer["spaces"][0]["warehouses"] if each["name"] == "legacy-redshift")
    assert (status, changed["enabled"], changed["settings"]["port"]) == (200, True, "1")
    assert answer["auditEvents"][0]["type"] == "Profiles Sync Warehouse Updated"
    assert (await get(session, "log"))["log"] == []
    assert (await call(session, "POST", "segment/change", {"warehouse": "nothing"}))[0] == 404
    assert (await call(session, "POST", "segment/change", {"warehouse": "legacy-redshift", "enabled": 1}))[0] == 400
