"""Configure logging: one line for each event, with ids and verbs, in one format for the bot and its libraries."""

import logging
import sys
from collections.abc import Callable, MutableMapping

import structlog

from bot.ops.crash_hooks import install_crash_hooks
from bot.ops.log_processors import add_repeat_count, escape_control_chars, hide_exception_text
from bot.ops.repeat_handler import RepeatSuppressingHandler

#: Loggers that quote bodies, URLs or statements below this level, whatever LOG_LEVEL is. Bolt logs bodies with a bad
#: signature at INFO; the Socket Mode client logs raw envelopes at DEBUG, and botocore whole responses with secrets.
_MIN_LEVELS = {
    "slack_bolt": logging.ERROR,
    "slack_sdk": logging.WARNING,
    "aiohttp": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "stamina": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "hvac": logging.WARNING,
    "urllib3": logging.WARNING,
}


def configure_logging(level: str, scrub: Callable[[str], str]) -> None:
    """Log to standard error at `level`: with colours if it is a terminal, else as JSON.

    A kind of warning or error takes one line a minute. Every line passes through `scrub`. Python's warnings and
    uncaught exceptions are logged in the same way.
    """
    shared_processors: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared_processors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = RepeatSuppressingHandler(sys.stderr)
    handler.setFormatter(_create_formatter([*shared_processors, hide_exception_text], scrub))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, min_level in _MIN_LEVELS.items():
        logging.getLogger(name).setLevel(max(min_level, logging.getLogger().level))
    logging.captureWarnings(capture=True)
    install_crash_hooks()


def _create_formatter(
    library_processors: list[structlog.typing.Processor], scrub: Callable[[str], str]
) -> logging.Formatter:
    """Create the formatter; `library_processors` prepare the records of libraries."""
    is_terminal = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)

    def render_scrubbed(logger: object, method: str, event: MutableMapping[str, object]) -> str:
        return scrub(str(render(logger, method, escape_control_chars(event))))

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=library_processors,
        processors=[add_repeat_count, structlog.stdlib.ProcessorFormatter.remove_processors_meta, render_scrubbed],
    )
