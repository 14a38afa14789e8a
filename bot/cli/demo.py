"""`warehouse-bot demo`: the bot in a local Slack and a local Segment, in the browser."""

import os
import socket
import tempfile
from pathlib import Path

import typer
from cryptography.fernet import Fernet

from bot.app import run_bot
from bot.cli.configuration import configure_scrubbing, read_configuration
from bot.cli.lifecycle import run_until_stopped, stop_signal
from bot.cli.workspace import HostOption, bot_variables, new_workspace, warn_of_exposure
from bot.config.settings import SECRET_VARIABLE_PREFIX, Settings, read_settings
from bot.sandbox.addresses import LOOPBACK
from bot.sandbox.server import WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

#: Variables of the environment that the demo uses besides PORT and the secrets; the local workspace sets the others.
_FROM_ENVIRONMENT = ("DATABASE_URL", "LOG_LEVEL")

#: What the demo's forms offer as secrets.
_SECRETS = {
    f"{SECRET_VARIABLE_PREFIX}SNOWFLAKE_LOADER": "demo-password-one",
    f"{SECRET_VARIABLE_PREFIX}REDSHIFT_LOADER": "demo-password-two",
}

_WELCOME = """
  {url}

  Open it: you are Alice, in #data-ops. Play one of the five scenes, each in under a minute,
  or type a command, such as /warehouse list

  Ctrl-C ends it. The bot calls nothing outside this machine, and nothing is kept.
"""


def demo(host: HostOption = LOOPBACK) -> None:
    """Run the bot in a local Slack and a local Segment, in the browser."""
    with tempfile.TemporaryDirectory(prefix="warehouse-bot-") as folder:
        run_until_stopped(_demo(new_workspace(host), Path(folder)))


async def _demo(workspace: LocalWorkspace, folder: Path) -> None:
    async with WorkspaceServer(workspace):
        settings = read_configuration(lambda: _settings(workspace, folder))
        scrubber = configure_scrubbing(settings)
        async with run_bot(settings, scrubber, now=workspace.clock.utc_now, receivers=["socket"]):
            with stop_signal() as stop:  # before the address is printed, so that Ctrl-C works from then on
                warn_of_exposure(workspace)
                typer.echo(_WELCOME.format(url=workspace.url))
                await stop.wait()


def _settings(workspace: LocalWorkspace, folder: Path) -> Settings:
    secrets = {name: value for name, value in os.environ.items() if name.startswith(SECRET_VARIABLE_PREFIX)} or _SECRETS
    own = {name: os.environ[name] for name in _FROM_ENVIRONMENT if name in os.environ}
    defaults = {"LOG_LEVEL": "WARNING", "DATABASE_URL": f"sqlite:///{folder}/warehouse-bot.db"}
    return read_settings({**bot_variables(workspace), **_secret_page(), **defaults, **secrets, **own}, dotenv=None)


def _secret_page() -> dict[str, str]:
    """The variables of the one-time page: a free port, and a key that nobody keeps."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
