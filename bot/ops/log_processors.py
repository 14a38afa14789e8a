"""Structlog processors that keep quoted payloads and control characters out of log lines."""

import re
import sys
from collections.abc import MutableMapping

from bot.domain.text import INVISIBLE_CHARS

#: Characters that control a terminal or end a line.
_CONTROL_CHARS = re.compile(rf"{INVISIBLE_CHARS.pattern}|[\t\n]")

#: The start of the part in which asyncio quotes a task or a callback, with its exception, result and arguments.
_ASYNCIO_QUOTE = re.compile(r"[<(\n]")


def hide_exception_text(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Log only the type of an exception, since its text may quote a payload or a response."""
    exc_info = event.pop("exc_info", None)
    logged_error = exc_info[1] if isinstance(exc_info, tuple) else None
    if isinstance(exc_info, tuple) and exc_info[0]:
        event["error"] = exc_info[0].__name__
    message = str(event.get("event", ""))
    for error in (logged_error, sys.exc_info()[1]):
        if text := str(error or ""):
            message = message.replace(text, type(error).__name__)
    event["event"] = cut_asyncio_quote(message) if event.get("logger") == "asyncio" else message
    return event


def cut_asyncio_quote(message: str) -> str:
    """Return the beginning of a message of asyncio, before the part that quotes a task or a callback."""
    return _ASYNCIO_QUOTE.split(message)[0].strip()


def escape_control_chars(event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Escape control characters as Python does, so that untrusted text can't fake a line or change a terminal."""
    return {name: _escape_text(value) if isinstance(value, str) else value for name, value in event.items()}


def _escape_text(text: str) -> str:
    return _CONTROL_CHARS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def add_repeat_count(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Add `repeated`, the number of lines of the same kind that were suppressed before this one."""
    if repeated := getattr(event.get("_record"), "repeated", 0):
        event["repeated"] = repeated
    return event
