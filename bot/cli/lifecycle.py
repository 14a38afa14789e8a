"""Run a command until Ctrl-C or SIGTERM."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager

from bot.cli.errors import CommandFailed
from bot.sandbox.server import AddressUnusable, PortInUse
from bot.wiring import StartFailed


def run_until_stopped(job: Coroutine[object, object, None]) -> None:
    """Run `job` to its end.

    Raises:
        CommandFailed: The bot or the local workspace can't start.
    """
    try:
        asyncio.run(job)
    except (StartFailed, PortInUse, AddressUnusable) as error:
        raise CommandFailed(str(error)) from None
    except KeyboardInterrupt:  # a second Ctrl-C, or one before the first could be heard
        sys.exit(130)


@contextmanager
def stop_signal() -> Iterator[asyncio.Event]:
    """Yield an event that Ctrl-C or SIGTERM sets. After the block, either ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
