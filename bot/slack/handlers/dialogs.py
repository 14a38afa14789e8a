"""The small modals around a request: opened by a button or a command, stored before the ack when submitted."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot, build_toggle, invert_change
from bot.domain.decision_errors import NameMismatch, ReasonMissing
from bot.domain.errors import BotError, InvalidSecretValue, RequestClosed
from bot.domain.policy import actions_of
from bot.domain.requests.request import Request, StoredRequest
from bot.domain.requests.transitions import Approve, BreakGlass, Deny
from bot.domain.secret_errors import SecretExposed
from bot.domain.warehouses import Warehouse
from bot.render.dialogs import (
    NOT_DONE,
    DialogContext,
    read_dialog_context,
    render_approve_dialog,
    render_break_glass_dialog,
    render_deny_dialog,
    render_reason_dialog,
    render_settle_dialog,
)
from bot.render.form_answers import read_answers
from bot.render.forms import View, render_notice_modal
from bot.render.mrkdwn import code, format_error
from bot.services.approvals import Approvals, Vote
from bot.services.inventory import Inventory
from bot.services.ports import Directory
from bot.services.reconciler import Reconciler
from bot.services.verifier import Verifier
from bot.slack.background import BackgroundTasks, Deadline
from bot.slack.handlers.forms import FormHandler
from bot.slack.handlers.submissions import ModalResponse, SubmissionHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_view_submission

log = structlog.get_logger(__name__)

#: Seconds of Slack's three that a submitted dialog waits for what comes of it once it is stored.
_ANSWER_WITHIN = 2.0

_DECISIONS: Mapping[str, type[Vote]] = {"approve": Approve, "deny": Deny, "glass": BreakGlass}
_VIEWS = {"approve": render_approve_dialog, "deny": render_deny_dialog, "glass": render_break_glass_dialog}
_DECIDED = {*_DECISIONS, "settle"}
_TITLES = {
    "settle": "Settle",
    "delete": "Ask to delete",
    "disable": "Ask to disable",
    "enable": "Ask to enable",
    "undo": "Undo",
}


class DialogHandler:
    """Asks for reasons and names, and takes what was typed."""

    def __init__(
        self,
        asking: Approvals,
        checks: Inventory,
        driver: Reconciler,
        directory: Directory,
        forms: FormHandler,
        submissions: SubmissionHandler,
        looking: Verifier,
        voice: Messenger,
        work: BackgroundTasks,
    ) -> None:
        self._looking = looking
        self._asking = asking
        self._checks = checks
        self._driver = driver
        self._directory = directory
        self._forms = forms
        self._submissions = submissions
        self._voice = voice
        self._work = work

    async def open_decision_dialog(self, act: str, request_id: str, asked: Interaction) -> None:
        """Open the dialog in which a request is approved, denied or run without approval. Raises BotError."""
        actor = await self._directory.get_actor(asked.user_id, asked.team_id)
        request = await self._asking.check_can_vote(request_id, actor, _DECISIONS[act])
        about = DialogContext.model_validate(
            {"act": act, "channel": asked.channel_id, "hook": asked.response_url, "request_id": request_id}
        )
        await self._voice.open_modal(asked, _VIEWS[act](request, about))

    async def open_reason_dialog(self, act: str, wanted: str, asked: Interaction) -> None:
        """Ask why a warehouse is to be deleted, disabled or enabled."""

        async def fill() -> View:
            warehouse = await self._checks.find_warehouse(wanted)
            if act != "delete" and build_toggle(warehouse, enabled=act == "enable").is_empty:
                state = "on" if warehouse.enabled else "off"
                return render_notice_modal(
                    _TITLES[act], f"{code(warehouse.name)} is already {state}; nothing was sent."
                )
            return _ask(act, asked, warehouse)

        await self._forms.open_and_fill_modal(asked, _TITLES[act], fill)

    async def open_undo_dialog(self, request_id: str, asked: Interaction) -> None:
        """Ask why an update is to be taken back."""

        async def fill() -> View:
            change = (await self._asking.get_request(request_id, asked.user_id, "undo", Update)).request.change
            assert isinstance(change, Update), "it is asked for so"
            warehouse = await self._checks.find_warehouse(change.target.id)
            waits = self._asking.needs_approval(*actions_of(invert_change(change, WarehouseSnapshot.of(warehouse))))
            return _ask("undo", asked, warehouse, request_id, waits=waits)

        await self._forms.open_and_fill_modal(asked, _TITLES["undo"], fill)

    async def open_settle_dialog(self, request_id: str, asked: Interaction) -> None:
        """Ask what came of a request that the bot can't find out about."""

        async def fill() -> View:
            actor = await self._directory.get_actor(asked.user_id, asked.team_id)
            request = await self._asking.check_can_settle(request_id, actor)
            candidates = await self._looking.find_candidates(request)
            about = DialogContext(
                act="settle", channel=asked.channel_id, hook=asked.response_url, request_id=request_id
            )
            return render_settle_dialog(request, about, candidates)

        await self._forms.open_and_fill_modal(asked, _TITLES["settle"], fill)

    async def submit_dialog(self, asked: Interaction, view: View) -> ModalResponse:
        """Store what was typed, and say what Slack is to do with the dialog."""
        about, typed, patience = read_dialog_context(view), read_answers(view).values, Deadline(_ANSWER_WITHIN)
        try:
            stored = await self._take(about, typed, asked)
        except SecretExposed as error:
            return {"response_action": "errors", "errors": {"reason": error.user_message}}
        except BotError as error:
            return _at_its_field(error, view) or _not_done(error)
        if about.act in _DECIDED:
            self._work.spawn(self._voice.run_and_report_errors(asked, self._carry_on(stored)), "carry on")
            return {}
        task = self._work.spawn(self._submissions.reconcile_request(stored), "dialog")
        if not await patience.wait_for(task):
            self._work.spawn(self._voice.run_and_report_errors(asked, _outcome(task)), "slow dialog")
            return _shown("Warehouse", "⏳ Under way; the card has the outcome.")
        result = task.result()
        return _not_done(result) if isinstance(result, BotError) else {}

    async def _take(self, about: DialogContext, typed: Mapping[str, str], asked: Interaction) -> StoredRequest:
        reason = typed.get("reason", "")
        actor = await self._directory.get_actor(asked.user_id, asked.team_id)
        if about.act == "settle":
            return await self._settle(about, actor, typed.get("outcome", ""), reason)
        if about.act in _DECISIONS:
            return await self._decide(about, actor, reason, typed.get("name"))
        follows = None
        if about.act == "undo":
            follows = (await self._asking.get_request(about.request_id, asked.user_id, "undo", Update)).request

        async def change_of() -> Change:
            return _change(about, follows)

        change = await self._asking.run_audited(asked.user_id, about.act, change_of, about.request_id)
        return await self._asking.request(
            change, actor, asked.channel_id, asked.idempotency_key, reason, asked.view_id, follows=follows
        )

    async def _settle(self, about: DialogContext, actor: Actor, outcome: str, reason: str) -> StoredRequest:
        async def verify(request: Request) -> None:
            if not outcome:  # Slack may leave a required input empty (bolt-js #1317)
                raise InvalidSecretValue("Choose what happened. Nothing was done.")
            if outcome == NOT_DONE:
                return
            if not isinstance(request.change, Create) and outcome != request.change.target.id:
                raise RequestClosed("That is another warehouse than the request is about. Look again.")
            listed = outcome in {each.id for each in await self._looking.find_candidates(request)}
            if isinstance(request.change, Delete) and listed:
                raise RequestClosed("Segment still lists it, so it is not deleted.")
            if not isinstance(request.change, Delete) and not listed:
                raise RequestClosed(
                    "Segment does not list that any more, or it belongs to another request. Look again."
                )

        warehouse_id = None if outcome == NOT_DONE else outcome
        return await self._asking.settle(about.request_id, actor, warehouse_id, reason, verify)

    async def _decide(self, about: DialogContext, actor: Actor, reason: str, typed_name: str | None) -> StoredRequest:
        match about.act:
            case "approve":
                return await self._asking.approve(about.request_id, actor, typed_name)
            case "deny":
                return await self._asking.deny(about.request_id, actor, reason)
            case _:
                return await self._asking.break_glass(about.request_id, actor, reason, typed_name)

    async def _carry_on(self, stored: StoredRequest) -> None:
        await self._driver.reconcile(stored.request.id)


async def _outcome(task: "asyncio.Task[StoredRequest | BotError]") -> None:
    if isinstance(result := await task, BotError):
        raise result


def _change(about: DialogContext, follows: Request | None) -> Change:
    """What the dialog asks for; `follows` is the request that it takes back, if it does. Raises Closed."""
    target = about.target
    if target is None:
        raise RequestClosed
    if follows is not None:
        updated = follows.change
        if not isinstance(updated, Update) or updated.target.id != target.id:
            raise RequestClosed
        change = invert_change(updated, target)
        if change.is_empty:
            raise RequestClosed("It replaced credentials only, and the old ones can't be read back; nothing was sent.")
        return change
    return Delete(target=target) if about.act == "delete" else Update(target=target, enabled=about.act == "enable")


def _at_its_field(error: BotError, view: View) -> ModalResponse | None:
    """The error on the field that it is about, where the dialog has that field."""
    field = {NameMismatch: "name", ReasonMissing: "reason"}.get(type(error), "")
    has_field = field in read_answers(view).labels
    return {"response_action": "errors", "errors": {field: error.user_message}} if has_field else None


def _not_done(error: BotError) -> ModalResponse:
    return _shown("Not done", f"⚠️ {format_error(error)}")


def _shown(title: str, text: str) -> ModalResponse:
    return {"response_action": "update", "view": render_notice_modal(title, text)}


def _ask(act: str, asked: Interaction, warehouse: Warehouse, request_id: str = "", *, waits: bool = True) -> View:
    about = DialogContext.model_validate(
        {
            "act": act,
            "channel": asked.channel_id,
            "hook": asked.response_url,
            "request_id": request_id,
            "target": WarehouseSnapshot.of(warehouse),
        }
    )
    what = f"take back what `{request_id}` changed of" if act == "undo" else act
    which = f"{code(warehouse.name)} in {code(warehouse.space.slug)} (id {code(warehouse.id)})"
    text = f"You ask to {what} {which}."
    return render_reason_dialog(
        about, text, _TITLES[act], f"undo {request_id}" if act == "undo" else "", needs_approval=waits
    )


def register_listeners(app: AsyncApp, dialogs: DialogHandler, voice: Messenger) -> None:
    """Answer submitted dialogs."""

    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = parse_view_submission(body)
        await ack(**voice.scrub_response(await dialogs.submit_dialog(submission.interaction, submission.view)))

    for act in (*_VIEWS, *_TITLES):
        app.view(f"dialog:{act}")(on_submit)
