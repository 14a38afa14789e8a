"""What may be written into the traffic log and the snapshot: everything but the values of secret keys."""

import re
from collections.abc import Mapping, Sequence

from bot.sandbox.segment.catalog import is_secret_key

MASK = "(secret)"
REDACTED_MARK = "<redacted>"
BULLETS_MARK = "•" * 10

_DEEPEST = 60
_REDACTION = re.compile(rf"{re.escape(REDACTED_MARK)}|.*•.*", re.DOTALL)


def is_redaction_mark(value: object) -> bool:
    """Whether `value` is a mark that stands for a secret, sent back as if it were one."""
    return isinstance(value, str) and _REDACTION.fullmatch(value) is not None


def mask_secrets(value: object, depth: int = 0) -> object:
    """A copy of `value` with every secret key's value masked.

    Redaction marks stay readable: a client that sends one back does harm, and the log must show it.
    """
    if depth > _DEEPEST:
        return "(nested too deeply to show)"
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), item, depth) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [mask_secrets(item, depth + 1) for item in value]
    return value


def _shown(key: str, value: object, depth: int) -> object:
    if is_secret_key(key) and value is not None and not is_redaction_mark(value):
        return MASK
    return mask_secrets(value, depth + 1)
