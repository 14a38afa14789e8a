"""Logging: ids and verbs, one line an event, every library's lines through one formatter."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, TextIO

import structlog

from bot.domain.text import INVISIBLE_CHARS, truncate
from bot.ops.repeat_suppressor import RepeatSuppressor, SuppressedLines

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
_OBEYED = re.compile(rf"{INVISIBLE_CHARS.pattern}|[\t\n]")

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


#: Fields that tell faults of one event apart: of the names of secrets there are few. The others are ids, of which there
#: is no end.
_TELLING = ("error", "code", "where", "task", "secret")


class LineKind(NamedTuple):
    """What makes two lines repetitions of one another, whatever ids they hold."""

    logger: str
    level: int
    event: str
    fault: tuple[str, ...]

    @classmethod
    def from_record(cls, record: logging.LogRecord) -> "LineKind":
        """The kind of `record`."""
        fields = record.msg if isinstance(record.msg, dict) else {}
        text = str(fields.get("event", "")) if fields else _template(record)
        fault = [str(fields[name]) for name in _TELLING if name in fields]
        error = record.exc_info[0] if record.exc_info else None
        return cls(record.name, record.levelno, truncate(text, 200), (*fault, error.__name__ if error else ""))


def _template(record: logging.LogRecord) -> str:
    """A library's message without the values in it, which differ from line to line."""
    text = str(record.msg)
    text = text if re.search(r"\w{3}", text) else record.getMessage()
    return _QUOTES.split(text)[0].strip() if record.name == "asyncio" else text


class RepeatSuppressingHandler(logging.StreamHandler[TextIO]):
    """Writes of warnings and errors of one kind the first at once, and then one line a minute with `repeated`.

    What is below a warning is written always: its lines tell of one act each. What was left out and never came again is
    told when its minute is over, with the next line of any kind, or at the end.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._repeats: RepeatSuppressor[LineKind] = RepeatSuppressor()

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record`, or leave it out and count it."""
        if record.levelno < logging.WARNING:
            self._write(record, 0)
        elif (left_out := self._repeats.admit(LineKind.from_record(record), record.created)) is not None:
            self._write(record, left_out)
        self._tell(self._repeats.expire(record.created))

    def close(self) -> None:
        """Write the counts of what was left out."""
        with self.lock or nullcontext():
            self._tell(self._repeats.flush())
        super().close()

    def _tell(self, repeated: Iterable[SuppressedLines[LineKind]]) -> None:
        for kind, left_out in repeated:
            self._write(logging.LogRecord(kind.logger, kind.level, "", 0, kind.event, None, None), left_out)

    def _write(self, record: logging.LogRecord, left_out: int) -> None:
        record.repeated = left_out
        super().emit(record)


def _count_repeats(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """The number of lines of its kind that were left out before this one."""
    if left_out := getattr(event.get("_record"), "repeated", 0):
        event["repeated"] = left_out
    return event


def configure_logging(level: str, scrub: Callable[[str], str]) -> None:
    """Log to standard error at `level`: colours for a person at a terminal, JSON for everything else.

    A kind of warning or error takes one line a minute. Every line passes `strike`, and so does what Python writes of an
    exception that nobody caught, in a thread or where none can be raised, and of its warnings.
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
        return scrub(str(render(logger, method, _on_one_line(event))))

    handler = RepeatSuppressingHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_count_repeats, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
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
