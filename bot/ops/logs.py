"""Logging: ids and verbs, one line an event, every library's lines through one formatter."""

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType

import structlog

#: Loggers that quote bodies, URLs or statements below this level (Bolt: bodies with a bad signature at INFO; the
#: Socket Mode client: raw envelopes at DEBUG; botocore: whole answers, secrets among them, at DEBUG). They stay quiet
#: at any LOG_LEVEL.
_QUIET = {
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


def _only_the_kind(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """An exception's text may quote a payload or an answer, so only its type is logged."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[0]:
        event["error"] = found[0].__name__
    return event


def configure(level: str, strike: Callable[[str], str]) -> None:
    """Log to standard error at `level`: colours for a person at a terminal, JSON for everything else.

    Every line passes `strike`, and so does what Python writes of an exception that nobody caught.
    """
    human = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    shared.append(_only_the_kind)
    render = structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False)

    def renderer(logger: object, method: str, event: MutableMapping[str, object]) -> str:
        return strike(str(render(logger, method, event)))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
    sys.excepthook = _crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell where the bot ended, and nothing that the exception says: it may quote anything."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    frames = traceback.extract_tb(trace)
    where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
    structlog.get_logger(__name__).critical("crashed", error=kind.__name__, where=where)
