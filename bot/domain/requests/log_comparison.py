"""Comparison of a stored request with its entries in the audit log."""

import hmac
from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import AuditVerifier, KeyedEntry
from bot.domain.audit_errors import RequestDiffersFromLog, RequestPredatesKey
from bot.domain.changes.change import Change, to_audit_json
from bot.domain.requests.audit_entries import CREATE_REQUEST_ACTION
from bot.domain.requests.change_digest import compute_change_digest
from bot.domain.requests.request import Request, State
from bot.domain.requests.state_table import apply_unchecked
from bot.domain.requests.transitions import Transition

_DETAIL: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_TRANSITION: TypeAdapter[Transition] = TypeAdapter(Transition)


def find_difference(request: Request, entries: Sequence[KeyedEntry], salt: str, keys: AuditKeys) -> str:
    """Return how the stored `request` differs from its `entries`, in a few words; "" if it does not.

    The request is rebuilt from its entries, and compared as a whole. Entries hide some settings of the change, so the
    change is compared by its digest. Entries of a version without digests are compared by what they show.

    Args:
        request: The stored request.
        entries: The entries of its creation and its transitions, oldest first.
        salt: The salt with which the request was created.
        keys: The keys of the audit log.
    """
    if not entries or entries[0].entry.action != CREATE_REQUEST_ACTION:
        return "it was never asked"
    try:
        logged, logged_change = _rebuild_new_request(entries[0].entry, request.change)
        for entry, _ in entries[1:]:
            logged = apply_unchecked(logged, _TRANSITION.validate_json(entry.detail), State(entry.state))
    except ValueError:  # the base of the errors of pydantic and json
        return "an entry of it can't be read"
    if request.history != logged.history:
        return "its history is another"
    if request.state is not logged.state:
        return "its state is another"
    same = request == logged and _is_logged_change(request.change, entries[0], logged_change, salt, keys)
    return "" if same else "it was asked differently"


def require_match_with_log(request: Request, verifier: AuditVerifier, salt: str, keys: AuditKeys) -> None:
    """Check that `request` matches the log, which `verifier` has read from the request's first entry to the end.

    Raises:
        RequestDiffersFromLog: the request differs from its entries, or this part of the log was changed.
        RequestPredatesKey: the request is older than the newest key.
    """
    entries = verifier.entries_by_request[request.id]
    actions = [*(each.entry.action for each in entries), *(transition.kind for transition in request.history)]
    was_claimed = "claim" in actions
    if any(each.key_id != keys.current_id for each in entries):
        raise RequestPredatesKey("it is older than the key", was_claimed=was_claimed)
    problem = find_difference(request, entries, salt, keys) or next(iter(verifier.problems), "")
    if problem:
        raise RequestDiffersFromLog(problem, was_claimed=was_claimed)


def _rebuild_new_request(entry: AuditEntry, change: Change) -> tuple[Request, Mapping[str, JsonValue]]:
    """Return the request of a creation entry, but with `change`; and the visible part of the entry's own change."""
    detail = _DETAIL.validate_json(entry.detail)
    logged_change = detail["change"] if isinstance(detail.get("change"), dict) else {}
    # The model converts what an older version wrote, as it does for stored requests.
    return Request.model_validate({**detail, "change": change}), _DETAIL.validate_python(logged_change)


def _is_logged_change(
    change: Change, first: KeyedEntry, logged_change: Mapping[str, JsonValue], salt: str, keys: AuditKeys
) -> bool:
    digest = first.entry.digest
    if not digest:
        return _matches_shown_change(logged_change, change)
    if not keys.has_key(first.key_id):  # the verification of the log reports an unknown key
        return True
    return hmac.compare_digest(digest, compute_change_digest(change, salt, first.key_id, keys))


def _matches_shown_change(logged: Mapping[str, JsonValue], change: Change) -> bool:
    """Return whether `logged`, which an older version showed of a change, fits what this version shows of `change`.

    This version may know more fields than the older one, and may hide more or less of a setting.
    """
    shown = to_audit_json(change)
    added_keys = shown.keys() - logged.keys()
    keys_without_default = change.model_dump(exclude_defaults=True).keys()
    return not added_keys & keys_without_default and all(
        _is_compatible(value, shown.get(key)) for key, value in logged.items()
    )


def _is_compatible(old: JsonValue, new: JsonValue) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_is_compatible(old.get(key), new.get(key)) for key in old.keys() | new.keys())
    if _is_empty(old) or _is_empty(new):
        return _is_empty(old) and _is_empty(new)
    return old == new or _is_hidden(old) or _is_hidden(new)


def _is_empty(value: JsonValue) -> bool:
    return value is None or value in ("", [], {})


def _is_hidden(value: JsonValue) -> bool:
    return isinstance(value, str) and value.startswith("hidden (")
