"""The local workspace and the bot beside it, in processes of their own."""

import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.workspace import COMMAND, PATIENCE, Process, Workspace, environment

StartBot = Callable[..., Awaitable[Process]]

SECRET = "canary-hunter2-canary"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """`warehouse-bot sandbox --env`, once for all tests of this process: its address, and what it prints for a bot."""
    folder = tmp_path_factory.mktemp("sandbox")
    out, err = folder / "out", folder / "err"
    with out.open("w") as said, err.open("w") as told:
        process = subprocess.Popen(
            [*COMMAND, "sandbox", "--env"], cwd=folder, env=environment(PORT="0"), stdout=said, stderr=told
        )
    ends = time.monotonic() + PATIENCE
    while "The local workspace is at " not in err.read_text():
        assert process.poll() is None, err.read_text()
        assert time.monotonic() < ends
        time.sleep(0.05)
    variables = dict(line.split("=", 1) for line in out.read_text().splitlines())
    yield err.read_text().split()[-1], variables
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0, err.read_text()


@pytest.fixture
async def workspace(sandbox: tuple[str, dict[str, str]]) -> AsyncIterator[Workspace]:
    """The control API of the local workspace, as it was declared."""
    url, variables = sandbox
    async with httpx.AsyncClient(timeout=30) as http:
        made = Workspace(url, variables, http)
        await made.post("reset")
        await made.post("delivery", mode="socket")
        yield made


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
