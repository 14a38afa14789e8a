"""The keys of the audit log: with one, only who has it can write an entry that verifies."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

#: Hex digits of a key's id, which names the key beside each entry and tells nothing of it.
_ID = 8

#: What an entry is named with that is hashed without a key.
NO_KEY_ID = ""


class AuditKeys:
    """The keys of AUDIT_KEY, the newest first, each 32 bytes in URL-safe base64. Without any, entries are not keyed.

    New entries are keyed with the newest; the others are there to verify older entries.
    """

    def __init__(self, keys: Sequence[SecretStr] = ()) -> None:
        secrets = [base64.urlsafe_b64decode(key.get_secret_value()) for key in reversed(keys)]
        #: By id, oldest first, so that a key's place is its rank.
        self._secrets = {NO_KEY_ID: b""} | {_mac(secret, "key id")[:_ID]: secret for secret in secrets}

    @property
    def current_id(self) -> str:
        """The id of the newest key; empty where there is none."""
        return next(reversed(self._secrets))

    def has_key(self, key: str) -> bool:
        """Whether entries of that key can be verified."""
        return key in self._secrets

    def rank(self, key: str) -> int:
        """0 for entries without a key, and more the newer `key` is. It must be known."""
        return list(self._secrets).index(key)

    def hash_entry(self, key_id: str, before: str, seq: int, entry: str) -> str:
        """The hash of entry number `seq` after one whose hash is `before` ("" for the first): 64 hex digits.

        HMAC-SHA256 with that key; SHA-256 without one. The key must be known.
        """
        return self._hashed(key_id, f"{before}\n{seq}\n{entry}")

    def digest_change(self, key_id: str, salt: str, text: str) -> str:
        """A hash of `text` that tells nothing of it to who knows neither the key nor `salt`. The key must be known."""
        return self._hashed(key_id, f"request\n{salt}\n{text}")

    def _hashed(self, key: str, text: str) -> str:
        return _mac(self._secrets[key], text) if key else hashlib.sha256(text.encode()).hexdigest()


def _mac(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
