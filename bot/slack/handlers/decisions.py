"""The buttons that decide a request: stored before the ack, carried out after it.

A press is acknowledged when it is stored. Where that takes longer than Slack waits, the person sees Slack's warning,
and pressing again is answered with what has happened.
"""

from collections.abc import Awaitable, Callable, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import Delete
from bot.domain.errors import BotError, StoreFailed
from bot.domain.requests.request import Card, Stored
from bot.services.approvals import Asking
from bot.services.ports import Directory, Requests
from bot.services.reconciler import Driver
from bot.slack.background import Work
from bot.slack.handlers.dialogs import Dialogs
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import press_of

Decide = Callable[[str, Actor], Awaitable[Stored]]


class Decisions:
    """Approve, deny, cancel, break the glass: stored before the ack, carried out after it."""

    def __init__(
        self,
        asking: Asking,
        requests: Requests,
        driver: Driver,
        directory: Directory,
        dialogs: Dialogs,
        voice: Voice,
        work: Work,
    ) -> None:
        self._requests = requests
        self._dialogs = dialogs
        self._driver = driver
        self._directory = directory
        self._voice = voice
        self._work = work
        self._moves: Mapping[str, Decide] = {
            "approve": asking.approve,
            "cancel": asking.cancel,
        }

    async def press(self, name: str, request_id: str, asked: Asked, seen: Card | None) -> None:
        """Take the press of the button `name` on the message `seen`; returns once it is stored.

        Denying, breaking the glass and approving a deletion ask for more, in a dialog.
        """
        try:
            stored = await self._requests.get(request_id)
        except StoreFailed as error:
            self._work.spawn(self._voice.refuse(asked, error), name)
            return
        if name not in self._moves or (name == "approve" and _wants_a_name(stored)):
            self._work.spawn(self._voice.telling(asked, self._dialogs.open_decision(name, request_id, asked)), name)
        elif refused := await self._decide(self._moves[name], request_id, asked):
            self._work.spawn(self._voice.refuse(asked, refused), name)
        if stored is not None:
            self._work.spawn(self._voice.telling(asked, self._carry_on(request_id, seen)), "carry on")

    async def _decide(self, move: Decide, request_id: str, asked: Asked) -> BotError | None:
        try:
            await move(request_id, await self._directory.actor(asked.user, asked.team))
        except BotError as error:
            return error
        return None

    async def _carry_on(self, request_id: str, seen: Card | None) -> None:
        await self._driver.drive(request_id, seen)


def _wants_a_name(stored: Stored | None) -> bool:
    return stored is not None and isinstance(stored.request.change, Delete)


def register(app: AsyncApp, decisions: Decisions) -> None:
    """Answer presses on a card."""

    @app.action(pattern("^(approve|deny|cancel|glass)$"))
    async def on_decision(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = press_of(body)
        await decisions.press(press.action_id, press.value, press.asked, press.message)
        await ack()
