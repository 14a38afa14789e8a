"""The buttons that decide a request. A click is stored before the ack, and carried out after it.

If storing takes longer than Slack waits for the ack, Slack warns the person, and a second click is answered with what
has happened.
"""

from collections.abc import Awaitable, Callable, Mapping
from re import compile as pattern
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import Delete
from bot.domain.errors import BotError, StoreFailed
from bot.domain.requests.request import Card, StoredRequest
from bot.services.access_control import AccessControl
from bot.services.approvals import Approvals
from bot.services.ports import RequestStore
from bot.slack.handlers.decision_dialogs import DecisionDialogHandler
from bot.slack.interaction_tasks import InteractionTasks
from bot.slack.messenger import Interaction
from bot.slack.payloads import parse_block_action
from bot.slack.request_tasks import RequestTasks

DecisionMethod = Callable[[str, Actor], Awaitable[StoredRequest]]


class DecisionHandler:
    """Stores approvals and cancellations, and opens the dialog that any other decision needs."""

    def __init__(
        self,
        approvals: Approvals,
        requests: RequestStore,
        access: AccessControl,
        dialogs: DecisionDialogHandler,
        request_tasks: RequestTasks,
        interaction_tasks: InteractionTasks,
    ) -> None:
        self._requests = requests
        self._access = access
        self._dialogs = dialogs
        self._request_tasks = request_tasks
        self._interaction_tasks = interaction_tasks
        self._methods: Mapping[str, DecisionMethod] = {"approve": approvals.approve, "cancel": approvals.cancel}

    async def handle_button(
        self, name: str, request_id: str, interaction: Interaction, clicked_card: Card | None
    ) -> None:
        """Handle a click on the button `name` of `clicked_card`, and return once the decision is stored.

        Denying, breaking the glass and approving a deletion open a dialog instead.
        """
        try:
            stored = await self._requests.get(request_id)
        except StoreFailed as error:
            self._interaction_tasks.report_error(interaction, error, name)
            return
        if name not in self._methods or (name == "approve" and _is_deletion(stored)):
            self._interaction_tasks.start(interaction, self._dialogs.open(name, request_id, interaction), name)
        elif refusal := await self._decide(self._methods[name], request_id, interaction):
            self._interaction_tasks.report_error(interaction, refusal, name)
        if stored is not None:
            self._request_tasks.carry_on(interaction, request_id, clicked_card)

    async def _decide(self, decide: DecisionMethod, request_id: str, interaction: Interaction) -> BotError | None:
        try:
            await decide(request_id, await self._access.get_actor(interaction.user_id, interaction.team_id))
        except BotError as error:
            return error
        return None


def _is_deletion(stored: StoredRequest | None) -> bool:
    return stored is not None and isinstance(stored.request.change, Delete)


def register_listeners(app: AsyncApp, decisions: DecisionHandler) -> None:
    """Listen for the buttons on cards."""

    @app.action(pattern("^(approve|deny|cancel|glass)$"))
    async def on_decision(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        press = parse_block_action(body)
        await decisions.handle_button(press.action_id, press.value, press.interaction, press.message)
        await ack()
