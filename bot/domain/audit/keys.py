"""The keys of the audit log. Where the log has a key, nobody without the key can write an entry that verifies."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

#: Hex digits of a key's id. The id is stored with each entry, and reveals nothing about the key.
_ID_LENGTH = 8

#: The key id of an entry whose hash has no key.
NO_KEY_ID = ""


class AuditKeys:
    """The keys of AUDIT_KEY, newest first, each 32 bytes in URL-safe base64. Without keys, hashes are plain SHA-256.

    The newest key hashes new entries; the others verify older entries.
    """

    def __init__(self, keys: Sequence[SecretStr] = ()) -> None:
        secrets = [base64.urlsafe_b64decode(key.get_secret_value()) for key in reversed(keys)]
        #: By key id, oldest first, so a key's position is its rank.
        self._secrets = {NO_KEY_ID: b""} | {_hmac(secret, "key id")[:_ID_LENGTH]: secret for secret in secrets}

    @property
    def current_id(self) -> str:
        """The id of the newest key; NO_KEY_ID if there is none."""
        return next(reversed(self._secrets))

    def has_key(self, key_id: str) -> bool:
        """Return whether entries with that key can be verified. NO_KEY_ID is always known."""
        return key_id in self._secrets

    def rank(self, key_id: str) -> int:
        """Return the age rank of a known key: 0 for NO_KEY_ID, and higher for newer keys."""
        return list(self._secrets).index(key_id)

    def hash_entry(self, key_id: str, before: str, seq: int, entry: str) -> str:
        """Return the hash of entry number `seq`, as 64 hex digits.

        The hash is HMAC-SHA256 with that key, which must be known, or SHA-256 for NO_KEY_ID. `before` is the hash of
        the entry before it ("" for the first one), and `entry` is its JSON.
        """
        return self._hash(key_id, f"{before}\n{seq}\n{entry}")

    def digest_change(self, key_id: str, salt: str, text: str) -> str:
        """Return a digest of `text` that reveals nothing about it without the key or `salt`. The key must be known."""
        return self._hash(key_id, f"request\n{salt}\n{text}")

    def _hash(self, key_id: str, text: str) -> str:
        return _hmac(self._secrets[key_id], text) if key_id else hashlib.sha256(text.encode()).hexdigest()


def _hmac(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
