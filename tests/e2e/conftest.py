"""The local workspace and the bot beside it, in processes of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.local_workspace import Process, Workspace
from tests.support.separate_bot import demo, sandbox, workspace

__all__ = ["demo", "sandbox", "workspace"]  # fixtures, found where they are named

StartBot = Callable[..., Awaitable[Process]]

SECRET = "canary-hunter2-canary"


@pytest.fixture(params=["socket", "http"])
def way(request: pytest.FixtureRequest) -> str:
    """How payloads reach the bot."""
    return str(request.param)


@pytest.fixture
async def start_bot(workspace: Workspace, tmp_path: Path) -> AsyncIterator[StartBot]:
    """Starts the bot in the workspace, as often as a test likes; what still runs at the end must end cleanly."""
    async with AsyncExitStack() as stack:

        async def start(way: str = "socket", **environ: str) -> Process:
            variables = {
                **workspace.variables,
                "PORT": "0",
                "HOST": "127.0.0.1",
                "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
                "WAREHOUSE_SECRET_LOADER": SECRET,
                **environ,
            }
            present = {key: value for key, value in variables.items() if value}
            process = await Process.fork("run", "--only", way, cwd=tmp_path, **present)
            stack.push_async_callback(_stopped, process)
            if way == "http":
                port = (await process.saw('"event": "listening"')).partition('"port": ')[2].split(",")[0]
                await workspace.post("delivery", mode="http", url=f"http://127.0.0.1:{port}/slack/events")
            else:
                await process.saw('"event": "connected"')
            return process

        yield start


async def _stopped(process: Process) -> None:
    status = await process.stop()
    assert status in {0, -9}, process.text
    assert "Traceback" not in process.text, process.text


@pytest.fixture
async def bot(start_bot: StartBot, way: str) -> Process:
    """The bot, connected, once over Socket Mode and once over signed HTTP."""
    return await start_bot(way)
