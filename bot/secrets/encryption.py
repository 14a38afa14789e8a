"""Encrypt values at rest with Fernet (cryptography.io) and keys that can be replaced."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone


class Encryptor:
    """Encrypts with the first of `keys`, the newest, and decrypts with any. Without keys it can do neither.

    A value is encrypted together with the id of its owner, so that it can't take the place of another owner's value.
    """

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys]) if keys else None

    def encrypt(self, owner: str, value: SecretStr) -> str:
        """Encrypt `value` for the database. Raises OneTimeSecretGone where there is no key."""
        return self._require_keys().encrypt(f"{owner}\n{value.get_secret_value()}".encode()).decode()

    def decrypt(self, owner: str, encrypted: str) -> SecretStr:
        """Decrypt a value.

        Raises:
            OneTimeSecretGone: its key is missing, or it belongs to another owner.
        """
        try:
            found_owner, _, value = self._require_keys().decrypt(encrypted.encode()).decode().partition("\n")
        except InvalidToken:
            raise OneTimeSecretGone(is_erased=False) from None
        if found_owner != owner:
            raise OneTimeSecretGone(is_erased=False)
        return SecretStr(value)

    def reencrypt(self, owner: str, encrypted: str) -> str:
        """Encrypt the same value with the newest key; return it unchanged if it can't be decrypted."""
        try:
            return self.encrypt(owner, self.decrypt(owner, encrypted))
        except OneTimeSecretGone:
            return encrypted

    def _require_keys(self) -> MultiFernet:
        if self._fernet is None:
            raise OneTimeSecretGone(is_erased=False)
        return self._fernet
