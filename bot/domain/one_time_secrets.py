"""A secret on its way from one person to one field of one form, past Slack where a one-time page is there.

offered ──► handed in ──► taken by the request of its form ──► erased when that ends
   │ ten minutes     │ an hour
   ▼                 ▼
 erased            erased
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from bot.domain.frozen_model import FrozenModel
from bot.domain.warehouses import SecretRef

#: How long a link opens its page, and how long a value waits for the form that it was handed in for.
LINK_LIFETIME, VALUE_LIFETIME = timedelta(minutes=10), timedelta(hours=1)

#: Characters that one value may have. Credentials of Google's have 2,400; a chain of certificates 8,000.
MAX_VALUE_LENGTH = 16_384


class OneTimeSecret(FrozenModel):
    """One secret for the field `key` of the modal `form`, which `person` has open; `form` and `person` are Slack's ids.

    `label` is what the field is called and `about` what the form is for, in plain words. It was offered by a link to a
    page, or typed into the form. `until` is when the link ends, or the value where it is there.
    """

    id: str
    person: str
    form: str
    key: str
    label: str
    about: str
    way: Literal["page", "typed"]
    until: AwareDatetime
    has_value: bool = False

    @property
    def secret_ref(self) -> SecretRef:
        """What names the value in a change."""
        return SecretRef(name=f"{self.way}:{self.id}")

    def is_expired(self, now: datetime) -> bool:
        """Whether nothing can come of it any more."""
        return now >= self.until
