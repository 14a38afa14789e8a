"""Bolt for JavaScript, from npm: a small app (app.mjs) lives in the local workspace, in both delivery modes."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.sandbox.clients.conftest import Json
from tests.support.local_workspace import Process, Workspace, environment, until

HERE = Path(__file__).parent

StartApp = Callable[..., Awaitable[Process]]


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with Bolt beside these tests; where one is missing they say that they were left out, and fail in CI."""
    found = shutil.which("node")
    if found and (HERE / "node_modules" / "@slack" / "bolt").is_dir():
        return found
    words = "no Node with @slack/bolt here: apt install nodejs npm, and make test"
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture
async def start_app(node: str, workspace: Workspace) -> AsyncIterator[StartApp]:
    """Starts the app, in one mode or the other; what still runs at the end is stopped."""
    async with AsyncExitStack() as stack:

        async def start(way: str, **environ: str) -> Process:
            words = [node, "--import", "./only-here.mjs", "app.mjs", way]
            variables = environment(**{**workspace.variables, **environ})
            pipe = asyncio.subprocess.PIPE
            process = Process(
                await asyncio.create_subprocess_exec(*words, cwd=HERE, env=variables, stdout=pipe, stderr=pipe)
            )
            stack.push_async_callback(process.stop)
            return process

        yield start


@pytest.fixture(params=["socket", "http"])
async def app(request: pytest.FixtureRequest, start_app: StartApp, workspace: Workspace) -> Process:
    """The app, connected, once over Socket Mode and once over signed HTTP."""
    process = await start_app(request.param)
    await ready(process, request.param, workspace)
    return process


async def ready(process: Process, way: str, workspace: Workspace) -> None:
    if way == "http":
        port = (await process.saw("listening on ")).rpartition(" ")[2]
        await workspace.post("delivery", mode="http", url=f"http://127.0.0.1:{port}/slack/events")
    else:
        await process.saw("connected")
        await connected(workspace)


async def connected(workspace: Workspace) -> None:
    async def found() -> bool | None:
        return (await workspace.get("delivery"))["connections"] == 1 or None

    await until(found)


async def test_a_command_opens_a_modal_that_holds_what_it_was_given(app: Process, workspace: Workspace) -> None:
    assert await workspace.command("prod") == {"ok": True}
    view = await workspace.view()
    assert (view["callback_id"], view["private_metadata"]) == ("naming", "C0OPS")
    assert view["state"]["values"]["name"]["typed"] == {"type": "plain_text_input", "value": "prod"}


async def test_a_submission_has_errors_then_succeeds_and_its_message_is_approved(
    app: Process, workspace: Workspace
) -> None:
    await workspace.command("")
    view = await workspace.view()
    refused = await workspace.submit(view, name="two words")
    assert refused == {"ok": False, "response_action": "errors", "errors": {"name": "No blanks, please."}}
    assert (await workspace.view())["state"]["values"]["name"]["typed"]["value"] == "two words"
    assert await workspace.submit(view, name="prod") == {"ok": True}
    await workspace.closed()
    card = await workspace.sees("named it prod", "U0BOB")
    assert await workspace.click(card, "Approve", "U0BOB") == {"ok": True}
    done = await workspace.sees("prod is approved by <@U0BOB>")
    assert (done["ts"], [block["type"] for block in done["blocks"]]) == (card["ts"], ["section"])
    assert (await workspace.sees("Thank you.", "U0BOB"))["ephemeral"] is True
    assert "Thank you." not in [message["text"] for message in await workspace.messages("U0ALICE")]
    assert (await workspace.click(card, "Approve", "U0BOB"))["ok"] is False


async def test_the_home_tab_is_published_when_it_is_opened(app: Process, workspace: Workspace) -> None:
    assert (await workspace.post("open-home", user="U0CAROL"))["ok"] is True

    async def published() -> Json | None:
        view: Json | None = (await workspace.get("home/U0CAROL"))["view"]
        return view

    view = await until(published)
    assert (view["type"], view["blocks"][0]["text"]["text"]) == ("home", "Hello, <@U0CAROL>")


async def test_a_refusal_is_raised_with_slacks_code(app: Process, workspace: Workspace) -> None:
    assert await workspace.command("wrong") == {"ok": True}
    await workspace.sees("slack_webapi_platform_error: not_in_channel")


async def test_it_waits_as_long_as_it_is_told_and_tries_again(app: Process, workspace: Workspace) -> None:
    await workspace.fault("slack", "views.open", retry_after=0)
    await workspace.command("prod")
    await workspace.view(having="naming")
    assert [call["status"] for call in await workspace.calls("views.open")] == [429, 200]


@pytest.mark.parametrize("how", [{}, {"drop": True}], ids=["asked to leave", "cut off"])
async def test_it_comes_back_with_another_ticket(start_app: StartApp, workspace: Workspace, how: Json) -> None:
    await ready(await start_app("receiver"), "receiver", workspace)
    assert (await workspace.post("disconnect", **how))["connections"] == 1
    await connected(workspace)
    assert await workspace.command("prod") == {"ok": True}
    await workspace.view(having="naming")
    tickets = [upgrade["payload"]["ticket"] for upgrade in await workspace.calls("websocket")]
    assert len(set(tickets)) == len(tickets) >= 2


async def test_it_takes_nothing_that_is_signed_with_another_secret(start_app: StartApp, workspace: Workspace) -> None:
    process = await start_app("http", SLACK_SIGNING_SECRET="of another app")
    await ready(process, "http", workspace)
    assert await workspace.command("prod") == {"ok": False, "error": "dispatch_failed"}
    assert (await workspace.get("views/U0ALICE"))["views"] == []


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_it_does_not_start_with_a_wrong_token(start_app: StartApp, name: str) -> None:
    process = await start_app("socket", **{name: "wrong"})
    assert await process.ended() != 0
    assert "invalid_auth" in process.text


async def test_the_node_app_reaches_only_this_machine(node: str) -> None:
    call = "fetch('http://255.255.255.255/').catch((error) => console.log(String(error.cause)))"
    process = await asyncio.create_subprocess_exec(
        node, "--import", "./only-here.mjs", "-e", call, cwd=HERE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert b"a test may reach this machine alone, and not 255.255.255.255" in said
