"""A submitted form: read, stored before the ack, carried out, and its outcome said in the form where it is quick."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Change, Delete, verb
from bot.domain.decision_errors import ReasonMissing
from bot.domain.errors import BotError, SlackFailed
from bot.domain.requests.request import State, Stored
from bot.domain.requests.transitions import Fail
from bot.domain.secret_errors import SecretTold, ValueMasked
from bot.render.form_answers import answers, changed_warehouse, chosen_space, located, new_warehouse, on_fields
from bot.render.forms import View, has_remarks, notice_view, origin_of, refilled, with_note
from bot.render.mrkdwn import code, said
from bot.render.settings_editor import Problems
from bot.render.states import headline_of
from bot.services.approvals import Asking
from bot.services.ports import Directory
from bot.services.reconciler import Driver
from bot.slack.background import Patience, Work
from bot.slack.handlers.forms import Forms
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import submission_of

log = structlog.get_logger(__name__)

#: Seconds of Slack's three that a form waits for its outcome, before it says that it is still running.
_ANSWER_WITHIN = 2.0

#: What Slack is to do with the form: empty closes it.
Response = Mapping[str, Any]


class Submissions:
    """Turns forms into requests, and requests' quick outcomes into answers."""

    def __init__(
        self,
        asking: Asking,
        driver: Driver,
        directory: Directory,
        forms: Forms,
        voice: Voice,
        work: Work,
    ) -> None:
        self._asking = asking
        self._driver = driver
        self._directory = directory
        self._forms = forms
        self._voice = voice
        self._work = work

    async def submit(self, asked: Asked, view: View) -> Response:
        """Store what the form asks for, and say what Slack is to do with the form.

        Once it is stored, two seconds are waited for the outcome at the most: what takes longer goes on, and the form
        is redrawn when it ends.
        """
        patience = Patience(_ANSWER_WITHIN)
        try:
            change = await self._read(asked, view)
        except Problems as problems:
            return await self._respond(asked, view, problems)
        except BotError as error:
            return await self._respond(asked, view, Problems({}, said(error)))
        stored = await self._ask(change, asked, view)
        if isinstance(stored, BotError):
            return await self._finished(asked, view, change, stored)
        task = self._work.spawn(self.carry_on(stored), "submission")
        if await patience.lasts(task):
            return await self._finished(asked, view, change, task.result())
        self._work.spawn(self._follow(asked, view, change, task), "slow submission")
        return {"response_action": "update", "view": _running_view(view, change)}

    async def _read(self, asked: Asked, view: View) -> Change:
        form, kind, actor = answers(view), self._forms.kind_of(view), await self._forms.admit(asked, "submit form")
        if kind is None:
            raise Problems({"type": "Choose a type."})
        if "name" not in form.labels:
            raise Problems({"type": "Its settings did not appear. Choose the type again."})
        names, handed = await self._forms.offered(actor), await self._forms.handed(actor, view, kind)
        if target := origin_of(view).target:
            return changed_warehouse(form, target, kind, names, handed)
        if (space := chosen_space(view)) is None:
            raise Problems({"space": "Choose a space."})
        return new_warehouse(form, space, kind, names, handed)

    async def _ask(self, change: Change, asked: Asked, view: View) -> Stored | BotError:
        reason, again = answers(view).typed.get("reason", ""), origin_of(view).follows
        try:
            actor = await self._directory.actor(asked.user, asked.team)
            follows = (await self._asking.known(again, asked.user, "recreate", Delete)).request if again else None
            return await self._asking.ask(change, actor, asked.channel, asked.once, reason, asked.form, follows=follows)
        except BotError as error:
            return error

    async def carry_on(self, stored: Stored) -> Stored | BotError:
        """Drive the request; an error that the person should hear of is returned."""
        try:
            return await self._driver.drive(stored.request.id)
        except BotError as error:
            return error

    async def _finished(self, asked: Asked, view: View, change: Change, result: Stored | BotError) -> Response:
        if kept := _kept(view, change, result):
            return {"response_action": "update", "view": kept}
        problems = self._problems(view, result)
        return await self._respond(asked, view, problems) if problems else {}

    async def _respond(self, asked: Asked, view: View, problems: Problems) -> Response:
        now = await self._forms.refreshed(asked, view)
        if problems.by_input and not problems.general and not has_remarks(view) and now is view:
            return {"response_action": "errors", "errors": dict(problems.by_input)}
        return {"response_action": "update", "view": with_note(now, _note(problems), problems.by_input, on_top=True)}

    def _problems(self, view: View, result: Stored | BotError) -> Problems | None:
        kind = self._forms.kind_of(view)
        match result:
            case ReasonMissing() if "reason" in answers(view).labels:
                return Problems({"reason": result.says})
            case SecretTold(keys=keys) | ValueMasked(keys=keys) if kind:
                return on_fields(keys, result.says, answers(view), kind)
            case BotError():
                return Problems({}, said(result))
        request = result.request
        match request.state, request.last:
            case State.FAILED, Fail(errors=errors) if errors and kind:
                return located(errors, answers(view), kind)
            case ((State.FAILED | State.SUPERSEDED), _):
                return Problems({}, headline_of(request))
            case _:
                return None

    async def _follow(self, asked: Asked, view: View, change: Change, task: asyncio.Task[Stored | BotError]) -> None:
        result = await task
        problems = self._problems(view, result)
        if kept := _kept(view, change, result):
            drawn = kept
        elif problems:
            form = answers(view)
            again = refilled(await self._forms.refreshed(asked, view), form.typed, form.initial)
            drawn = with_note(again, _note(problems), problems.by_input, on_top=True)
        else:
            drawn = notice_view(_title(view), _outcome(change, result))
        try:
            await self._voice.redraw(str(view["id"]), drawn)
        except SlackFailed as error:  # the person has closed the form; the card says the same, if there is one
            log.info("form not redrawn", code=error.code)
            if isinstance(result, BotError):
                await self._voice.refuse(asked, result)


def _note(problems: Problems) -> str:
    return f"⚠️ {problems.general}" if problems.general else ""


def _kept(view: View, change: Change, result: Stored | BotError) -> View | None:
    """What to show in the form's place where its request goes on: submitting it again would make a second one."""
    if isinstance(result, SlackFailed):
        goes_on = f"The request for {code(change.warehouse_name)} is kept, and goes on when Slack takes its card."
        return notice_view(_title(view), f"⚠️ {said(result)} {goes_on}")
    if isinstance(result, Stored) and result.request.state is State.UNKNOWN:
        return notice_view(_title(view), f"{headline_of(result.request)} · its card has the outcome")
    return None


def _outcome(change: Change, result: Stored | BotError) -> str:
    if isinstance(result, Stored) and result.request.state is State.SUCCEEDED:
        return f"✅ {code(change.warehouse_name)}: the outcome is on its card."
    if isinstance(result, Stored) and result.request.waiting:
        return f"⏳ {code(change.warehouse_name)}: its card waits for an approval."
    return f"⏳ {code(change.warehouse_name)}: under way; its card has the outcome."


def _running_view(view: View, change: Change) -> View:
    doing = {"create": "Creating", "update": "Updating"}.get(verb(change), "Changing")
    text = f"⏳ {doing} {code(change.warehouse_name)}, or asking for it… You can close this; its card has the outcome."
    return notice_view(_title(view), text)


def _title(view: View) -> str:
    title = view.get("title")
    return str(title["text"]) if isinstance(title, Mapping) else "Warehouse"


def register(app: AsyncApp, submissions: Submissions, voice: Voice) -> None:
    """Answer submitted forms."""

    @app.view("form:create")
    @app.view("form:update")
    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = submission_of(body)
        await ack(**voice.replied(await submissions.submit(submission.asked, submission.view)))
