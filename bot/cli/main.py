"""The console script: all commands, and how one that fails ends."""

import os
import sys

import typer

from bot.cli.audit import audit_app
from bot.cli.demo import demo
from bot.cli.errors import CommandFailed
from bot.cli.new_key import new_key
from bot.cli.run import run
from bot.cli.sandbox import sandbox
from bot.wiring import StartFailed

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
for command in (run, demo, sandbox, new_key):
    app.command()(command)
app.add_typer(audit_app, name="audit")


def main() -> None:
    """Run the command that the arguments name. Exits with status 1 where it fails."""
    try:
        app()
    except (CommandFailed, StartFailed) as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of the output closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
