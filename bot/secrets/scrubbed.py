"""Whatever is fetched is known from then on to what keeps secrets from leaving."""

import structlog
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.redaction.detection.detector import is_text
from bot.domain.redaction.scrubber import Censor
from bot.domain.redaction.weak_secrets import TOO_WEAK
from bot.domain.warehouses import SecretRef
from bot.secrets.combined import Provider

log = structlog.get_logger(__name__)


class Learning:
    """`places`, with `censor` told of every value before anybody else sees it.

    Not of what a person handed over for one request: it is hidden where that request is handled, and nowhere else. A
    value that is too weak to be hidden is logged once, by its name.
    """

    def __init__(self, places: Provider, censor: Censor) -> None:
        self._places = places
        self._censor = censor
        self._weak: set[str] = set()

    async def names(self) -> tuple[str, ...]:
        """As the places have them, without what can't be written down: it would spoil every form."""
        return tuple(name for name in await self._places.names() if is_text(name))

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value of `ref`. Raises SecretMissing and SecretsUnreachable."""
        value = await self._places.resolve(ref)
        if not is_text(value.get_secret_value()):
            raise SecretMissing(ref.name, wants="A secret is text in UTF-8.")
        if not ref.way and not self._censor.learn(value, ref.name) and ref.name not in self._weak:
            self._weak.add(ref.name)
            log.warning(TOO_WEAK, secret=ref.name)
        return value
