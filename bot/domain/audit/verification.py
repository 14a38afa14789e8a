"""Verification of the audit log: whether it is complete and unchanged, and whether it ends where it should."""

from collections import defaultdict
from typing import NamedTuple

from pydantic import ValidationError

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.key_introduction import is_introduction
from bot.domain.audit.keys import AuditKeys


class KeyedEntry(NamedTuple):
    """A parsed entry with the id of its key."""

    entry: AuditEntry
    key_id: str


class AuditVerifier:
    """Verifies the log entry by entry, oldest first: call `verify_entry` for each, then `verify_end`.

    Args:
        keys: The keys to verify with.
        previous_head: The head before the first entry that is passed in, if that is not the log's first entry.
        expected_head: A head that the log had before; the log must still contain it.

    Attributes:
        head: The head after the entries so far.
        first_keyed_seq: The number of the first entry with the newest key; None if there is none so far.
        problems: One sentence for each problem so far.
        entries_by_request: The creation and the transitions of each request, oldest first, by request id.
    """

    def __init__(
        self, keys: AuditKeys, previous_head: AuditHead = EMPTY_LOG_HEAD, expected_head: AuditHead | None = None
    ) -> None:
        self._keys = keys
        self._expected_head = expected_head
        self._unknown_key_ids: set[str] = set()
        self.head = previous_head
        self.first_keyed_seq: int | None = None
        self.problems: list[str] = []
        self.entries_by_request: defaultdict[str, list[KeyedEntry]] = defaultdict(list)

    def verify_entry(self, link: ChainedEntry) -> None:
        """Verify the next entry."""
        entry = self._parse(link)
        self._check_position(link)
        if entry is not None:
            self._check_key(link, entry)
            if entry.is_transition:
                self.entries_by_request[entry.request_id].append(KeyedEntry(entry, link.key_id))
        if self.first_keyed_seq is None and link.key_id and link.key_id == self._keys.current_id:
            self.first_keyed_seq = link.seq
        self.head = link.head

    def verify_end(self, head: AuditHead | None) -> None:
        """Verify that the log ends at `head`, the stored record of its head, and with the newest key."""
        end = self.head
        if head is None:
            self._report("The record of the log's end is missing.")
        elif end.seq > head.seq:
            self._report(f"Entries were put in after the end: the log ends at {head.seq}, and {end.seq} are there.")
        elif end.seq < head.seq:
            self._report(f"Entries are cut off: the log ends at {end.seq}, and {head.seq} were written.")
        elif end != head:
            self._report("The record of the log's end differs from the newest entry.")
        if self._expected_head and end.seq < self._expected_head.seq:
            expected_seq = self._expected_head.seq
            self._report(f"Entries are cut off: the log ends at {end.seq}, and entry {expected_seq} is expected.")
        if self._keys.has_key(end.key_id) and end.key_id != self._keys.current_id:
            self._report(
                "The newest entry is not keyed with the newest AUDIT_KEY. Where that key is new, start the bot with it "
                "first; else somebody replaced the log."
            )

    def _parse(self, link: ChainedEntry) -> AuditEntry | None:
        try:
            entry = AuditEntry.model_validate_json(link.entry_json)
        except ValidationError:
            self._report(f"Entry {link.seq} can't be read: another version wrote it, or it was changed.")
            return None
        if entry.request_id != link.request_id:
            self._report(f"Entry {link.seq} is filed under another request than it tells of.")
        return entry

    def _check_position(self, link: ChainedEntry) -> None:
        previous, expected = self.head, self._expected_head
        if link.seq != previous.seq + 1:
            self._report(f"Entry {previous.seq + 1} is missing: entry {link.seq} follows entry {previous.seq}.")
        elif not self._keys.has_key(link.key_id):
            self._report_unknown_key(link)
        elif link.hash != self._keys.hash_entry(link.key_id, previous.hash, link.seq, link.entry_json):
            self._report(f"Entry {link.seq} was changed, or an entry before it.")
        if expected and link.seq == expected.seq and link.hash != expected.hash:
            self._report(f"Entry {link.seq} is another than expected: the log was rewritten.")

    def _report_unknown_key(self, link: ChainedEntry) -> None:
        """Report the first entry with an unknown key; the others with that key would only repeat it."""
        if link.key_id not in self._unknown_key_ids:
            self._unknown_key_ids.add(link.key_id)
            self._report(
                f"Entry {link.seq} has the key {link.key_id!a}, which is not in AUDIT_KEY: it can't be checked."
            )

    def _check_key(self, link: ChainedEntry, entry: AuditEntry) -> None:
        """Report a key that is older than the key before it, or newer and not introduced by `entry`."""
        old, new, keys = self.head.key_id, link.key_id, self._keys
        if old == new or not (keys.has_key(old) and keys.has_key(new)):
            return
        if keys.rank(new) < keys.rank(old):
            what = "has an older key than" if new else "is not keyed, unlike"
            self._report(f"Entry {link.seq} {what} the entry before it.")
        elif not is_introduction(entry, new, old):
            self._report(f"Entry {link.seq} has another key than the entry before it, and does not introduce it.")

    def _report(self, problem: str) -> None:
        self.problems.append(problem)
