"""The digest of a requested change, which covers the settings that an audit entry hides."""

import json
from collections.abc import Mapping

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from bot.domain.audit.keys import AuditKeys
from bot.domain.changes.change import Change

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)


def compute_change_digest(change: Change, salt: str, key_id: str, keys: AuditKeys) -> str:
    """Return a digest of `change` that reveals nothing about it without `salt` or the key. The key must be known.

    The digest is the same in every process, before and after a round trip through the database, and in later versions
    that know more fields, since fields with their default value do not count.
    """
    stored = _CHANGE.validate_json(change.model_dump_json())
    fields = _to_canonical_json(stored.model_dump(exclude_defaults=True))
    # `kind` is a default and thus not among the fields; it separates a deletion from an update that changes nothing.
    return keys.digest_change(key_id, salt, f"{stored.kind}\n{fields}")


def _to_canonical_json(value: object) -> str:
    """Return `value` as JSON with the keys of mappings and the items of sets in sorted order."""
    match value:
        case Mapping():
            pairs = sorted((str(key), _to_canonical_json(item)) for key, item in value.items())
            return "{" + ",".join(f"{json.dumps(key)}:{item}" for key, item in pairs) + "}"
        case set() | frozenset():
            return "[" + ",".join(sorted(map(_to_canonical_json, value))) + "]"
        case list() | tuple():
            return "[" + ",".join(map(_to_canonical_json, value)) + "]"
        case _:
            return json.dumps(to_jsonable_python(value))
