"""What `demo` and `sandbox` share: the local workspace, and the variables of a bot that uses it."""

import os
from typing import Annotated

import typer

from bot.cli.errors import CommandFailed
from bot.domain.commands.parser import COMMAND_SPECS
from bot.sandbox.workspace import LocalWorkspace

#: The slash command as the manifest and `/warehouse help` declare it, for the composer of the local workspace.
SLASH_COMMAND = {
    "command": "/warehouse",
    "description": "List, create, update and delete Profiles Sync warehouses",
    "usages": [{"usage": spec.usage, "summary": spec.summary} for spec in COMMAND_SPECS.values()],
}

#: Where the local workspace listens besides 127.0.0.1.
HostOption = Annotated[
    str,
    typer.Option(
        help="An address or name of this machine to listen on. Anybody who reaches it can do everything here."
    ),
]


def new_workspace(host: str) -> LocalWorkspace:
    """A local workspace on `host` and PORT, not yet started.

    Raises:
        CommandFailed: `host` or PORT is unusable.
    """
    try:
        return LocalWorkspace(port=_port(), slash_command=SLASH_COMMAND, host=host)
    except ValueError as error:
        raise CommandFailed(f"--host: wants {error}. Nothing was started.") from None


def warn_of_exposure(workspace: LocalWorkspace) -> None:
    """Print a warning where others than this machine can reach `workspace`."""
    if warning := workspace.address.exposure_warning:
        typer.echo(warning, err=True)


def bot_variables(workspace: LocalWorkspace) -> dict[str, str]:
    """The environment variables of a bot on this machine that uses `workspace`."""
    url = workspace.local_url
    return {
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_SIGNING_SECRET": workspace.signing_secret,
        "SLACK_API_URL": f"{url}/api/",
        "SEGMENT_API_TOKEN": workspace.segment.token,
        "SEGMENT_API_URL": f"{url}/segment",
        "APPROVERS": "@data-oncall",
    }


def _port() -> int:
    text = os.environ.get("PORT", "8080")
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise CommandFailed("PORT: wants a port number, 0 to 65535")
    return int(text)
