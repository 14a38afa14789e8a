"""Handing a secret over for one request: by a link or typed, sealed at once, taken when the form is submitted."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.audit.entries import Entry
from bot.domain.errors import BadValue, LinkOver
from bot.domain.one_time_secrets import KEPT, LINK, LONGEST, Handover
from bot.domain.redaction.detection.detector import is_text
from bot.domain.redaction.scrubber import Censor
from bot.domain.text import shortened
from bot.domain.warehouses import SecretRef
from bot.services.ports import HandoverKeeping, Now, Seal


class Handovers:
    """Takes secrets for open forms. Without an `address` (of the one-time pages) no links are offered.

    `typing` tells whether people may type secrets into Slack. `censor` knows the secrets of whoever runs the bot.
    What is handed over is not made known to it: people would choose what is hidden in other people's text.
    """

    def __init__(
        self, kept: HandoverKeeping, seal: Seal, censor: Censor, now: Now, address: str | None, *, typing: bool
    ) -> None:
        self._kept = kept
        self._seal = seal
        self._censor = censor
        self._now = now
        self._address = address
        self.typing = typing

    @property
    def linking(self) -> bool:
        """Whether there are one-time pages."""
        return self._address is not None

    async def offer(self, actor: Actor, form: str, key: str, label: str, about: str) -> tuple[Handover, str]:
        """A link for `actor` alone, and what it is for: the field `key` of the modal `form`. Ends earlier ones."""
        token = secrets.token_urlsafe(32)
        handover = self._made(actor, form, key, label, about, "page", LINK)
        await self._kept.offer(handover, _hashed(token))
        return handover, f"{self._address}/{token}"

    async def opened(self, token: str) -> Handover:
        """What the link with `token` is for. Opening it uses nothing up. Raises LinkOver."""
        handover = await self._kept.offered(_hashed(token))
        if handover is None or handover.over(self._now()):
            raise LinkOver
        return handover

    async def hand_in(self, token: str, value: str) -> Handover:
        """Keep `value` for what the link is for, and use the link up.

        Raises:
            LinkOver: it does not work (any more); nothing is kept.
            BadValue: it is empty, too long, or no text; the link still works.
        """
        offered = await self.opened(token)
        secret = self._checked(value)
        about = Censor(secret).strike(offered.about)  # the form may be called what was just entered
        handover = offered.model_copy(update={"until": self._now() + KEPT, "handed_in": True, "about": about})
        sealed = self._seal(handover.id, secret)
        if not await self._kept.hand_in(handover, _hashed(token), sealed, self._entry(handover)):
            raise LinkOver
        return handover

    async def typed(self, actor: Actor, form: str, key: str, label: str, value: SecretStr) -> SecretRef:
        """Keep what `actor` typed into the field `key` of the modal `form`. Raises BadValue."""
        secret = self._checked(value.get_secret_value())
        handover = self._made(actor, form, key, label, "", "typed", KEPT)
        await self._kept.keep(handover, self._seal(handover.id, secret), self._entry(handover))
        return handover.ref

    async def waiting(self, actor: Actor, form: str) -> Mapping[str, SecretRef]:
        """What `actor` handed in for the modal `form`, by the key of its field.

        What its request took is there until that ends, for the same form delivered again.
        """
        if not (self.linking or self.typing):
            return {}
        now = self._now()
        found = await self._kept.waiting(form, actor.id)
        return {each.key: each.ref for each in found if not each.over(now)}

    async def upkeep(self) -> None:
        """Erase what nobody took in time, and what a request left that has ended."""
        await self._kept.erase_over(self._now())

    def _checked(self, value: str) -> SecretStr:
        text = value.replace("\r\n", "\n").removesuffix("\n")  # browsers send each line's end as two characters
        if not text.strip():
            raise BadValue("Nothing was entered.")
        if len(text) > LONGEST:
            raise BadValue(f"It has {len(text):,} characters; {LONGEST:,} is the most.")
        if "\0" in text or not is_text(text):
            raise BadValue("It holds a character that no text has.")
        return SecretStr(text)

    def _made(self, actor: Actor, form: str, key: str, label: str, about: str, way: str, lasts: timedelta) -> Handover:
        return Handover.model_validate(
            {
                "id": secrets.token_hex(8),
                "person": actor.id,
                "form": form,
                "key": key,
                "label": shortened(label, 255),
                "about": shortened(self._censor.strike(about), 255),
                "way": way,
                "until": self._now() + lasts,
            }
        )

    def _entry(self, handover: Handover) -> Entry:
        detail = handover.model_dump_json(include={"id", "key", "way", "about"})
        return Entry(at=self._now(), request_id="", actor=handover.person, action="hand in", state="", detail=detail)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
