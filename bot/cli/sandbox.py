"""`warehouse-bot sandbox`: the local workspace alone, for a bot that is started beside it."""

import sys
from typing import Annotated

import typer

from bot.cli.lifecycle import run_until_stopped, stop_signal
from bot.cli.workspace import HostOption, bot_variables, new_workspace, warn_of_exposure
from bot.sandbox.addresses import LOOPBACK
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace


def sandbox(
    env: Annotated[bool, typer.Option(help="Print the variables that a bot needs to live here.")] = False,
    host: HostOption = LOOPBACK,
) -> None:
    """Run the local Slack and the local Segment alone, for a bot that is started beside them."""
    run_until_stopped(_sandbox(new_workspace(host), env=env))


async def _sandbox(workspace: LocalWorkspace, *, env: bool) -> None:
    async with WorkspaceServer(workspace):
        with stop_signal() as stop:
            warn_of_exposure(workspace)
            if env:
                typer.echo("\n".join(f"{name}={value}" for name, value in bot_variables(workspace).items()))
            typer.echo(f"The local workspace is at {workspace.url}", err=env)
            sys.stdout.flush()
            await stop.wait()
