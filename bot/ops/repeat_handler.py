"""A log handler that suppresses repeated warnings and errors."""

import logging
import re
from collections.abc import Iterable
from contextlib import nullcontext
from typing import NamedTuple, TextIO

from bot.domain.text import truncate
from bot.ops.log_processors import cut_asyncio_quote
from bot.ops.repeat_suppressor import RepeatSuppressor, SuppressedLines

#: Fields whose values distinguish kinds of lines. They have few values, while other fields hold ids without number.
_KIND_FIELDS = ("error", "code", "where", "task", "secret")


class LineKind(NamedTuple):
    """What two lines have in common that repeat each other, whatever ids they contain."""

    logger: str
    level: int
    event: str
    details: tuple[str, ...]

    @classmethod
    def from_record(cls, record: logging.LogRecord) -> "LineKind":
        """Return the kind of `record`."""
        fields = record.msg if isinstance(record.msg, dict) else {}
        event = str(fields.get("event", "")) if fields else _get_template(record)
        details = [str(fields[name]) for name in _KIND_FIELDS if name in fields]
        error = record.exc_info[0] if record.exc_info else None
        return cls(record.name, record.levelno, truncate(event, 200), (*details, error.__name__ if error else ""))


def _get_template(record: logging.LogRecord) -> str:
    """Return a library's message without its arguments, which differ from line to line."""
    template = str(record.msg)
    text = template if re.search(r"\w{3}", template) else record.getMessage()
    return cut_asyncio_quote(text) if record.name == "asyncio" else text


class RepeatSuppressingHandler(logging.StreamHandler[TextIO]):
    """Writes the first warning or error of a kind at once, and then one line a minute with the count `repeated`.

    Lines below the level of a warning are always written, since each describes one action. The count of suppressed
    lines that did not occur again is written when their minute is over, with the next line of any kind, or at the end.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._suppressor: RepeatSuppressor[LineKind] = RepeatSuppressor()

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record`, or suppress and count it."""
        if record.levelno < logging.WARNING:
            self._write(record, 0)
        elif (suppressed := self._suppressor.admit(LineKind.from_record(record), record.created)) is not None:
            self._write(record, suppressed)
        self._write_counts(self._suppressor.expire(record.created))

    def close(self) -> None:
        """Write the counts of all suppressed lines."""
        with self.lock or nullcontext():
            self._write_counts(self._suppressor.flush())
        super().close()

    def _write_counts(self, counts: Iterable[SuppressedLines[LineKind]]) -> None:
        for kind, suppressed in counts:
            self._write(logging.LogRecord(kind.logger, kind.level, "", 0, kind.event, None, None), suppressed)

    def _write(self, record: logging.LogRecord, repeated: int) -> None:
        record.repeated = repeated
        super().emit(record)
