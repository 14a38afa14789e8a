"""The buttons that decide a request: stored before the ack, carried out after it."""

from collections.abc import Awaitable, Callable, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes import Delete
from bot.domain.errors import StoreFailed
from bot.domain.requests import Stored
from bot.services.asking import Asking
from bot.services.driver import Driver
from bot.services.ports import Directory, Requests
from bot.slack.dialogs import Dialogs
from bot.slack.payloads import asked_by
from bot.slack.voice import Asked, Voice
from bot.slack.work import Work, within

#: Seconds of Slack's three that a press waits to be stored before it is acknowledged.
_STORE_WITHIN = 2.0

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

    async def press(self, name: str, request_id: str, asked: Asked) -> None:
        """Take the press of the button `name`; returns once it is stored, or after two seconds.

        Denying, breaking the glass and approving a deletion ask for more, in a dialog.
        """
        if name not in self._moves or (name == "approve" and await self._wants_a_name(request_id)):
            self._work.spawn(self._voice.telling(asked, self._dialogs.open_decision(name, request_id, asked)), name)
            return
        deciding = self._decide(self._moves[name], request_id, asked)
        task = self._work.spawn(self._voice.telling(asked, deciding), name)
        await within(task, _STORE_WITHIN)

    async def _wants_a_name(self, request_id: str) -> bool:
        try:
            stored = await self._requests.get(request_id)
        except StoreFailed:  # the dialog says so
            return True
        return stored is not None and isinstance(stored.request.change, Delete)

    async def _decide(self, move: Decide, request_id: str, asked: Asked) -> None:
        actor = await self._directory.actor(asked.user, asked.team)
        stored = await move(request_id, actor)
        self._work.spawn(self._voice.telling(asked, self._carry_on(stored.request.id)), "carry on")

    async def _carry_on(self, request_id: str) -> None:
        await self._driver.drive(request_id)


def register(app: AsyncApp, decisions: Decisions) -> None:
    """Answer presses on a card."""

    @app.action(pattern("^(approve|deny|cancel|glass)$"))
    async def on_decision(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        action = body["actions"][0]
        await decisions.press(action["action_id"], action["value"], asked_by(body))
        await ack()
