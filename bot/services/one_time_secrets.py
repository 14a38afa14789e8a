"""Receive one-time secrets for a request, by a link or typed; the request takes them when the form is submitted."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.audit.entries import AuditEntry
from bot.domain.errors import InvalidLink, InvalidSecretValue
from bot.domain.one_time_secrets import LINK_LIFETIME, MAX_VALUE_LENGTH, VALUE_LIFETIME, OneTimeSecret
from bot.domain.redaction.detection.detector import is_encodable
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.text import truncate
from bot.domain.warehouses import SecretRef
from bot.services.ports import Encrypt, Now, OneTimeSecretStore


class OneTimeSecrets:
    """Takes secrets for open forms. Without an `address` (of the one-time pages) no links are offered.

    `typing` tells whether people may type secrets into Slack. `scrubber` knows the secrets of whoever runs the bot.
    What is handed over is not made known to it: people would choose what is hidden in other people's text.
    """

    def __init__(
        self,
        store: OneTimeSecretStore,
        encrypt: Encrypt,
        scrubber: Scrubber,
        now: Now,
        page_url: str | None,
        *,
        can_type_secrets: bool,
    ) -> None:
        self._store = store
        self._encrypt = encrypt
        self._scrubber = scrubber
        self._now = now
        self._address = page_url
        self.can_type_secrets = can_type_secrets

    @property
    def has_secret_page(self) -> bool:
        """Whether there are one-time pages."""
        return self._address is not None

    async def create_link(
        self, actor: Actor, form_id: str, key: str, label: str, about: str
    ) -> tuple[OneTimeSecret, str]:
        """A link for `actor` alone, and what it is for: the field `key` of the modal `form`. Ends earlier ones."""
        token = secrets.token_urlsafe(32)
        one_time_secret = self._create_secret(actor, form_id, key, label, about, "page", LINK_LIFETIME)
        await self._store.save_link(one_time_secret, _hash_token(token))
        return one_time_secret, f"{self._address}/{token}"

    async def find_by_token(self, token: str) -> OneTimeSecret:
        """What the link with `token` is for. Opening it uses nothing up. Raises InvalidLink."""
        one_time_secret = await self._store.find_by_link(_hash_token(token))
        if one_time_secret is None or one_time_secret.is_expired(self._now()):
            raise InvalidLink
        return one_time_secret

    async def redeem_link(self, token: str, value: str) -> OneTimeSecret:
        """Keep `value` for what the link is for, and use the link up.

        Raises:
            InvalidLink: it does not work (any more); nothing is kept.
            InvalidSecretValue: it is empty, too long, or no text; the link still works.
        """
        offered = await self.find_by_token(token)
        secret = self._require_valid_value(value)
        about = Scrubber(secret).scrub(offered.about)  # the form may be called what was just entered
        one_time_secret = offered.model_copy(
            update={"until": self._now() + VALUE_LIFETIME, "has_value": True, "about": about}
        )
        encrypted = self._encrypt(one_time_secret.id, secret)
        if not await self._store.redeem_link(
            one_time_secret, _hash_token(token), encrypted, self._entry(one_time_secret)
        ):
            raise InvalidLink
        return one_time_secret

    async def save_typed_value(self, actor: Actor, form_id: str, key: str, label: str, value: SecretStr) -> SecretRef:
        """Keep what `actor` typed into the field `key` of the modal `form`. Raises InvalidSecretValue."""
        secret = self._require_valid_value(value.get_secret_value())
        one_time_secret = self._create_secret(actor, form_id, key, label, "", "typed", VALUE_LIFETIME)
        await self._store.save_value(
            one_time_secret, self._encrypt(one_time_secret.id, secret), self._entry(one_time_secret)
        )
        return one_time_secret.secret_ref

    async def find_received_refs(self, actor: Actor, form_id: str) -> Mapping[str, SecretRef]:
        """What `actor` handed in for the modal `form`, by the key of its field.

        What its request took is there until that ends, for the same form delivered again.
        """
        if not (self.has_secret_page or self.can_type_secrets):
            return {}
        now = self._now()
        found = await self._store.list_received(form_id, actor.id)
        return {each.key: each.secret_ref for each in found if not each.is_expired(now)}

    async def erase_expired(self) -> None:
        """Erase what nobody took in time, and what a request left that has ended."""
        await self._store.erase_expired(self._now())

    def _require_valid_value(self, value: str) -> SecretStr:
        text = value.replace("\r\n", "\n").removesuffix("\n")  # browsers send each line's end as two characters
        if not text.strip():
            raise InvalidSecretValue("Nothing was entered.")
        if len(text) > MAX_VALUE_LENGTH:
            raise InvalidSecretValue(f"It has {len(text):,} characters; {MAX_VALUE_LENGTH:,} is the most.")
        if "\0" in text or not is_encodable(text):
            raise InvalidSecretValue("It holds a character that no text has.")
        return SecretStr(text)

    def _create_secret(
        self, actor: Actor, form: str, key: str, label: str, about: str, way: str, lasts: timedelta
    ) -> OneTimeSecret:
        return OneTimeSecret.model_validate(
            {
                "id": secrets.token_hex(8),
                "person": actor.id,
                "form": form,
                "key": key,
                "label": truncate(label, 255),
                "about": truncate(self._scrubber.scrub(about), 255),
                "way": way,
                "until": self._now() + lasts,
            }
        )

    def _entry(self, one_time_secret: OneTimeSecret) -> AuditEntry:
        detail = one_time_secret.model_dump_json(include={"id", "key", "way", "about"})
        return AuditEntry(
            at=self._now(), request_id="", actor=one_time_secret.person, action="hand in", state="", detail=detail
        )


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
