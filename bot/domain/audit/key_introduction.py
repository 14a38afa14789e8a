"""The introduction of a new audit key: the first entry with that key, which names the key before it."""

import json
from datetime import datetime

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.keys import NO_KEY_ID, AuditKeys

_INTRODUCE = "introduce audit key"


def create_introduction_entry(key_id: str, previous_key_id: str, now: datetime) -> AuditEntry:
    """Return the first entry with the key `key_id`, which follows entries with `previous_key_id`."""
    detail = _to_detail(key_id, previous_key_id)
    return AuditEntry(at=now, request_id="", actor="", action=_INTRODUCE, state="", detail=detail)


def is_introduction(entry: AuditEntry, key_id: str, previous_key_id: str) -> bool:
    """Return whether `entry` introduces the key `key_id` after `previous_key_id`."""
    return (entry.action, entry.detail) == (_INTRODUCE, _to_detail(key_id, previous_key_id))


def check_key_at_start(
    keys: AuditKeys, head: AuditHead | None, newest: ChainedEntry | None, previous_hash: str, *, has_requests: bool
) -> tuple[bool, str]:
    """Check whether a process with `keys` may start on this log, and whether it introduces its newest key.

    Args:
        keys: The keys of the process.
        head: The stored record of the log's head; None if it is missing.
        newest: The newest entry; None in an empty log.
        previous_hash: The hash of the entry before `newest`; "" if there is none.
        has_requests: Whether the database has any request.

    Returns:
        Whether the process must introduce its newest key; and why it must not start, or "" if it may.
    """
    if head is None:
        return False, "The record of the audit log's end is missing. Restore the database."
    if not keys.has_key(head.key_id) or (newest and not keys.has_key(newest.key_id)):
        return False, _describe_missing_key(head.key_id or (newest.key_id if newest else ""), keys)
    if keys.current_id == NO_KEY_ID:
        return False, ""
    if newest is None and head == EMPTY_LOG_HEAD:
        refusal = "There are requests, and no entries in the audit log: somebody deleted them. Restore the database."
        return not has_requests, refusal if has_requests else ""
    if (
        newest is None
        or newest.head != head
        or newest.hash != keys.hash_entry(head.key_id, previous_hash, head.seq, newest.entry_json)
    ):
        return False, "The end of the audit log was changed: `warehouse-bot audit verify` shows where."
    return head.key_id != keys.current_id, ""


def _describe_missing_key(key_id: str, keys: AuditKeys) -> str:
    if keys.current_id == NO_KEY_ID:
        return f"AUDIT_KEY: the audit log is keyed (key {key_id!a}), and no key is set. Set the one that the bot had."
    return (
        f"AUDIT_KEY: the audit log is keyed with another key ({key_id!a}). Set that one, or put it after the new one."
    )


def _to_detail(key_id: str, previous_key_id: str) -> str:
    return json.dumps({"key": key_id, "after": previous_key_id})
