"""The command line: run, demo, sandbox, audit, new-key."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer
from cryptography.fernet import Fernet

from bot.bootstrap import audit_trail, running, watch_file_modes
from bot.domain.audit import Head
from bot.domain.audit_check import summarize
from bot.domain.command_line import SPECS
from bot.domain.striking import Censor
from bot.domain.weak_secrets import TOO_WEAK
from bot.domain.words import scrub_before_cutting
from bot.ops.logs import configure
from bot.sandbox.addresses import LOOPBACK
from bot.sandbox.server import AddressUnusable, PortBusy, Sandbox
from bot.settings import PREFIX, BadSettings, Settings, read, read_audit_key, read_database
from bot.store.audit import AuditTrail
from bot.wiring import StartFailed

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

audit = typer.Typer(help="The audit log: who asked, decided and was refused.", no_args_is_help=True)
app.add_typer(audit, name="audit")

Found = TypeVar("Found")

log = structlog.get_logger(__name__)

#: What `demo` obeys of the environment besides PORT and the secrets; the rest is the local workspace's.
_DEMO_OBEYS = ("DATABASE_URL", "LOG_LEVEL")

#: Where the demo's secret fields find something to choose.
_DEMO_SECRETS = {f"{PREFIX}SNOWFLAKE_LOADER": "demo-password-one", f"{PREFIX}REDSHIFT_LOADER": "demo-password-two"}

#: What the manifest and `/warehouse help` declare, for the composer of the local workspace.
COMMAND = {
    "command": "/warehouse",
    "description": "List, create, update and delete Profiles Sync warehouses",
    "usages": [{"usage": spec.usage, "summary": spec.summary} for spec in SPECS.values()],
}

_TRY = """
  {url}

  Open it: you are Alice, in #data-ops. Play one of the five scenes, each in under a minute,
  or type a command, such as /warehouse list

  Ctrl-C ends it. The bot calls nothing outside this machine, and nothing is kept.
"""


class Way(StrEnum):
    """A way in for payloads."""

    SOCKET = "socket"
    HTTP = "http"


#: Where the local workspace listens besides 127.0.0.1.
Host = Annotated[
    str,
    typer.Option(
        help="An address or name of this machine to listen on. Anybody who reaches it can do everything here."
    ),
]


class Failed(Exception):
    """What to print on standard error before leaving with status 1."""


@app.command()
def run(
    only: Annotated[list[Way] | None, typer.Option(help="Receive this way alone, of those configured.")] = None,
) -> None:
    """Run the bot as the environment and .env configure it."""
    settings = _configured(read)
    censor = _censor(settings)
    watch_file_modes(settings)
    _until_stopped(_run(settings, censor, [way.value for way in only or ()]))


@app.command()
def demo(host: Host = LOOPBACK) -> None:
    """Run the bot in a local Slack and a local Segment, in the browser."""
    with tempfile.TemporaryDirectory(prefix="warehouse-bot-") as folder:
        _until_stopped(_demo(_workspace(host), Path(folder)))


@app.command()
def sandbox(
    env: Annotated[bool, typer.Option(help="Print the variables that a bot needs to live here.")] = False,
    host: Host = LOOPBACK,
) -> None:
    """Run the local Slack and the local Segment alone, for a bot that is started beside them."""
    _until_stopped(_sandbox(_workspace(host), env=env))


@app.command()
def new_key() -> None:
    """Print a new key for ENCRYPTION_KEYS or AUDIT_KEY."""
    typer.echo(Fernet.generate_key().decode())


@audit.command()
def verify(
    expect: Annotated[str | None, typer.Option(metavar="SEQ:HASH", help="A head that `audit head` printed.")] = None,
) -> None:
    """Tell whether the audit log is whole and the requests are what it says; status 1 where not. Changes nothing."""
    expected = _head(expect) if expect is not None else None
    report = asyncio.run(_with_trail(lambda trail: trail.check(expected)))
    if report.problems:
        raise Failed(summarize(report))
    typer.echo(summarize(report))


@audit.command()
def head() -> None:
    """Print the number and the hash of the newest entry, for `audit verify --expect`."""
    typer.echo(asyncio.run(_with_trail(lambda trail: trail.head())))


@audit.command()
def export() -> None:
    """Write the audit log to standard output, as JSON Lines, oldest first."""

    async def write(trail: AuditTrail) -> None:
        async for link in trail.links():
            typer.echo(json.dumps({"seq": link.seq, "hash": link.hash, "key": link.key, "entry": _json(link.entry)}))

    asyncio.run(_with_trail(write))


def main() -> None:
    """The console script."""
    try:
        app()
    except (Failed, StartFailed) as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:  # whoever read the output has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


async def _with_trail(use: Callable[[AuditTrail], Awaitable[Found]]) -> Found:
    url, keys = _configured(read_database), _configured(read_audit_key)
    async with audit_trail(url, keys) as trail:
        return await use(trail)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:  # somebody changed it, and whoever reads the export should see that
        return text


def _head(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError:
        raise Failed(
            "--expect: wants SEQ:HASH, as `warehouse-bot audit head` prints it. Nothing was checked."
        ) from None


def _censor(settings: Settings) -> Censor:
    """What hides the secrets of `settings` in the log, in whatever is cut, and in whatever leaves."""
    censor = Censor(shown=settings.segment_spaces)
    weak = [name for name, value in settings.confidential if not censor.learn(value, name.removeprefix(PREFIX))]
    configure(settings.log_level, censor.strike)
    scrub_before_cutting(censor.head)
    for name in weak:
        log.warning(TOO_WEAK, secret=name)
    return censor


async def _run(settings: Settings, censor: Censor, receive: list[str]) -> None:
    async with running(settings, censor, receive=receive):
        with _hearing() as stop:
            await stop.wait()


def _workspace(host: str) -> Sandbox:
    try:
        return Sandbox(port=_port(), command=COMMAND, host=host)
    except ValueError as error:
        raise Failed(f"--host: wants {error}. Nothing was started.") from None


def _warn_of_exposure(workspace: Sandbox) -> None:
    if warning := workspace.address.exposure_warning:
        typer.echo(warning, err=True)


async def _demo(workspace: Sandbox, folder: Path) -> None:
    async with workspace:
        secrets = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)} or _DEMO_SECRETS
        own = {name: os.environ[name] for name in _DEMO_OBEYS if name in os.environ}
        database = {"DATABASE_URL": f"sqlite:///{folder}/warehouse-bot.db"}
        quiet = {"LOG_LEVEL": "WARNING"}
        settings = _configured(
            lambda: read({**_variables(workspace), **_page(), **quiet, **database, **secrets, **own}, dotenv=None)
        )
        censor = _censor(settings)
        async with running(settings, censor, now=workspace.clock.utc, receive=["socket"]):
            with _hearing() as stop:  # before anybody reads where it is, and ends it
                _warn_of_exposure(workspace)
                typer.echo(_TRY.format(url=workspace.url))
                await stop.wait()


async def _sandbox(workspace: Sandbox, *, env: bool) -> None:
    async with workspace:
        with _hearing() as stop:
            _warn_of_exposure(workspace)
            if env:
                typer.echo("\n".join(f"{name}={value}" for name, value in _variables(workspace).items()))
            typer.echo(f"The local workspace is at {workspace.url}", err=env)
            sys.stdout.flush()
            await stop.wait()


def _page() -> dict[str, str]:
    """What the demo's one-time page needs: a port of its own, and a key that is forgotten with it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }


def _variables(workspace: Sandbox) -> dict[str, str]:
    """The environment variables of a bot on this machine; it accepts http URLs of this machine only."""
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


def _configured(load: Callable[[], Found]) -> Found:
    try:
        return load()
    except BadSettings as error:
        lines = "\n".join(f"  {name}: {wants}" for name, wants in error.problems)
        where = "See .env.example and policy.example.toml."
        raise Failed(f"The bot can't start as it is configured:\n{lines}\n{where}") from None


def _port() -> int:
    text = os.environ.get("PORT", "8080")
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise Failed("PORT: wants a port number, 0 to 65535")
    return int(text)


def _until_stopped(job: Coroutine[object, object, None]) -> None:
    try:
        asyncio.run(job)
    except (StartFailed, PortBusy, AddressUnusable) as error:
        raise Failed(str(error)) from None
    except KeyboardInterrupt:  # a second Ctrl-C, or one before the first could be heard
        sys.exit(130)


@contextmanager
def _hearing() -> Iterator[asyncio.Event]:
    """The event that Ctrl-C or SIGTERM sets until the block ends; one after that is not waited for."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
