"""Mask the values of secret keys for the traffic log and the snapshot."""

import re
from collections.abc import Mapping, Sequence

from bot.sandbox.segment.catalog import is_secret_key

MASK = "(secret)"
REDACTED_MARK = "<redacted>"
BULLETS_MARK = "•" * 10

_MAX_DEPTH = 60
_MARK_PATTERN = re.compile(rf"{re.escape(REDACTED_MARK)}|.*•.*", re.DOTALL)


def is_redaction_mark(value: object) -> bool:
    """Whether `value` is a mark that Segment returns instead of a secret."""
    return isinstance(value, str) and _MARK_PATTERN.fullmatch(value) is not None


def mask_secrets(value: object, depth: int = 0) -> object:
    """Return a copy of `value` with the values of secret keys masked.

    Redaction marks stay readable: a client that sends one back overwrites the secret, and the log must show it.
    """
    if depth > _MAX_DEPTH:
        return "(nested too deeply to show)"
    if isinstance(value, Mapping):
        return {str(key): _mask_item(str(key), item, depth) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [mask_secrets(item, depth + 1) for item in value]
    return value


def _mask_item(key: str, value: object, depth: int) -> object:
    if is_secret_key(key) and value is not None and not is_redaction_mark(value):
        return MASK
    return mask_secrets(value, depth + 1)
