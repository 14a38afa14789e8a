"""Logging: ids and verbs, one line an event, every library's lines through one formatter."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from bot.domain.words import UNSEEN

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

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


#: What a terminal does something with instead of showing it.
_OBEYED = re.compile(rf"{UNSEEN.pattern}|[\t\n]")

#: Where asyncio begins to quote a task or a callback, with its exception, its result and its arguments.
_QUOTES = re.compile(r"[<(\n]")


def _only_the_kind(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """An exception's text may quote a payload or an answer, so only its type is logged."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[0]:
        event["error"] = found[0].__name__
    said = str(event.get("event", ""))
    for error in (found[1] if isinstance(found, tuple) else None, sys.exc_info()[1]):
        if text := str(error or ""):
            said = said.replace(text, type(error).__name__)
    event["event"] = _QUOTES.split(said)[0].strip() if event.get("logger") == "asyncio" else said
    return event


def _on_one_line(event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """What a terminal would obey is written as Python writes it: no text of a stranger's makes a line or a colour."""
    return {key: _OBEYED.sub(_escaped, value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def configure(level: str, strike: Callable[[str], str]) -> None:
    """Log to standard error at `level`: colours for a person at a terminal, JSON for everything else.

    Every line passes `strike`, and so does what Python writes of an exception that nobody caught, in a thread or where
    none can be raised, and of its warnings.
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
        return strike(str(render(logger, method, _on_one_line(event))))

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
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    sys.unraisablehook = _unraisable
    threading.excepthook = _thread_crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell where the bot ended, and nothing that the exception says: it may quote anything."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger(__name__).critical("crashed", error=kind.__name__, where=_where(trace))


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        where = _where(args.exc_traceback)
        structlog.get_logger(__name__).error("thread crashed", error=args.exc_type.__name__, where=where)


def _unraisable(args: "UnraisableHookArgs") -> None:
    where = _where(args.exc_traceback)
    structlog.get_logger(__name__).error("error ignored", error=args.exc_type.__name__, where=where)


def _where(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
