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
from bot.domain.requests.request import Card, StoredRequest
from bot.services.approvals import Approvals
from bot.services.ports import Directory, RequestStore
from bot.services.reconciler import Reconciler
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.dialogs import DialogHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_block_action

DecisionMethod = Callable[[str, Actor], Awaitable[StoredRequest]]


class DecisionHandler:
    """Approve, deny, cancel, break the glass: stored before the ack, carried out after it."""

    def __init__(
        self,
        asking: Approvals,
        requests: RequestStore,
        driver: Reconciler,
        directory: Directory,
        dialogs: DialogHandler,
        voice: Messenger,
        work: BackgroundTasks,
    ) -> None:
        self._requests = requests
        self._dialogs = dialogs
        self._driver = driver
        self._directory = directory
        self._voice = voice
        self._work = work
        self._moves: Mapping[str, DecisionMethod] = {
            "approve": asking.approve,
            "cancel": asking.cancel,
        }

    async def handle_button(self, name: str, request_id: str, asked: Interaction, seen: Card | None) -> None:
        """Take the press of the button `name` on the message `seen`; returns once it is stored.

        Denying, breaking the glass and approving a deletion ask for more, in a dialog.
        """
        try:
            stored = await self._requests.get(request_id)
        except StoreFailed as error:
            self._work.spawn(self._voice.send_error(asked, error), name)
            return
        if name not in self._moves or (name == "approve" and _wants_a_name(stored)):
            self._work.spawn(
                self._voice.run_and_report_errors(asked, self._dialogs.open_decision_dialog(name, request_id, asked)),
                name,
            )
        elif refused := await self._decide(self._moves[name], request_id, asked):
            self._work.spawn(self._voice.send_error(asked, refused), name)
        if stored is not None:
            self._work.spawn(self._voice.run_and_report_errors(asked, self._carry_on(request_id, seen)), "carry on")

    async def _decide(self, move: DecisionMethod, request_id: str, asked: Interaction) -> BotError | None:
        try:
            await move(request_id, await self._directory.get_actor(asked.user_id, asked.team_id))
        except BotError as error:
            return error
        return None

    async def _carry_on(self, request_id: str, seen: Card | None) -> None:
        await self._driver.reconcile(request_id, seen)


def _wants_a_name(stored: StoredRequest | None) -> bool:
    return stored is not None and isinstance(stored.request.change, Delete)


def register_listeners(app: AsyncApp, decisions: DecisionHandler) -> None:
    """Answer presses on a card."""

    @app.action(pattern("^(approve|deny|cancel|glass)$"))
    async def on_decision(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        await decisions.handle_button(press.action_id, press.value, press.interaction, press.message)
        await ack()
