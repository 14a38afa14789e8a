"""Payloads that lack something: every field of a real one taken out, emptied, or of another kind, one at a time."""

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

_REMOVED = object()

#: What stands in a field's place where it is of another kind.
_OTHER: dict[type, Any] = {str: 7, int: "seven", float: "seven", bool: "yes", dict: "an object", list: "a list"}


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every field in `value`, at any depth."""
    fields: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        fields = list(value.items())
    elif isinstance(value, list):
        fields = list(enumerate(value))
    for key, inner in fields:
        if isinstance(key, str):
            yield (*path, key)
        yield from paths_of(inner, (*path, key))


def mutations_of(payload: dict[str, Any], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """`payload` without the field at `path`, with null there, and with a value of another kind."""
    value: Any = payload
    for part in path:
        value = value[part]
    yield "removed", _changed(payload, path, _REMOVED)
    if value is not None:
        yield "null", _changed(payload, path, None)
        yield "another kind", _changed(payload, path, _OTHER[type(value)])


def named(path: Path) -> str:
    """The path in one word."""
    return ".".join(map(str, path))


def shape_of(path: Path) -> str:
    """The path without what differs from block to block and from field to field."""
    ids = range(path.index("values") + 1, path.index("values") + 3) if "values" in path else range(0)
    return ".".join("*" if isinstance(part, int) or at in ids else part for at, part in enumerate(path))


def _changed(holder: Any, path: Path, value: Any) -> Any:
    """`holder` with `value` at `path`; what is beside the path is shared with it."""
    key, rest = path[0], path[1:]
    changed = holder.copy()
    if value is _REMOVED and not rest:
        del changed[key]
    else:
        changed[key] = _changed(holder[key], rest, value) if rest else value
    return changed


def kind_of(payload: dict[str, Any]) -> str:
    """What a payload is about, in one word."""
    if "command" in payload:
        return f"command {payload['text'].partition(' ')[0]}"
    if "event" in payload:
        return str(payload["event"]["type"])
    if payload["type"] == "block_actions":
        return f"press {payload['actions'][0]['action_id']}"
    return f"submit {payload['view']['callback_id']}"


def copied(document: str | bytes) -> dict[str, Any]:
    """The payload in `document`."""
    return dict(json.loads(document))
