"""What a submitted form shows about the result of its request."""

from collections.abc import Mapping

from bot.domain.changes.change import Change, change_verb
from bot.domain.decision_errors import ReasonMissing
from bot.domain.errors import BotError, SlackFailed
from bot.domain.requests.request import State, StoredRequest
from bot.domain.requests.transitions import Fail
from bot.domain.secret_errors import MaskedValue, SecretExposed
from bot.render.form_answers import place_error, place_segment_errors, read_answers
from bot.render.form_errors import FormErrors
from bot.render.forms import View, add_note, has_notes, refill_form, render_notice_modal
from bot.render.mrkdwn import code
from bot.render.phrases import format_error
from bot.render.states import describe_state
from bot.services.inventory import Inventory
from bot.slack.handlers.form_fields import find_form_type
from bot.slack.handlers.form_secrets import FormSecrets
from bot.slack.handlers.modals import ModalResponse
from bot.slack.messenger import Interaction
from bot.slack.request_tasks import ReconcileResult


class SubmissionResults:
    """Renders the results of submitted forms, with errors at the fields that they are about."""

    def __init__(self, inventory: Inventory, form_secrets: FormSecrets) -> None:
        self._inventory = inventory
        self._form_secrets = form_secrets

    async def respond(
        self, interaction: Interaction, view: View, change: Change, result: ReconcileResult
    ) -> ModalResponse:
        """Return the response to the form `view` whose request has `result`; an empty one closes the form."""
        if notice := _render_unfinished(view, change, result):
            return {"response_action": "update", "view": notice}
        errors = self._find_errors(view, result)
        return await self.respond_with_errors(interaction, view, errors) if errors else {}

    async def respond_with_errors(self, interaction: Interaction, view: View, errors: FormErrors) -> ModalResponse:
        """Return the response that shows `errors` in the form, for the person to submit it again."""
        marked = await self._form_secrets.mark_erased(interaction, view)
        if errors.by_input and not errors.general and not has_notes(view) and marked is view:
            return {"response_action": "errors", "errors": dict(errors.by_input)}
        noted = add_note(marked, _format_general(errors), errors.by_input, on_top=True)
        return {"response_action": "update", "view": noted}

    async def render_late_result(
        self, interaction: Interaction, view: View, change: Change, result: ReconcileResult
    ) -> View:
        """Return the view that shows `result` when the form already shows that its request is running."""
        if notice := _render_unfinished(view, change, result):
            return notice
        if errors := self._find_errors(view, result):
            answers = read_answers(view)
            marked = await self._form_secrets.mark_erased(interaction, view)
            refilled = refill_form(marked, answers.values, answers.initial)
            return add_note(refilled, _format_general(errors), errors.by_input, on_top=True)
        return render_notice_modal(_get_title(view), _describe_result(change, result))

    def _find_errors(self, view: View, result: ReconcileResult) -> FormErrors | None:
        warehouse_type = find_form_type(self._inventory, view)
        match result:
            case ReasonMissing() if "reason" in read_answers(view).labels:
                return FormErrors({"reason": result.user_message})
            case SecretExposed(keys=keys) | MaskedValue(keys=keys) if warehouse_type:
                return place_error(keys, result.user_message, read_answers(view), warehouse_type)
            case BotError():
                return FormErrors({}, format_error(result))
        request = result.request
        match request.state, request.last_transition:
            case State.FAILED, Fail(errors=errors) if errors and warehouse_type:
                return place_segment_errors(errors, read_answers(view), warehouse_type)
            case ((State.FAILED | State.SUPERSEDED), _):
                return FormErrors({}, describe_state(request))
            case _:
                return None


def render_running_view(view: View, change: Change) -> View:
    """Return the view that replaces the form `view` while its request is running."""
    verb = {"create": "Creating", "update": "Updating"}.get(change_verb(change), "Changing")
    text = f"⏳ {verb} {code(change.warehouse_name)}, or asking for it… You can close this; its card has the outcome."
    return render_notice_modal(_get_title(view), text)


def _render_unfinished(view: View, change: Change, result: ReconcileResult) -> View | None:
    """Return the view for a request that is stored and not finished: another submission would make a second one."""
    if isinstance(result, SlackFailed):
        notice = f"The request for {code(change.warehouse_name)} is kept, and goes on when Slack takes its card."
        return render_notice_modal(_get_title(view), f"⚠️ {format_error(result)} {notice}")
    if isinstance(result, StoredRequest) and result.request.state is State.UNKNOWN:
        return render_notice_modal(_get_title(view), f"{describe_state(result.request)} · its card has the outcome")
    return None


def _describe_result(change: Change, result: ReconcileResult) -> str:
    if isinstance(result, StoredRequest) and result.request.state is State.SUCCEEDED:
        return f"✅ {code(change.warehouse_name)}: the outcome is on its card."
    if isinstance(result, StoredRequest) and result.request.is_waiting:
        return f"⏳ {code(change.warehouse_name)}: its card waits for an approval."
    return f"⏳ {code(change.warehouse_name)}: under way; its card has the outcome."


def _format_general(errors: FormErrors) -> str:
    return f"⚠️ {errors.general}" if errors.general else ""


def _get_title(view: View) -> str:
    title = view.get("title")
    return str(title["text"]) if isinstance(title, Mapping) else "Warehouse"
