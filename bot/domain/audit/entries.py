"""The audit log's entries. They form a hash chain: each one has the hash of the entry before it."""

import re
from typing import NamedTuple, Self

from pydantic import AwareDatetime

from bot.domain.frozen_model import FrozenModel


class AuditEntry(FrozenModel):
    """One transition of a request, or one refused attempt, or one event that belongs to no transition.

    Attributes:
        at: The time of the event.
        request_id: The request, if any.
        actor: The Slack id of the person; empty for the bot itself.
        action: What was done: the transition's `kind`, or another verb.
        state: The request's state afterwards; empty for an entry that is no transition.
        refused: Why the attempt was refused; empty if it was not.
        detail: The transition as JSON. It has the names of secrets, and no value of one.
        digest: A digest of the requested change, since `detail` hides some of the change's settings.
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
        """Whether the entry records the creation or a transition of a request."""
        return bool(self.state) and not self.refused


class AuditHead(NamedTuple):
    """The head of the log at some time: the number, the hash and the key id of the entry that was the newest then."""

    seq: int
    hash: str
    key_id: str = ""

    def __str__(self) -> str:
        """Return the head as `warehouse-bot audit head` prints it, SEQ:HASH."""
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse SEQ:HASH, which has no key id.

        Raises:
            ValueError: `text` is not a head.
        """
        if not re.fullmatch(r"0:|[1-9][0-9]{0,17}:[0-9a-f]{64}", text):
            raise ValueError("head")
        seq, _, digest = text.partition(":")
        return cls(int(seq), digest)


#: The head of a log without entries.
EMPTY_LOG_HEAD = AuditHead(0, "")


class ChainedEntry(NamedTuple):
    """An entry as it is stored.

    Attributes:
        seq: The number of the entry; the first has 1.
        entry_json: The entry as JSON, byte for byte as it was hashed.
        hash: The hash of this entry and, through the hash before it, of all earlier ones.
        key_id: The id of the key of the hash; empty if the hash has no key.
        request_id: The request under which the entry is indexed. It must equal the id in the JSON.
    """

    seq: int
    entry_json: str
    hash: str
    key_id: str
    request_id: str

    @property
    def head(self) -> AuditHead:
        """The head of a log that ends with this entry."""
        return AuditHead(self.seq, self.hash, self.key_id)
