"""Values encrypted at rest: Fernet (cryptography.io), with keys that can be replaced."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.domain.errors import OneTimeSecretGone


class Encryptor:
    """Seals with the first of `keys`, the newest, and opens with any. Without keys it opens nothing.

    A value is sealed together with the id of what it belongs to, so that it can't be put in another one's place.
    """

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        self._keys = MultiFernet([Fernet(key.get_secret_value()) for key in keys]) if keys else None

    def encrypt(self, owner: str, value: SecretStr) -> str:
        """`value` for the database. Raises HandedOverGone where there is no key."""
        return self._known().encrypt(f"{owner}\n{value.get_secret_value()}".encode()).decode()

    def decrypt(self, owner: str, encrypted: str) -> SecretStr:
        """The value again.

        Raises:
            HandedOverGone: it was sealed with a key that is not there, or for another owner.
        """
        try:
            found, _, value = self._known().decrypt(encrypted.encode()).decode().partition("\n")
        except InvalidToken:
            raise OneTimeSecretGone(is_erased=False) from None
        if found != owner:
            raise OneTimeSecretGone(is_erased=False)
        return SecretStr(value)

    def reencrypt(self, owner: str, encrypted: str) -> str:
        """The same value, sealed with the newest key; as it is, where it can't be opened."""
        try:
            return self.encrypt(owner, self.decrypt(owner, encrypted))
        except OneTimeSecretGone:
            return encrypted

    def _known(self) -> MultiFernet:
        if self._keys is None:
            raise OneTimeSecretGone(is_erased=False)
        return self._keys
