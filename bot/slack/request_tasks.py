"""Background tasks that reconcile a request after a click or a submission has been stored."""

import asyncio

from bot.domain.errors import BotError
from bot.domain.requests.request import Card, StoredRequest
from bot.services.reconciler import Reconciler
from bot.slack.background import BackgroundTasks
from bot.slack.interaction_tasks import InteractionTasks
from bot.slack.messenger import Interaction

#: Seconds, of the three that Slack waits for an ack, that a submitted modal waits for its request's outcome.
ANSWER_TIMEOUT = 2.0

#: What reconciling a request returns: the request, or an error for the person.
ReconcileResult = StoredRequest | BotError


class RequestTasks:
    """Reconciles requests in background tasks."""

    def __init__(
        self, reconciler: Reconciler, interaction_tasks: InteractionTasks, background_tasks: BackgroundTasks
    ) -> None:
        self._reconciler = reconciler
        self._interaction_tasks = interaction_tasks
        self._background_tasks = background_tasks

    def carry_on(self, interaction: Interaction, request_id: str, clicked_card: Card | None = None) -> None:
        """Reconcile the request; report errors to the person. `clicked_card` is the card with the clicked button."""
        self._interaction_tasks.start(interaction, self._reconcile(request_id, clicked_card), "reconcile")

    def start(self, stored: StoredRequest, name: str) -> asyncio.Task[ReconcileResult]:
        """Reconcile the request in a task whose result is the request, or the error for the person."""
        return self._background_tasks.spawn(self._reconcile_or_error(stored.request.id), name)

    async def _reconcile(self, request_id: str, clicked_card: Card | None) -> None:
        await self._reconciler.reconcile(request_id, clicked_card)

    async def _reconcile_or_error(self, request_id: str) -> ReconcileResult:
        try:
            return await self._reconciler.reconcile(request_id)
        except BotError as error:
            return error
