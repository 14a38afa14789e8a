"""Scrub what is stored, and tell which fields of a change hold a secret that everybody would see."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from bot.domain.audit.entries import Entry
from bot.domain.changes.change import Change, Create, Delete, Update
from bot.domain.changes.diff import Difference
from bot.domain.redaction.scrubber import MASK, Censor, texts
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Fail, Move, Supersede


def scrubbed_request(request: Request, censor: Censor) -> Request:
    """`request` as it may be stored: without known secrets in its reason, and in what its warehouse is like."""
    kept = {"reason": censor.strike(request.reason), "change": scrubbed_change(request.change, censor)}
    return request.model_copy(update=kept)


def scrubbed_change(change: Change, censor: Censor) -> Change:
    """`change` as it may be stored: without known secrets in what its warehouse is like now.

    What is asked for stays as it is, for it is what will be sent; `shown_secrets` finds the secrets in it.
    """
    if isinstance(change, Create):
        return change
    target = change.target
    known = {
        "name": censor.strike(target.name),
        "schema_name": target.schema_name and censor.strike(target.schema_name),
        "settings": censor.strike_values(dict(target.settings)),
    }
    kept: dict[str, object] = {"target": target.model_copy(update=known)}
    if isinstance(change, Update):
        kept["before"] = censor.strike_values(dict(change.before))
    return change.model_copy(update=kept)


def scrubbed_move(move: Move, censor: Censor) -> Move:
    """`move` as it may be stored: without known secrets in what somebody, or Segment, said."""
    said: dict[str, object] = {
        name: censor.strike(getattr(move, name)) for name in ("reason", "note") if hasattr(move, name)
    }
    match move:
        case Fail(errors=errors):
            said["errors"] = tuple(
                replace(each, type=censor.strike(each.type), message=censor.strike(each.message)) for each in errors
            )
        case Supersede(drift=drift):
            said["drift"] = tuple(_scrubbed_difference(each, censor) for each in drift)
    return move.model_copy(update=said)


def scrubbed_entry(entry: Entry, censor: Censor) -> Entry:
    """`entry` of the audit trail as it may be stored."""
    kept = {
        "request_id": censor.strike(entry.request_id),
        "refused": censor.strike(entry.refused),
        "detail": censor.strike_json(entry.detail),
    }
    return entry.model_copy(update=kept)


def shown_secrets(change: Change, reason: str, censor: Censor) -> tuple[str, ...]:
    """The fields of a request that hold a secret which `censor` knows, by their keys.

    Everybody sees them, and scrubbed they would no longer say what is asked for.
    """
    written = {**_written(change), "reason": reason}
    return tuple(key for key, value in written.items() if any(map(censor.alters, (key, *texts(value)))))


def masked_fields(change: Change) -> tuple[str, ...]:
    """The fields of a change that hold the mask of a secret, by their keys: sent as they are, they would replace it."""
    return tuple(key for key, value in _written(change).items() if any(MASK in text for text in texts(value)))


def _written(change: Change) -> Mapping[str, JsonValue]:
    if isinstance(change, Delete):
        return {}
    return {"name": change.name, "schema": change.schema_name, **change.settings}


def _scrubbed_difference(difference: Difference, censor: Censor) -> Difference:
    values = {"before": censor.strike(difference.before), "after": censor.strike(difference.after)}
    return difference.model_copy(update=values)
