"""Triggers, which open a modal once within 3 seconds, and response URLs, which answer five times within 30 minutes."""

import secrets
from dataclasses import dataclass

from bot.sandbox.clock import Clock
from bot.sandbox.slack.errors import SlackError

TRIGGER_LIFETIME = 3.0
RESPONSE_URL_LIFETIME = 30 * 60.0
RESPONSE_URL_MAX_USES = 5


@dataclass
class Trigger:
    """What a person's act allows: a modal for `user`, pushed onto the stack where `view_id` is, if anywhere."""

    user: str
    expires_at: float
    view_id: str | None
    is_exchanged: bool = False


@dataclass
class ResponseUrl:
    """Where an act may be answered: to `user` in `channel`, or in place of the message at `ts`."""

    channel: str
    user: str
    ts: str | None
    expires_at: float
    uses_left: int = RESPONSE_URL_MAX_USES


class Triggers:
    """The triggers handed out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A trigger for `user`, who did something in the modal `view_id`, or elsewhere."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._known[trigger_id] = Trigger(user, self._clock.now() + TRIGGER_LIFETIME, view_id)
        return trigger_id

    def get_valid(self, trigger_id: str) -> Trigger:
        """The trigger, still to be exchanged; raises SlackError where it is unknown, used or late."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_exchanged:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        return trigger

    def clear(self) -> None:
        """No trigger is known any more."""
        self._known.clear()


class ResponseUrls:
    """The response URLs handed out, by their secret part."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, ts: str | None = None) -> str:
        """A new one's secret part."""
        secret = secrets.token_urlsafe(18)
        self._known[secret] = ResponseUrl(channel, user, ts, self._clock.now() + RESPONSE_URL_LIFETIME)
        return secret

    def use(self, secret: str) -> ResponseUrl:
        """Use it once; raises SlackError where it is unknown, used up or expired."""
        known = self._known.get(secret)
        if known is None:
            raise SlackError("invalid_url")
        if self._clock.now() > known.expires_at:
            raise SlackError("expired_url")
        if known.uses_left == 0:
            raise SlackError("used_url")
        known.uses_left -= 1
        return known

    def clear(self) -> None:
        """None is known any more."""
        self._known.clear()
