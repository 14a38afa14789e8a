"""Read the configuration for a command, and set up logging and scrubbing from it."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.cli.errors import CommandFailed
from bot.config.settings import SECRET_VARIABLE_PREFIX, InvalidSettings, Settings
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.weak_secrets import WEAK_SECRET_WARNING
from bot.domain.text import set_truncate_function
from bot.ops.logs import configure_logging

Read = TypeVar("Read")

log = structlog.get_logger(__name__)


def read_configuration(read: Callable[[], Read]) -> Read:
    """What `read` returns.

    Raises:
        CommandFailed: The configuration has problems; the text lists all of them.
    """
    try:
        return read()
    except InvalidSettings as error:
        lines = "\n".join(f"  {name}: {wants}" for name, wants in error.problems)
        where = "See .env.example and policy.example.toml."
        raise CommandFailed(f"The bot can't start as it is configured:\n{lines}\n{where}") from None


def configure_scrubbing(settings: Settings) -> Scrubber:
    """Set up logging, and return the scrubber that hides the secrets of `settings` from logs, messages and cut text."""
    scrubber = Scrubber(public_words=settings.segment_spaces)
    weak = [
        name
        for name, value in settings.secret_values
        if not scrubber.add_secret(value, name.removeprefix(SECRET_VARIABLE_PREFIX))
    ]
    configure_logging(settings.log_level, scrubber.scrub)
    set_truncate_function(scrubber.scrub_and_truncate)
    for name in weak:
        log.warning(WEAK_SECRET_WARNING, secret=name)
    return scrubber
