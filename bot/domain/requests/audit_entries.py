"""The audit entries of a request: one for its creation, and one for each transition."""

import json

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.changes.change import to_audit_json
from bot.domain.requests.change_digest import compute_change_digest
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Claim, Transition

#: The verb of the entry of a new request.
CREATE_REQUEST_ACTION = "ask"


def create_request_entry(request: Request, salt: str, keys: AuditKeys) -> AuditEntry:
    """Return the entry of a new request. `salt` must be stored with the request, and nowhere else."""
    return AuditEntry(
        at=request.asked_at,
        request_id=request.id,
        actor=request.asked_by,
        action=CREATE_REQUEST_ACTION,
        state=request.state.value,
        detail=json.dumps({**request.model_dump(mode="json"), "change": to_audit_json(request.change)}),
        digest=compute_change_digest(request.change, salt, keys.current_id, keys),
    )


def create_transition_entry(request: Request, transition: Transition) -> AuditEntry:
    """Return the entry of `transition`; `request` is the request after it."""
    # `by` of a claim is a process, not a person.
    actor = "" if isinstance(transition, Claim) else getattr(transition, "by", "")
    return AuditEntry(
        at=transition.at,
        request_id=request.id,
        actor=actor,
        action=transition.kind,
        state=request.state.value,
        detail=transition.model_dump_json(),
    )
