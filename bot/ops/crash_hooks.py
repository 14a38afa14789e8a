"""Log uncaught exceptions without their text, which may quote secrets."""

import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

log = structlog.get_logger(__name__)


def install_crash_hooks() -> None:
    """Log the type and place of every uncaught exception: in the main thread, in other threads, and in destructors."""
    sys.excepthook = _log_crash
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread_crash


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("crashed", error=kind.__name__, where=_locate(trace))


def _log_thread_crash(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        log.error("thread crashed", error=args.exc_type.__name__, where=_locate(args.exc_traceback))


def _log_unraisable(args: "UnraisableHookArgs") -> None:
    log.error("error ignored", error=args.exc_type.__name__, where=_locate(args.exc_traceback))


def _locate(trace: TracebackType | None) -> str:
    """Return the function and line of the innermost frame."""
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
