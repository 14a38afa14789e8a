"""The entries of one request in the audit log: how they are made, and whether the stored request is what they say."""

import hmac
import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter
from pydantic_core import to_jsonable_python

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import AuditVerifier, KeyedEntry
from bot.domain.audit_errors import RequestDiffersFromLog, RequestPredatesKey
from bot.domain.changes.change import Change, to_audit_json
from bot.domain.requests.request import Request, State
from bot.domain.requests.state_table import apply_unchecked
from bot.domain.requests.transitions import Claim, Transition

_ASK = "ask"

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
_DETAIL: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_MOVE: TypeAdapter[Transition] = TypeAdapter(Transition)


def create_request_entry(request: Request, salt: str, keys: AuditKeys) -> AuditEntry:
    """The entry of a request that was just asked. `salt` is kept with the request, and only there."""
    return AuditEntry(
        at=request.asked_at,
        request_id=request.id,
        actor=request.asked_by,
        action=_ASK,
        state=request.state.value,
        detail=json.dumps({**request.model_dump(mode="json"), "change": to_audit_json(request.change)}),
        digest=_digest(request.change, salt, keys.current_id, keys),
    )


def create_transition_entry(request: Request, move: Transition) -> AuditEntry:
    """The entry of `move`, which led to `request`."""
    return AuditEntry(
        at=move.at,
        request_id=request.id,
        actor=getattr(move, "by", "") if not isinstance(move, Claim) else "",
        action=move.kind,
        state=request.state.value,
        detail=move.model_dump_json(),
    )


def find_difference(request: Request, entries: Sequence[KeyedEntry], salt: str, keys: AuditKeys) -> str:
    """What of the stored `request` its `entries` say differently, oldest first, in a few words; empty where nothing.

    The request is made again from its entries, and compared whole. They hide some settings of its change, so the change
    is compared by its digest; `salt` is the one that it was asked with. A version without digests wrote only what the
    entries show.
    """
    if not entries or entries[0].entry.action != _ASK:
        return "it was never asked"
    try:
        logged, change = _asked(entries[0].entry, request.change)
        for entry, _ in entries[1:]:
            logged = apply_unchecked(logged, _MOVE.validate_json(entry.detail), State(entry.state))
    except ValueError:  # which pydantic's and json's errors are
        return "an entry of it can't be read"
    if request.history != logged.history:
        return "its history is another"
    if request.state is not logged.state:
        return "its state is another"
    same = request == logged and _is_same_change(request.change, entries[0], change, salt, keys)
    return "" if same else "it was asked differently"


def require_match_with_log(request: Request, check: AuditVerifier, salt: str, keys: AuditKeys) -> None:
    """Let `request` pass where it is what the log says, which `check` has read from its first entry to the end.

    Raises:
        RequestMismatch: it is not, or the log was changed since.
        RequestBeforeKey: it is older than the newest key.
    """
    entries = check.entries_by_request[request.id]
    moves = [*(each.entry.action for each in entries), *(move.kind for move in request.history)]
    claimed = "claim" in moves
    if any(each.key_id != keys.current_id for each in entries):
        raise RequestPredatesKey("it is older than the key", was_claimed=claimed)
    problem = find_difference(request, entries, salt, keys) or next(iter(check.problems), "")
    if problem:
        raise RequestDiffersFromLog(problem, was_claimed=claimed)


def _asked(entry: AuditEntry, change: Change) -> tuple[Request, Mapping[str, JsonValue]]:
    """The request of an ask entry, with `change` in the place of its change, which is given as the entry shows it."""
    detail = _DETAIL.validate_json(entry.detail)
    shown = detail["change"] if isinstance(detail.get("change"), dict) else {}
    # Read as a stored request is, so that a later version fills in or converts what this entry lacks.
    return Request.model_validate({**detail, "change": change}), _DETAIL.validate_python(shown)


def _is_same_change(
    change: Change, asked: KeyedEntry, shown: Mapping[str, JsonValue], salt: str, keys: AuditKeys
) -> bool:
    digest = asked.entry.digest
    if not digest:
        return _agree(shown, change)
    # Of a key that is not known any more, the check of the log tells.
    return not keys.has_key(asked.key_id) or hmac.compare_digest(digest, _digest(change, salt, asked.key_id, keys))


def _digest(change: Change, salt: str, key: str, keys: AuditKeys) -> str:
    # Read again, so that it is the same when it comes from the database.
    read = _CHANGE.validate_json(change.model_dump_json())
    # Without what has its default, so that a later version that knows more fields comes to the same.
    fields = _canonical(read.model_dump(exclude_defaults=True))
    # `kind` is a default of each change, and tells a deletion from an update that changes nothing.
    return keys.digest_change(key, salt, f"{read.kind}\n{fields}")


def _canonical(value: object) -> str:
    """`value` as JSON that is the same in every process: keys in order, sets too."""
    match value:
        case Mapping():
            pairs = sorted((str(key), _canonical(each)) for key, each in value.items())
            return "{" + ",".join(f"{json.dumps(key)}:{each}" for key, each in pairs) + "}"
        case set() | frozenset():
            return "[" + ",".join(sorted(map(_canonical, value))) + "]"
        case list() | tuple():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case _:
            return json.dumps(to_jsonable_python(value))


def _agree(old: Mapping[str, JsonValue], change: Change) -> bool:
    """Whether what an older version showed of a change, `old`, is what this version would show of `change`.

    A newer version knows more fields, and may hide more or less of a setting.
    """
    new = to_audit_json(change)
    added = new.keys() - old.keys()
    written = change.model_dump(exclude_defaults=True).keys()
    return not added & written and all(_same(value, new.get(key)) for key, value in old.items())


def _same(old: JsonValue, new: JsonValue) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_same(old.get(key), new.get(key)) for key in old.keys() | new.keys())
    if _empty(old) or _empty(new):
        return _empty(old) and _empty(new)
    return old == new or _hidden(old) or _hidden(new)


def _empty(value: JsonValue) -> bool:
    return value is None or value in ("", [], {})


def _hidden(value: JsonValue) -> bool:
    return isinstance(value, str) and value.startswith("hidden (")
