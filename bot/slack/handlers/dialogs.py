"""Submitted dialogs: store what was typed before the ack, then carry it out."""

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.decision_errors import NameMismatch, ReasonMissing
from bot.domain.errors import BotError
from bot.domain.requests.request import StoredRequest
from bot.domain.secret_errors import SecretExposed
from bot.render.dialogs import DialogContext, read_dialog_context
from bot.render.form_answers import read_answers
from bot.render.forms import View, render_notice_modal
from bot.render.phrases import format_error
from bot.slack.background import Deadline
from bot.slack.handlers.decision_dialogs import DECISION_ACTS, DecisionDialogHandler
from bot.slack.handlers.modals import ModalResponse
from bot.slack.handlers.reason_dialogs import REASON_ACTS, ReasonDialogHandler
from bot.slack.handlers.settle_dialogs import SettleDialogHandler
from bot.slack.interaction_tasks import InteractionTasks
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_view_submission
from bot.slack.request_tasks import ANSWER_TIMEOUT, ReconcileResult, RequestTasks


class DialogHandler:
    """Stores submitted dialogs, and answers them."""

    def __init__(
        self,
        decision_dialogs: DecisionDialogHandler,
        settle_dialogs: SettleDialogHandler,
        reason_dialogs: ReasonDialogHandler,
        request_tasks: RequestTasks,
        interaction_tasks: InteractionTasks,
    ) -> None:
        self._decision_dialogs = decision_dialogs
        self._settle_dialogs = settle_dialogs
        self._reason_dialogs = reason_dialogs
        self._request_tasks = request_tasks
        self._interaction_tasks = interaction_tasks

    async def submit_dialog(self, interaction: Interaction, view: View) -> ModalResponse:
        """Store what was typed, and return the response to the dialog.

        A decision is carried out afterwards. A new request is waited for, up to `ANSWER_TIMEOUT`.
        """
        context, deadline = read_dialog_context(view), Deadline(ANSWER_TIMEOUT)
        try:
            stored = await self._store(context, read_answers(view).values, interaction)
        except SecretExposed as error:
            return {"response_action": "errors", "errors": {"reason": error.user_message}}
        except BotError as error:
            return _place_error(error, view) or _render_error(error)
        if context.act not in REASON_ACTS:
            self._request_tasks.carry_on(interaction, stored.request.id)
            return {}
        task = self._request_tasks.start(stored, "dialog")
        if not await deadline.wait_for(task):
            self._interaction_tasks.start(interaction, _raise_error(task), "slow dialog")
            return _render_response("Warehouse", "⏳ Under way; the card has the outcome.")
        result = task.result()
        return _render_error(result) if isinstance(result, BotError) else {}

    async def _store(
        self, context: DialogContext, values: Mapping[str, str], interaction: Interaction
    ) -> StoredRequest:
        if context.act == "settle":
            return await self._settle_dialogs.store(context, values, interaction)
        if context.act in DECISION_ACTS:
            return await self._decision_dialogs.store(context, values, interaction)
        return await self._reason_dialogs.store(context, values, interaction)


async def _raise_error(task: asyncio.Task[ReconcileResult]) -> None:
    if isinstance(result := await task, BotError):
        raise result


def _place_error(error: BotError, view: View) -> ModalResponse | None:
    """Return a response that shows the error at the field that it is about; None if the dialog has no such field."""
    field = {NameMismatch: "name", ReasonMissing: "reason"}.get(type(error), "")
    has_field = field in read_answers(view).labels
    return {"response_action": "errors", "errors": {field: error.user_message}} if has_field else None


def _render_error(error: BotError) -> ModalResponse:
    return _render_response("Not done", f"⚠️ {format_error(error)}")


def _render_response(title: str, text: str) -> ModalResponse:
    return {"response_action": "update", "view": render_notice_modal(title, text)}


def register_listeners(app: AsyncApp, dialogs: DialogHandler, messenger: Messenger) -> None:
    """Listen for submitted dialogs."""

    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = parse_view_submission(body)
        response = await dialogs.submit_dialog(submission.interaction, submission.view)
        await ack(**messenger.scrub_response(response))

    for act in (*DECISION_ACTS, "settle", *REASON_ACTS):
        app.view(f"dialog:{act}")(on_submit)
