"""`warehouse-bot audit`: verify, head and export, for a database that may be in use. Nothing is changed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from bot.app import audit_trail
from bot.cli.configuration import read_configuration
from bot.cli.errors import CommandFailed
from bot.config.settings import read_audit_key, read_database
from bot.domain.audit.entries import Head
from bot.domain.audit.verification import summarize
from bot.store.audit import AuditTrail

Result = TypeVar("Result")

audit = typer.Typer(help="The audit log: who asked, decided and was refused.", no_args_is_help=True)


@audit.command()
def verify(
    expect: Annotated[str | None, typer.Option(metavar="SEQ:HASH", help="A head that `audit head` printed.")] = None,
) -> None:
    """Tell whether the audit log is whole and the requests are what it says; status 1 where not. Changes nothing."""
    expected = _head(expect) if expect is not None else None
    report = asyncio.run(_with_audit_log(lambda trail: trail.check(expected)))
    if report.problems:
        raise CommandFailed(summarize(report))
    typer.echo(summarize(report))


@audit.command()
def head() -> None:
    """Print the number and the hash of the newest entry, for `audit verify --expect`."""
    typer.echo(asyncio.run(_with_audit_log(lambda trail: trail.head())))


@audit.command()
def export() -> None:
    """Write the audit log to standard output, as JSON Lines, oldest first."""

    async def write(trail: AuditTrail) -> None:
        async for link in trail.links():
            typer.echo(json.dumps({"seq": link.seq, "hash": link.hash, "key": link.key, "entry": _json(link.entry)}))

    asyncio.run(_with_audit_log(write))


async def _with_audit_log(use: Callable[[AuditTrail], Awaitable[Result]]) -> Result:
    url, keys = read_configuration(read_database), read_configuration(read_audit_key)
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
        raise CommandFailed(
            "--expect: wants SEQ:HASH, as `warehouse-bot audit head` prints it. Nothing was checked."
        ) from None
