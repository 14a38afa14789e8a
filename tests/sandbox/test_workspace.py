"""The words in which other tests drive the workspace."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace
from tests.support.local_workspace import Workspace


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with WorkspaceServer(LocalWorkspace(port=0)) as sandbox, httpx.AsyncClient() as http:
        yield Workspace(sandbox.url, {}, http)


async def named(workspace: Workspace, kind: str, name: str) -> dict[str, Any]:
    """The user, channel or group of that id, as the state tells it."""
    return next(each for each in (await workspace.get("state"))[kind] if each["id"] == name)


async def test_what_happens_around_the_bot_in_words(workspace: Workspace) -> None:
    await workspace.post("message", channel="C0OPS", user="U0ALICE", text="hi")
    await workspace.delete(await workspace.sees("hi"))
    assert await workspace.messages() == []
    await workspace.archive()
    assert (await named(workspace, "channels", "C0OPS"))["is_archived"] is True
    await workspace.archive(archived=False)
    assert (await named(workspace, "channels", "C0OPS"))["is_archived"] is False
    await workspace.remove_bot()
    assert "U0WAREHOUSE" not in (await named(workspace, "channels", "C0OPS"))["members"]
    await workspace.invite_bot()
    assert "U0WAREHOUSE" in (await named(workspace, "channels", "C0OPS"))["members"]


async def test_what_happens_to_people_in_words(workspace: Workspace) -> None:
    await workspace.make_guest("U0BOB")
    assert (await named(workspace, "users", "U0BOB"))["is_restricted"] is True
    await workspace.make_member("U0BOB")
    assert (await named(workspace, "users", "U0BOB"))["is_restricted"] is False
    await workspace.deactivate("U0CAROL")
    assert (await named(workspace, "users", "U0CAROL"))["deleted"] is True
    await workspace.set_group("U0ALICE")
    assert (await named(workspace, "groups", "S0DATA"))["users"] == ["U0ALICE"]
    await workspace.set_group()
    assert (await named(workspace, "groups", "S0DATA"))["users"] == []


async def test_what_cannot_happen_fails_the_test(workspace: Workspace) -> None:
    with pytest.raises(AssertionError, match="nobody called U0EVE"):
        await workspace.deactivate("U0EVE")
