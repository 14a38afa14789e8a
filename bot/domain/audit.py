"""The audit trail: entries in a chain, each with the hash of the one before, and what finds that it was touched."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import AwareDatetime

from bot.domain.warehouses import Value


class Entry(Value):
    """One move of a request, or one refused try (`refused` says why). `actor` is empty for the bot itself.

    `detail` is the move as JSON: names of secrets, never values.
    """

    at: AwareDatetime
    request_id: str
    actor: str
    action: str
    state: str
    refused: str = ""
    detail: str = ""


class SegmentEvent(Value):
    """One event of Segment's own audit trail, whose `actor` is a user of Segment's or only the API token."""

    at: str
    type: str
    actor: str


class Link(NamedTuple):
    """An entry as it is kept: its number from 1, its JSON to the letter, and its hash."""

    seq: int
    entry: str
    hash: str


def link(before: str, seq: int, entry: str) -> str:
    """The hash of entry number `seq` after one whose hash is `before` ("" for the first)."""
    return hashlib.sha256(f"{before}\n{seq}\n{entry}".encode()).hexdigest()


def broken(links: Iterable[Link], head: Link | None) -> str:
    """What is wrong with the chain `links`, oldest first, whose end is kept as `head`; empty where nothing is.

    Finds edits, gaps, reordering, and entries cut off at the end.
    """
    before, seq = "", 0
    for each in links:
        if each.seq != seq + 1:
            return f"entry {seq + 1} is missing: after {seq} comes {each.seq}"
        if each.hash != link(before, each.seq, each.entry):
            return f"entry {each.seq} was changed, or an entry before it"
        before, seq = each.hash, each.seq
    if head and seq > head.seq:
        return f"entries were put in after the end: the trail ends at {head.seq}, and {seq} are there"
    if head and (head.seq, head.hash) != (seq, before):
        return f"entries are cut off: the trail ends at {seq}, and {head.seq} were written"
    return ""
