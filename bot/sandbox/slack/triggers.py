"""Triggers, which open one modal within 3 seconds, and response URLs, which work five times within 30 minutes."""

import secrets
from dataclasses import dataclass

from bot.sandbox.clock import Clock
from bot.sandbox.slack.errors import SlackError

TRIGGER_LIFETIME = 3.0
RESPONSE_URL_LIFETIME = 30 * 60.0
RESPONSE_URL_MAX_USES = 5


@dataclass
class Trigger:
    """Permission to open a modal for `user`, or to push one onto the stack that contains `view_id`."""

    user: str
    expires_at: float
    view_id: str | None
    is_exchanged: bool = False


@dataclass
class ResponseUrl:
    """Permission to answer `user` in `channel`, or to replace the message at `ts`."""

    channel: str
    user: str
    ts: str | None
    expires_at: float
    uses_left: int = RESPONSE_URL_MAX_USES


class Triggers:
    """The issued triggers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """Return a new trigger for an interaction of `user`, in the modal `view_id` if it was in one."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, self._clock.now() + TRIGGER_LIFETIME, view_id)
        return trigger_id

    def get_valid(self, trigger_id: str) -> Trigger:
        """Return the trigger; raise SlackError if it is unknown, used or expired."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_exchanged:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        return trigger

    def clear(self) -> None:
        """Forget every trigger."""
        self._triggers.clear()


class ResponseUrls:
    """The issued response URLs, by their secret part."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, ts: str | None = None) -> str:
        """Return the secret part of a new response URL."""
        secret = secrets.token_urlsafe(18)
        self._urls[secret] = ResponseUrl(channel, user, ts, self._clock.now() + RESPONSE_URL_LIFETIME)
        return secret

    def use(self, secret: str) -> ResponseUrl:
        """Count one use of the URL; raise SlackError if it is unknown, used up or expired."""
        url = self._urls.get(secret)
        if url is None:
            raise SlackError("invalid_url")
        if self._clock.now() > url.expires_at:
            raise SlackError("expired_url")
        if url.uses_left == 0:
            raise SlackError("used_url")
        url.uses_left -= 1
        return url

    def clear(self) -> None:
        """Forget every response URL."""
        self._urls.clear()
