"""`warehouse-bot audit`: verify, head and export, for a database that may be in use. Nothing is changed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from bot.app import open_audit_log
from bot.cli.configuration import read_configuration
from bot.cli.errors import CommandFailed
from bot.config.settings import read_audit_keys, read_database_url
from bot.domain.audit.entries import AuditHead
from bot.domain.audit.report import summarize_report
from bot.store.audit import AuditLog

Result = TypeVar("Result")

audit_app = typer.Typer(help="The audit log: who asked, decided and was refused.", no_args_is_help=True)


@audit_app.command()
def verify(
    expect: Annotated[str | None, typer.Option(metavar="SEQ:HASH", help="A head that `audit head` printed.")] = None,
) -> None:
    """Tell whether the audit log is whole and the requests are what it says; status 1 where not. Changes nothing."""
    expected = _head(expect) if expect is not None else None
    report = asyncio.run(_with_audit_log(lambda trail: trail.verify(expected)))
    if report.problems:
        raise CommandFailed(summarize_report(report))
    typer.echo(summarize_report(report))


@audit_app.command()
def head() -> None:
    """Print the number and the hash of the newest entry, for `audit verify --expect`."""
    typer.echo(asyncio.run(_with_audit_log(lambda trail: trail.read_head())))


@audit_app.command()
def export() -> None:
    """Write the audit log to standard output, as JSON Lines, oldest first."""

    async def write(trail: AuditLog) -> None:
        async for link in trail.read_entries():
            typer.echo(
                json.dumps({"seq": link.seq, "hash": link.hash, "key": link.key_id, "entry": _json(link.entry_json)})
            )

    asyncio.run(_with_audit_log(write))


async def _with_audit_log(use: Callable[[AuditLog], Awaitable[Result]]) -> Result:
    url, keys = read_configuration(read_database_url), read_configuration(read_audit_keys)
    async with open_audit_log(url, keys) as trail:
        return await use(trail)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:  # somebody changed it, and whoever reads the export should see that
        return text


def _head(text: str) -> AuditHead:
    try:
        return AuditHead.parse(text)
    except ValueError:
        raise CommandFailed(
            "--expect: wants SEQ:HASH, as `warehouse-bot audit head` prints it. Nothing was checked."
        ) from None
