"""Read the configuration for a command, and set up logging and scrubbing from it."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.cli.errors import CommandFailed
from bot.config.settings import PREFIX, BadSettings, Settings
from bot.domain.redaction.scrubber import Censor
from bot.domain.redaction.weak_secrets import TOO_WEAK
from bot.domain.text import scrub_before_cutting
from bot.ops.logs import configure

Read = TypeVar("Read")

log = structlog.get_logger(__name__)


def read_configuration(read: Callable[[], Read]) -> Read:
    """What `read` returns.

    Raises:
        CommandFailed: The configuration has problems; the text lists all of them.
    """
    try:
        return read()
    except BadSettings as error:
        lines = "\n".join(f"  {name}: {wants}" for name, wants in error.problems)
        where = "See .env.example and policy.example.toml."
        raise CommandFailed(f"The bot can't start as it is configured:\n{lines}\n{where}") from None


def configure_scrubbing(settings: Settings) -> Censor:
    """Set up logging, and return the scrubber that hides the secrets of `settings` from logs, messages and cut text."""
    censor = Censor(shown=settings.segment_spaces)
    weak = [name for name, value in settings.confidential if not censor.learn(value, name.removeprefix(PREFIX))]
    configure(settings.log_level, censor.strike)
    scrub_before_cutting(censor.head)
    for name in weak:
        log.warning(TOO_WEAK, secret=name)
    return censor
