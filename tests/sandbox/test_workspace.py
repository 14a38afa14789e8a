"""The helper with which other tests control the workspace."""

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


async def find_by_id(workspace: Workspace, kind: str, item_id: str) -> dict[str, Any]:
    """Find a user, channel or group in the state."""
    return next(each for each in (await workspace.get("state"))[kind] if each["id"] == item_id)


async def test_the_test_helper_changes_channels_and_messages(workspace: Workspace) -> None:
    await workspace.post("message", channel="C0OPS", user="U0ALICE", text="hi")
    await workspace.delete(await workspace.sees("hi"))
    assert await workspace.messages() == []
    await workspace.archive()
    assert (await find_by_id(workspace, "channels", "C0OPS"))["is_archived"] is True
    await workspace.archive(archived=False)
    assert (await find_by_id(workspace, "channels", "C0OPS"))["is_archived"] is False
    await workspace.remove_bot()
    assert "U0WAREHOUSE" not in (await find_by_id(workspace, "channels", "C0OPS"))["members"]
    await workspace.invite_bot()
    assert "U0WAREHOUSE" in (await find_by_id(workspace, "channels", "C0OPS"))["members"]


async def test_the_test_helper_changes_people_and_groups(workspace: Workspace) -> None:
    await workspace.make_guest("U0BOB")
    assert (await find_by_id(workspace, "users", "U0BOB"))["is_restricted"] is True
    await workspace.make_member("U0BOB")
    assert (await find_by_id(workspace, "users", "U0BOB"))["is_restricted"] is False
    await workspace.deactivate("U0CAROL")
    assert (await find_by_id(workspace, "users", "U0CAROL"))["deleted"] is True
    await workspace.set_group("U0ALICE")
    assert (await find_by_id(workspace, "groups", "S0DATA"))["users"] == ["U0ALICE"]
    await workspace.set_group()
    assert (await find_by_id(workspace, "groups", "S0DATA"))["users"] == []


async def test_an_impossible_call_of_the_test_helper_fails(workspace: Workspace) -> None:
    with pytest.raises(AssertionError, match="nobody called U0EVE"):
        await workspace.deactivate("U0EVE")
