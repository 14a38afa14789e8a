"""`warehouse-bot sandbox --env` in a process of its own, for whatever lives beside it."""

import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.local_workspace import COMMAND, PATIENCE, Workspace, environment


@contextmanager
def _running(folder: Path, said: str, *words: str) -> Iterator[tuple[str, str]]:
    """`warehouse-bot WORDS` until the block ends: the address that it prints behind `said`, and all that it printed."""
    out, err = folder / "out", folder / "err"
    with out.open("w") as printed, err.open("w") as told:
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=folder, env=environment(PORT="0"), stdout=printed, stderr=told
        )
    ends = time.monotonic() + PATIENCE
    while not (found := re.search(rf"{said}(http://127\.0\.0\.1:\d+)", out.read_text() + err.read_text())):
        assert process.poll() is None, err.read_text()
        assert time.monotonic() < ends
        time.sleep(0.05)
    yield found[1], out.read_text()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0, err.read_text()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The local workspace, once for all tests of this process: its address, and what it prints for a bot."""
    with _running(tmp_path_factory.mktemp("sandbox"), "The local workspace is at ", "sandbox", "--env") as (url, out):
        yield url, dict(line.split("=", 1) for line in out.splitlines())


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`warehouse-bot demo`, once for all tests of this process: its address."""
    with _running(tmp_path_factory.mktemp("demo"), r"\s", "demo") as (url, _):
        yield url


@pytest.fixture
async def workspace(sandbox: tuple[str, dict[str, str]]) -> AsyncIterator[Workspace]:
    """The control API of the local workspace, as it was declared."""
    url, variables = sandbox
    async with httpx.AsyncClient(timeout=30) as http:
        made = Workspace(url, variables, http)
        await made.post("reset")
        await made.post("delivery", mode="socket")
        yield made
