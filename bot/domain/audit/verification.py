"""Checking the audit log: is it whole, and does it end as it should?"""

import json
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.keys import NO_KEY_ID, AuditKeys

_INTRODUCE = "introduce audit key"


class KeyedEntry(NamedTuple):
    """An entry as it was read, with the id of its key."""

    entry: AuditEntry
    key_id: str


class AuditReport(NamedTuple):
    """What a check of the whole log and of all requests found.

    `keyed_from` is the number of the first entry keyed with the newest key, whose id is `key`; None without one.
    """

    head: AuditHead
    request_count: int
    key_id: str
    first_keyed_seq: int | None
    problems: tuple[str, ...]


class AuditVerifier:
    """Checks the log entry by entry, oldest first, and keeps in `problems` a sentence for whatever is wrong.

    `after` is the end of what comes before the first entry that is given, where that is not the log's beginning.
    `expected` is a head that the log had before. `transitions` are the entries that made or moved each request.
    """

    def __init__(
        self, keys: AuditKeys, previous_head: AuditHead = EMPTY_LOG_HEAD, expected_head: AuditHead | None = None
    ) -> None:
        self._keys = keys
        self._expected = expected_head
        self._unknown: set[str] = set()
        self.head = previous_head
        self.first_keyed_seq: int | None = None
        self.problems: list[str] = []
        self.entries_by_request: defaultdict[str, list[KeyedEntry]] = defaultdict(list)

    def verify_entry(self, link: ChainedEntry) -> None:
        """Check the next entry."""
        entry = self._read(link)
        self._check_place(link)
        if entry is not None:
            self._check_key(link, entry)
            if entry.is_transition:
                self.entries_by_request[entry.request_id].append(KeyedEntry(entry, link.key_id))
        if self.first_keyed_seq is None and link.key_id and link.key_id == self._keys.current_id:
            self.first_keyed_seq = link.seq
        self.head = link.head

    def verify_end(self, head: AuditHead | None) -> None:
        """Check that the log ends where it should; `head` is the record of its end."""
        end = self.head
        if head is None:
            self._found("The record of the log's end is missing.")
        elif end.seq > head.seq:
            self._found(f"Entries were put in after the end: the log ends at {head.seq}, and {end.seq} are there.")
        elif end.seq < head.seq:
            self._found(f"Entries are cut off: the log ends at {end.seq}, and {head.seq} were written.")
        elif end != head:
            self._found("The record of the log's end differs from the newest entry.")
        if self._expected and end.seq < self._expected.seq:
            self._found(f"Entries are cut off: the log ends at {end.seq}, and entry {self._expected.seq} is expected.")
        if self._keys.has_key(end.key_id) and end.key_id != self._keys.current_id:
            self._found(
                "The newest entry is not keyed with the newest AUDIT_KEY. Where that key is new, start the bot with it "
                "first; else somebody replaced the log."
            )

    def _read(self, link: ChainedEntry) -> AuditEntry | None:
        try:
            entry = AuditEntry.model_validate_json(link.entry_json)
        except ValidationError:
            self._found(f"Entry {link.seq} can't be read: another version wrote it, or it was changed.")
            return None
        if entry.request_id != link.request_id:
            self._found(f"Entry {link.seq} is filed under another request than it tells of.")
        return entry

    def _check_place(self, link: ChainedEntry) -> None:
        before = self.head
        if link.seq != before.seq + 1:
            self._found(f"Entry {before.seq + 1} is missing: entry {link.seq} follows entry {before.seq}.")
        elif not self._keys.has_key(link.key_id):
            self._cannot_check(link)
        elif link.hash != self._keys.hash_entry(link.key_id, before.hash, link.seq, link.entry_json):
            self._found(f"Entry {link.seq} was changed, or an entry before it.")
        if self._expected and link.seq == self._expected.seq and link.hash != self._expected.hash:
            self._found(f"Entry {link.seq} is another than expected: the log was rewritten.")

    def _cannot_check(self, link: ChainedEntry) -> None:
        if link.key_id not in self._unknown:
            self._unknown.add(link.key_id)
            self._found(
                f"Entry {link.seq} has the key {link.key_id!a}, which is not in AUDIT_KEY: it can't be checked."
            )

    def _check_key(self, link: ChainedEntry, entry: AuditEntry) -> None:
        old, new, known = self.head.key_id, link.key_id, self._keys
        if old == new or not (known.has_key(old) and known.has_key(new)):
            return
        if known.rank(new) < known.rank(old):
            what = "has an older key than" if new else "is not keyed, unlike"
            self._found(f"Entry {link.seq} {what} the entry before it.")
        elif (entry.action, entry.detail) != (_INTRODUCE, _introduced(new, old)):
            self._found(f"Entry {link.seq} has another key than the entry before it, and does not introduce it.")

    def _found(self, problem: str) -> None:
        self.problems.append(problem)


def create_introduction_entry(key_id: str, previous_key_id: str, now: datetime) -> AuditEntry:
    """The first entry that is keyed with `key`, after entries of the key `after`."""
    detail = _introduced(key_id, previous_key_id)
    return AuditEntry(at=now, request_id="", actor="", action=_INTRODUCE, state="", detail=detail)


def _introduced(key: str, after: str) -> str:
    return json.dumps({"key": key, "after": after})


def check_key_at_start(
    keys: AuditKeys, head: AuditHead | None, newest: ChainedEntry | None, previous_hash: str, *, has_requests: bool
) -> tuple[bool, str]:
    """Whether a process that starts must introduce its newest key, and why it must not start, if so.

    `head` is the record of the log's end, `newest` its last entry, and `before` the hash of the one before that.
    """
    if head is None:
        return False, "The record of the audit log's end is missing. Restore the database."
    if not keys.has_key(head.key_id) or (newest and not keys.has_key(newest.key_id)):
        return False, _unknown(head.key_id or (newest.key_id if newest else ""), keys)
    if keys.current_id == NO_KEY_ID:
        return False, ""
    if newest is None and head == EMPTY_LOG_HEAD:
        gone = "There are requests, and no entries in the audit log: somebody deleted them. Restore the database."
        return not has_requests, gone if has_requests else ""
    if (
        newest is None
        or newest.head != head
        or newest.hash != keys.hash_entry(head.key_id, previous_hash, head.seq, newest.entry_json)
    ):
        return False, "The end of the audit log was changed: `warehouse-bot audit verify` shows where."
    return head.key_id != keys.current_id, ""


def _unknown(key: str, keys: AuditKeys) -> str:
    if keys.current_id == NO_KEY_ID:
        return f"AUDIT_KEY: the audit log is keyed (key {key!a}), and no key is set. Set the one that the bot had."
    return f"AUDIT_KEY: the audit log is keyed with another key ({key!a}). Set that one, or put it after the new one."


def summarize_report(report: AuditReport, max_problems: int = 5) -> str:
    """`report` for whoever asked for the check, with the first problems."""
    problems = report.problems
    length = f"{_counted(report.head.seq, 'entry', 'entries')}, head {report.head}"
    if problems:
        more = [f"and {len(problems) - max_problems} more"] if len(problems) > max_problems else []
        lines = "\n".join(f"  {each}" for each in (*problems[:max_problems], *more))
        size = f"It has {length}\n{_keyed(report)}"
        return f"The audit log is not whole, or differs from the requests:\n{lines}\n{size}\nSee docs/audit.md."
    whole = f"The audit log is whole: {length}"
    requests = f"{_counted(report.request_count, 'request equals its', 'requests equal their')} entries."
    return f"{whole}\n{requests}\n{_keyed(report)}"


def _keyed(report: AuditReport) -> str:
    if report.first_keyed_seq is None:
        return "It is not keyed: who can write to the database can rewrite it unseen (docs/audit.md)."
    return f"It is keyed from entry {report.first_keyed_seq} on (key {report.key_id})."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
