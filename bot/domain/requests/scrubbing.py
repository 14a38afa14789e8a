"""Scrub what is stored, and tell which fields of a change hold a secret that everybody would see."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import Change, Create, Delete, Update
from bot.domain.changes.diff import Difference
from bot.domain.redaction.scrubber import MASK, Scrubber, iter_texts
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Fail, Supersede, Transition


def scrub_request(request: Request, scrubber: Scrubber) -> Request:
    """`request` as it may be stored: without known secrets in its reason, and in what its warehouse is like."""
    kept = {"reason": scrubber.scrub(request.reason), "change": scrub_change(request.change, scrubber)}
    return request.model_copy(update=kept)


def scrub_change(change: Change, scrubber: Scrubber) -> Change:
    """`change` as it may be stored: without known secrets in what its warehouse is like now.

    What is asked for stays as it is, for it is what will be sent; `shown_secrets` finds the secrets in it.
    """
    if isinstance(change, Create):
        return change
    target = change.target
    known = {
        "name": scrubber.scrub(target.name),
        "schema_name": target.schema_name and scrubber.scrub(target.schema_name),
        "settings": scrubber.scrub_json(dict(target.settings)),
    }
    kept: dict[str, object] = {"target": target.model_copy(update=known)}
    if isinstance(change, Update):
        kept["before"] = scrubber.scrub_json(dict(change.before))
    return change.model_copy(update=kept)


def scrub_transition(transition: Transition, scrubber: Scrubber) -> Transition:
    """`move` as it may be stored: without known secrets in what somebody, or Segment, said."""
    said: dict[str, object] = {
        name: scrubber.scrub(getattr(transition, name)) for name in ("reason", "note") if hasattr(transition, name)
    }
    match transition:
        case Fail(errors=errors):
            said["errors"] = tuple(
                replace(each, type=scrubber.scrub(each.type), message=scrubber.scrub(each.message)) for each in errors
            )
        case Supersede(drift=drift):
            said["drift"] = tuple(_scrubbed_difference(each, scrubber) for each in drift)
    return transition.model_copy(update=said)


def scrub_entry(entry: AuditEntry, scrubber: Scrubber) -> AuditEntry:
    """`entry` of the audit trail as it may be stored."""
    kept = {
        "request_id": scrubber.scrub(entry.request_id),
        "refused": scrubber.scrub(entry.refused),
        "detail": scrubber.scrub_json_text(entry.detail),
    }
    return entry.model_copy(update=kept)


def find_fields_with_secrets(change: Change, reason: str, scrubber: Scrubber) -> tuple[str, ...]:
    """The fields of a request that hold a secret which `censor` knows, by their keys.

    Everybody sees them, and scrubbed they would no longer say what is asked for.
    """
    written = {**_written(change), "reason": reason}
    return tuple(key for key, value in written.items() if any(map(scrubber.has_match, (key, *iter_texts(value)))))


def find_masked_fields(change: Change) -> tuple[str, ...]:
    """The fields of a change that hold the mask of a secret, by their keys: sent as they are, they would replace it."""
    return tuple(key for key, value in _written(change).items() if any(MASK in text for text in iter_texts(value)))


def _written(change: Change) -> Mapping[str, JsonValue]:
    if isinstance(change, Delete):
        return {}
    return {"name": change.name, "schema": change.schema_name, **change.settings}


def _scrubbed_difference(difference: Difference, censor: Scrubber) -> Difference:
    values = {"before": censor.scrub(difference.before), "after": censor.scrub(difference.after)}
    return difference.model_copy(update=values)
