"""The audit log: entries in a chain, each with the hash of the one before."""

import re
from typing import NamedTuple, Self

from pydantic import AwareDatetime

from bot.domain.frozen_model import FrozenModel


class AuditEntry(FrozenModel):
    """One move of a request, or one refused try (`refused` says why). `actor` is empty for the bot itself.

    `state` is where the request stands afterwards; it is empty for what moves no request. `detail` is the move as JSON:
    names of secrets, never values. `digest` is of the change that a request asks for, of which `detail` hides some.
    """

    at: AwareDatetime
    request_id: str
    actor: str
    action: str
    state: str
    refused: str = ""
    detail: str = ""
    digest: str = ""

    @property
    def is_transition(self) -> bool:
        """Whether it made a request or moved it."""
        return bool(self.state) and not self.refused


class AuditHead(NamedTuple):
    """The end of the log at some time: the number and the hash of the newest entry then, and the id of its key."""

    seq: int
    hash: str
    key_id: str = ""

    def __str__(self) -> str:
        """As `audit head` prints it."""
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` made. Raises ValueError."""
        if not re.fullmatch(r"0:|[1-9][0-9]{0,17}:[0-9a-f]{64}", text):
            raise ValueError("head")
        seq, _, digest = text.partition(":")
        return cls(int(seq), digest)


#: The end of a log without entries.
EMPTY_LOG_HEAD = AuditHead(0, "")


class ChainedEntry(NamedTuple):
    """An entry as it is kept: its number from 1, its JSON to the letter, its hash, and the id of the key if any.

    `request_id` is what the entry is looked up by, beside the id in its JSON.
    """

    seq: int
    entry_json: str
    hash: str
    key_id: str
    request_id: str

    @property
    def head(self) -> AuditHead:
        """The end of the log, where this is its newest entry."""
        return AuditHead(self.seq, self.hash, self.key_id)
