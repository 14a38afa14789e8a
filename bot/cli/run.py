"""`warehouse-bot run`: the bot as the environment and .env configure it."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.app import run_bot, watch_file_modes
from bot.cli.configuration import configure_scrubbing, read_configuration
from bot.cli.lifecycle import run_until_stopped, stop_signal
from bot.config.settings import Settings, read_settings
from bot.domain.redaction.scrubber import Scrubber


class Receiver(StrEnum):
    """A way in which Slack's payloads arrive."""

    SOCKET = "socket"
    HTTP = "http"


def run(
    only: Annotated[
        list[Receiver] | None, typer.Option(help="Receive payloads this way alone, of those configured.")
    ] = None,
) -> None:
    """Run the bot as the environment and .env configure it."""
    settings = read_configuration(read_settings)
    scrubber = configure_scrubbing(settings)
    watch_file_modes(settings)
    run_until_stopped(_run(settings, scrubber, [receiver.value for receiver in only or ()]))


async def _run(settings: Settings, scrubber: Scrubber, receive: list[str]) -> None:
    async with run_bot(settings, scrubber, receivers=receive):
        with stop_signal() as stop:
            await stop.wait()
