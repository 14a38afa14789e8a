"""Scrub requests, transitions and audit entries before they are stored; find secrets in visible fields of a change."""

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
    """Return `request` without known secrets in its reason and in the description of its warehouse."""
    update = {"reason": scrubber.scrub(request.reason), "change": scrub_change(request.change, scrubber)}
    return request.model_copy(update=update)


def scrub_change(change: Change, scrubber: Scrubber) -> Change:
    """Return `change` without known secrets in the description of its warehouse.

    The requested values stay unchanged, because they are what will be sent; `find_fields_with_secrets` checks them.
    """
    if isinstance(change, Create):
        return change
    target = change.target
    scrubbed_target = {
        "name": scrubber.scrub(target.name),
        "schema_name": target.schema_name and scrubber.scrub(target.schema_name),
        "settings": scrubber.scrub_json(dict(target.settings)),
    }
    update: dict[str, object] = {"target": target.model_copy(update=scrubbed_target)}
    if isinstance(change, Update):
        update["before"] = scrubber.scrub_json(dict(change.before))
    return change.model_copy(update=update)


def scrub_transition(transition: Transition, scrubber: Scrubber) -> Transition:
    """Return `transition` without known secrets in the texts of people and of Segment."""
    update: dict[str, object] = {
        name: scrubber.scrub(getattr(transition, name)) for name in ("reason", "note") if hasattr(transition, name)
    }
    match transition:
        case Fail(errors=errors):
            update["errors"] = tuple(
                replace(each, type=scrubber.scrub(each.type), message=scrubber.scrub(each.message)) for each in errors
            )
        case Supersede(drift=drift):
            update["drift"] = tuple(_scrub_difference(each, scrubber) for each in drift)
    return transition.model_copy(update=update)


def scrub_entry(entry: AuditEntry, scrubber: Scrubber) -> AuditEntry:
    """Return `entry` of the audit log without known secrets."""
    update = {
        "request_id": scrubber.scrub(entry.request_id),
        "refused": scrubber.scrub(entry.refused),
        "detail": scrubber.scrub_json_text(entry.detail),
    }
    return entry.model_copy(update=update)


def find_fields_with_secrets(change: Change, reason: str, scrubber: Scrubber) -> tuple[str, ...]:
    """Return the keys of the visible fields that contain a known secret, in their keys or their values.

    Such a request must be refused: its fields are shown to everybody, and a scrubbed field would no longer say what is
    requested.
    """
    visible_fields = {**_get_requested_fields(change), "reason": reason}
    return tuple(
        key for key, value in visible_fields.items() if any(map(scrubber.has_match, (key, *iter_texts(value))))
    )


def find_masked_fields(change: Change) -> tuple[str, ...]:
    """Return the keys of the fields that contain the mask of a secret; Segment would store the mask instead."""
    fields = _get_requested_fields(change)
    return tuple(key for key, value in fields.items() if any(MASK in text for text in iter_texts(value)))


def _get_requested_fields(change: Change) -> Mapping[str, JsonValue]:
    if isinstance(change, Delete):
        return {}
    return {"name": change.name, "schema": change.schema_name, **change.settings}


def _scrub_difference(difference: Difference, scrubber: Scrubber) -> Difference:
    values = {"before": scrubber.scrub(difference.before), "after": scrubber.scrub(difference.after)}
    return difference.model_copy(update=values)
