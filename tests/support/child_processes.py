"""The product's command in a process of its own without the second that its imports take: forked off one that has them.

What comes of it is a process as any: it is signalled, killed and waited for by its id, and nobody shares its memory.
"""

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

#: More than the words, the folder and the environment of any start.
_LONGEST = 1 << 17


class Forked:
    """As much of `asyncio.subprocess.Process` as tests use."""

    def __init__(
        self, pid: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader, status: asyncio.StreamReader
    ) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self._status = asyncio.ensure_future(_last(status))

    @property
    def returncode(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._status.result() if self._status.done() else None

    async def wait(self) -> int:
        """Wait until it ends."""
        return await asyncio.shield(self._status)

    def send_signal(self, number: int) -> None:
        """Signal it; does nothing where it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


async def fork(*words: str, cwd: Path, environ: Mapping[str, str]) -> Forked:
    """`warehouse-bot WORDS`, in that folder and environment."""
    pipes = [os.pipe() for _ in range(3)]
    order = json.dumps({"words": words, "cwd": str(cwd), "environ": dict(environ)}).encode()
    assert len(order) < _LONGEST
    socket.send_fds(_nursery(), [order], [into for _, into in pipes])
    for _, into in pipes:
        os.close(into)
    out, err, status = [await _reader(outof) for outof, _ in pipes]
    return Forked(int(await status.readline()), out, err, status)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb"))
    return reader


async def _last(reader: asyncio.StreamReader) -> int:
    return int(await reader.read())  # to its end, which closes the pipe


@cache
def _nursery() -> socket.socket:
    """A way to the process that forks; it ends when this one does."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.support.child_processes", str(there.fileno())]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, pass_fds=[there.fileno()])
    there.close()

    def end() -> None:
        here.close()
        process.wait()

    atexit.register(end)
    return here


def _serve(orders: socket.socket) -> None:
    """Fork for each order until nobody is left to give one. Also returns in each process that has become a bot's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who watch are waited for by nobody
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, _LONGEST, 3)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _watch(json.loads(order), *descriptors)
            return
        for each in descriptors:
            os.close(each)


def _watch(order: Mapping[str, Any], out: int, err: int, status: int) -> None:
    """Fork once more, and tell on `status` the id of that process, and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _become(order, out, err)
        return
    os.close(out)
    os.close(err)
    os.write(status, b"%d\n" % pid)
    os.write(status, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(order: Mapping[str, Any], out: int, err: int) -> None:
    from bot.cli.main import main  # noqa: PLC0415 - imported long ago; the tests' own processes do without

    for mine, standard in ((out, 1), (err, 2)):
        os.dup2(mine, standard)
        os.close(mine)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["cwd"])
    sys.argv = ["warehouse-bot", *order["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    import bot.cli.main  # noqa: F401 - what the forks are spared

    _serve(socket.socket(fileno=int(sys.argv[1])))
