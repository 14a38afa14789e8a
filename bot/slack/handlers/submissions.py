"""Submitted forms: store the request before the ack, carry it out, and show its result if that is quick."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Change, Delete
from bot.domain.errors import BotError, SlackFailed
from bot.domain.requests.request import StoredRequest
from bot.render.form_answers import read_answers
from bot.render.form_errors import FormErrors
from bot.render.forms import View, read_form_context
from bot.render.phrases import format_error
from bot.slack.background import BackgroundTasks, Deadline
from bot.slack.handlers.change_requests import ChangeRequester
from bot.slack.handlers.form_reading import FormReader
from bot.slack.handlers.modals import ModalResponse
from bot.slack.handlers.submission_results import SubmissionResults, render_running_view
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_view_submission
from bot.slack.request_tasks import ANSWER_TIMEOUT, ReconcileResult, RequestTasks

log = structlog.get_logger(__name__)


class SubmissionHandler:
    """Turns submitted forms into requests."""

    def __init__(
        self,
        form_reader: FormReader,
        change_requester: ChangeRequester,
        request_tasks: RequestTasks,
        results: SubmissionResults,
        messenger: Messenger,
        background_tasks: BackgroundTasks,
    ) -> None:
        self._form_reader = form_reader
        self._change_requester = change_requester
        self._request_tasks = request_tasks
        self._results = results
        self._messenger = messenger
        self._background_tasks = background_tasks

    async def submit_form(self, interaction: Interaction, view: View) -> ModalResponse:
        """Store the request that the form makes, and return the response to the form.

        The response waits for the result, up to `ANSWER_TIMEOUT`. A request that takes longer continues, and the form
        is updated when it ends.
        """
        deadline = Deadline(ANSWER_TIMEOUT)
        try:
            change = await self._form_reader.read_change(interaction, view)
        except FormErrors as errors:
            return await self._results.respond_with_errors(interaction, view, errors)
        except BotError as error:
            return await self._results.respond_with_errors(interaction, view, FormErrors({}, format_error(error)))
        try:
            stored = await self._store(interaction, view, change)
        except BotError as error:
            return await self._results.respond(interaction, view, change, error)
        task = self._request_tasks.start(stored, "submission")
        if await deadline.wait_for(task):
            return await self._results.respond(interaction, view, change, task.result())
        self._background_tasks.spawn(self._show_late_result(interaction, view, change, task), "slow submission")
        return {"response_action": "update", "view": render_running_view(view, change)}

    async def _store(self, interaction: Interaction, view: View, change: Change) -> StoredRequest:
        reason, deletion_id = read_answers(view).values.get("reason", ""), read_form_context(view).follows
        deletion = None
        if deletion_id:
            stored = await self._change_requester.get_request(interaction, deletion_id, "recreate", Delete)
            deletion = stored.request
        return await self._change_requester.store(interaction, change, reason, follows=deletion)

    async def _show_late_result(
        self, interaction: Interaction, view: View, change: Change, task: asyncio.Task[ReconcileResult]
    ) -> None:
        result = await task
        updated = await self._results.render_late_result(interaction, view, change, result)
        try:
            await self._messenger.update_modal(str(view["id"]), updated)
        except SlackFailed as error:  # the person has closed the form; a request's card shows its result
            log.info("form not updated", code=error.code)
            if isinstance(result, BotError):
                await self._messenger.send_error(interaction, result)


def register_listeners(app: AsyncApp, submissions: SubmissionHandler, messenger: Messenger) -> None:
    """Listen for submitted forms."""

    @app.view("form:create")
    @app.view("form:update")
    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = parse_view_submission(body)
        response = await submissions.submit_form(submission.interaction, submission.view)
        await ack(**messenger.scrub_response(response))
