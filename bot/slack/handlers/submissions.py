"""A submitted form: read, stored before the ack, carried out, and its outcome said in the form where it is quick."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Change, Delete, change_verb
from bot.domain.decision_errors import ReasonMissing
from bot.domain.errors import BotError, SlackFailed
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Fail
from bot.domain.secret_errors import MaskedValue, SecretExposed
from bot.render.form_answers import (
    place_error,
    place_segment_errors,
    read_answers,
    read_chosen_space,
    read_creation,
    read_update,
)
from bot.render.forms import View, add_note, has_notes, read_form_context, refill_form, render_notice_modal
from bot.render.mrkdwn import code, format_error
from bot.render.settings_editor import FormErrors
from bot.render.states import describe_state
from bot.services.approvals import Approvals
from bot.services.ports import Directory
from bot.services.reconciler import Reconciler
from bot.slack.background import BackgroundTasks, Deadline
from bot.slack.handlers.forms import FormHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_view_submission

log = structlog.get_logger(__name__)

#: Seconds of Slack's three that a form waits for its outcome, before it says that it is still running.
_ANSWER_WITHIN = 2.0

#: What Slack is to do with the form: empty closes it.
ModalResponse = Mapping[str, Any]


class SubmissionHandler:
    """Turns forms into requests, and requests' quick outcomes into answers."""

    def __init__(
        self,
        asking: Approvals,
        driver: Reconciler,
        directory: Directory,
        forms: FormHandler,
        voice: Messenger,
        work: BackgroundTasks,
    ) -> None:
        self._asking = asking
        self._driver = driver
        self._directory = directory
        self._forms = forms
        self._voice = voice
        self._work = work

    async def submit_form(self, asked: Interaction, view: View) -> ModalResponse:
        """Store what the form asks for, and say what Slack is to do with the form.

        Once it is stored, two seconds are waited for the outcome at the most: what takes longer goes on, and the form
        is redrawn when it ends.
        """
        patience = Deadline(_ANSWER_WITHIN)
        try:
            change = await self._read(asked, view)
        except FormErrors as problems:
            return await self._respond(asked, view, problems)
        except BotError as error:
            return await self._respond(asked, view, FormErrors({}, format_error(error)))
        stored = await self._ask(change, asked, view)
        if isinstance(stored, BotError):
            return await self._finished(asked, view, change, stored)
        task = self._work.spawn(self.reconcile_request(stored), "submission")
        if await patience.wait_for(task):
            return await self._finished(asked, view, change, task.result())
        self._work.spawn(self._follow(asked, view, change, task), "slow submission")
        return {"response_action": "update", "view": _running_view(view, change)}

    async def _read(self, asked: Interaction, view: View) -> Change:
        form, kind, actor = (
            read_answers(view),
            self._forms.get_warehouse_type(view),
            await self._forms.authorize_actor(asked, "submit form"),
        )
        if kind is None:
            raise FormErrors({"type": "Choose a type."})
        if "name" not in form.labels:
            raise FormErrors({"type": "Its settings did not appear. Choose the type again."})
        names, handed = (
            await self._forms.list_allowed_secrets(actor),
            await self._forms.collect_one_time_secrets(actor, view, kind),
        )
        if target := read_form_context(view).target:
            return read_update(form, target, kind, names, handed)
        if (space := read_chosen_space(view)) is None:
            raise FormErrors({"space": "Choose a space."})
        return read_creation(form, space, kind, names, handed)

    async def _ask(self, change: Change, asked: Interaction, view: View) -> StoredRequest | BotError:
        reason, again = read_answers(view).values.get("reason", ""), read_form_context(view).follows
        try:
            actor = await self._directory.get_actor(asked.user_id, asked.team_id)
            follows = (
                (await self._asking.get_request(again, asked.user_id, "recreate", Delete)).request if again else None
            )
            return await self._asking.request(
                change, actor, asked.channel_id, asked.idempotency_key, reason, asked.view_id, follows=follows
            )
        except BotError as error:
            return error

    async def reconcile_request(self, stored: StoredRequest) -> StoredRequest | BotError:
        """Drive the request; an error that the person should hear of is returned."""
        try:
            return await self._driver.reconcile(stored.request.id)
        except BotError as error:
            return error

    async def _finished(
        self, asked: Interaction, view: View, change: Change, result: StoredRequest | BotError
    ) -> ModalResponse:
        if kept := _kept(view, change, result):
            return {"response_action": "update", "view": kept}
        problems = self._problems(view, result)
        return await self._respond(asked, view, problems) if problems else {}

    async def _respond(self, asked: Interaction, view: View, problems: FormErrors) -> ModalResponse:
        now = await self._forms.mark_erased_secrets(asked, view)
        if problems.by_input and not problems.general and not has_notes(view) and now is view:
            return {"response_action": "errors", "errors": dict(problems.by_input)}
        return {"response_action": "update", "view": add_note(now, _note(problems), problems.by_input, on_top=True)}

    def _problems(self, view: View, result: StoredRequest | BotError) -> FormErrors | None:
        kind = self._forms.get_warehouse_type(view)
        match result:
            case ReasonMissing() if "reason" in read_answers(view).labels:
                return FormErrors({"reason": result.user_message})
            case SecretExposed(keys=keys) | MaskedValue(keys=keys) if kind:
                return place_error(keys, result.user_message, read_answers(view), kind)
            case BotError():
                return FormErrors({}, format_error(result))
        request = result.request
        match request.state, request.last_transition:
            case State.FAILED, Fail(errors=errors) if errors and kind:
                return place_segment_errors(errors, read_answers(view), kind)
            case ((State.FAILED | State.SUPERSEDED), _):
                return FormErrors({}, describe_state(request))
            case _:
                return None

    async def _follow(
        self, asked: Interaction, view: View, change: Change, task: asyncio.Task[StoredRequest | BotError]
    ) -> None:
        result = await task
        problems = self._problems(view, result)
        if kept := _kept(view, change, result):
            drawn = kept
        elif problems:
            form = read_answers(view)
            again = refill_form(await self._forms.mark_erased_secrets(asked, view), form.values, form.initial)
            drawn = add_note(again, _note(problems), problems.by_input, on_top=True)
        else:
            drawn = render_notice_modal(_title(view), _outcome(change, result))
        try:
            await self._voice.update_modal(str(view["id"]), drawn)
        except SlackFailed as error:  # the person has closed the form; the card says the same, if there is one
            log.info("form not redrawn", code=error.code)
            if isinstance(result, BotError):
                await self._voice.send_error(asked, result)


def _note(problems: FormErrors) -> str:
    return f"⚠️ {problems.general}" if problems.general else ""


def _kept(view: View, change: Change, result: StoredRequest | BotError) -> View | None:
    """What to show in the form's place where its request goes on: submitting it again would make a second one."""
    if isinstance(result, SlackFailed):
        goes_on = f"The request for {code(change.warehouse_name)} is kept, and goes on when Slack takes its card."
        return render_notice_modal(_title(view), f"⚠️ {format_error(result)} {goes_on}")
    if isinstance(result, StoredRequest) and result.request.state is State.UNKNOWN:
        return render_notice_modal(_title(view), f"{describe_state(result.request)} · its card has the outcome")
    return None


def _outcome(change: Change, result: StoredRequest | BotError) -> str:
    if isinstance(result, StoredRequest) and result.request.state is State.SUCCEEDED:
        return f"✅ {code(change.warehouse_name)}: the outcome is on its card."
    if isinstance(result, StoredRequest) and result.request.is_waiting:
        return f"⏳ {code(change.warehouse_name)}: its card waits for an approval."
    return f"⏳ {code(change.warehouse_name)}: under way; its card has the outcome."


def _running_view(view: View, change: Change) -> View:
    doing = {"create": "Creating", "update": "Updating"}.get(change_verb(change), "Changing")
    text = f"⏳ {doing} {code(change.warehouse_name)}, or asking for it… You can close this; its card has the outcome."
    return render_notice_modal(_title(view), text)


def _title(view: View) -> str:
    title = view.get("title")
    return str(title["text"]) if isinstance(title, Mapping) else "Warehouse"


def register_listeners(app: AsyncApp, submissions: SubmissionHandler, voice: Messenger) -> None:
    """Answer submitted forms."""

    @app.view("form:create")
    @app.view("form:update")
    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = parse_view_submission(body)
        await ack(**voice.scrub_response(await submissions.submit_form(submission.interaction, submission.view)))
