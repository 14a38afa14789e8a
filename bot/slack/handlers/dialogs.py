"""The small modals around a request: opened by a button or a command, stored before the ack when submitted."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes.change import Change, Create, Delete, Target, Update, inverse, switch
from bot.domain.decision_errors import NameMismatch, ReasonMissing
from bot.domain.errors import BadValue, BotError, Closed
from bot.domain.policy import actions_of
from bot.domain.requests.request import Request, Stored
from bot.domain.requests.transitions import Approve, BreakGlass, Deny
from bot.domain.secret_errors import SecretTold
from bot.domain.warehouses import Warehouse
from bot.render.dialogs import NOT_DONE, About, about_of, approve_view, ask_view, deny_view, glass_view, settle_view
from bot.render.form_answers import answers
from bot.render.forms import View, notice_view
from bot.render.mrkdwn import code, said
from bot.services.approvals import Asking, Vote
from bot.services.inventory import Checks
from bot.services.ports import Directory
from bot.services.reconciler import Driver
from bot.services.verifier import Looking
from bot.slack.background import Patience, Work
from bot.slack.handlers.forms import Forms
from bot.slack.handlers.submissions import Response, Submissions
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import submission_of

log = structlog.get_logger(__name__)

#: Seconds of Slack's three that a submitted dialog waits for what comes of it once it is stored.
_ANSWER_WITHIN = 2.0

_DECISIONS: Mapping[str, type[Vote]] = {"approve": Approve, "deny": Deny, "glass": BreakGlass}
_VIEWS = {"approve": approve_view, "deny": deny_view, "glass": glass_view}
_DECIDED = {*_DECISIONS, "settle"}
_TITLES = {
    "settle": "Settle",
    "delete": "Ask to delete",
    "disable": "Ask to disable",
    "enable": "Ask to enable",
    "undo": "Undo",
}


class Dialogs:
    """Asks for reasons and names, and takes what was typed."""

    def __init__(
        self,
        asking: Asking,
        checks: Checks,
        driver: Driver,
        directory: Directory,
        forms: Forms,
        submissions: Submissions,
        looking: Looking,
        voice: Voice,
        work: Work,
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

    async def open_decision(self, act: str, request_id: str, asked: Asked) -> None:
        """Open the dialog in which a request is approved, denied or run without approval. Raises BotError."""
        actor = await self._directory.actor(asked.user, asked.team)
        request = await self._asking.check(request_id, actor, _DECISIONS[act])
        about = About.model_validate(
            {"act": act, "channel": asked.channel, "hook": asked.hook, "request_id": request_id}
        )
        await self._voice.open(asked, _VIEWS[act](request, about))

    async def open_ask(self, act: str, wanted: str, asked: Asked) -> None:
        """Ask why a warehouse is to be deleted, disabled or enabled."""

        async def fill() -> View:
            warehouse = await self._checks.find(wanted)
            if act != "delete" and switch(warehouse, on=act == "enable").nothing:
                state = "on" if warehouse.enabled else "off"
                return notice_view(_TITLES[act], f"{code(warehouse.name)} is already {state}; nothing was sent.")
            return _ask(act, asked, warehouse)

        await self._forms.open(asked, _TITLES[act], fill)

    async def open_undo(self, request_id: str, asked: Asked) -> None:
        """Ask why an update is to be taken back."""

        async def fill() -> View:
            change = (await self._asking.known(request_id, asked.user, "undo", Update)).request.change
            assert isinstance(change, Update), "it is asked for so"
            warehouse = await self._checks.find(change.target.id)
            waits = self._asking.waits(*actions_of(inverse(change, Target.of(warehouse))))
            return _ask("undo", asked, warehouse, request_id, waits=waits)

        await self._forms.open(asked, _TITLES["undo"], fill)

    async def open_settle(self, request_id: str, asked: Asked) -> None:
        """Ask what came of a request that the bot can't find out about."""

        async def fill() -> View:
            actor = await self._directory.actor(asked.user, asked.team)
            request = await self._asking.check_settle(request_id, actor)
            candidates = await self._looking.candidates(request)
            about = About(act="settle", channel=asked.channel, hook=asked.hook, request_id=request_id)
            return settle_view(request, about, candidates)

        await self._forms.open(asked, _TITLES["settle"], fill)

    async def submit(self, asked: Asked, view: View) -> Response:
        """Store what was typed, and say what Slack is to do with the dialog."""
        about, typed, patience = about_of(view), answers(view).typed, Patience(_ANSWER_WITHIN)
        try:
            stored = await self._take(about, typed, asked)
        except SecretTold as error:
            return {"response_action": "errors", "errors": {"reason": error.says}}
        except BotError as error:
            return _at_its_field(error, view) or _not_done(error)
        if about.act in _DECIDED:
            self._work.spawn(self._voice.telling(asked, self._carry_on(stored)), "carry on")
            return {}
        task = self._work.spawn(self._submissions.carry_on(stored), "dialog")
        if not await patience.lasts(task):
            self._work.spawn(self._voice.telling(asked, _outcome(task)), "slow dialog")
            return _shown("Warehouse", "⏳ Under way; the card has the outcome.")
        result = task.result()
        return _not_done(result) if isinstance(result, BotError) else {}

    async def _take(self, about: About, typed: Mapping[str, str], asked: Asked) -> Stored:
        reason = typed.get("reason", "")
        actor = await self._directory.actor(asked.user, asked.team)
        if about.act == "settle":
            return await self._settle(about, actor, typed.get("outcome", ""), reason)
        if about.act in _DECISIONS:
            return await self._decide(about, actor, reason, typed.get("name"))
        follows = None
        if about.act == "undo":
            follows = (await self._asking.known(about.request_id, asked.user, "undo", Update)).request

        async def change_of() -> Change:
            return _change(about, follows)

        change = await self._asking.audited(asked.user, about.act, change_of, about.request_id)
        return await self._asking.ask(change, actor, asked.channel, asked.once, reason, asked.form, follows=follows)

    async def _settle(self, about: About, actor: Actor, outcome: str, reason: str) -> Stored:
        async def verify(request: Request) -> None:
            if not outcome:  # Slack may leave a required input empty (bolt-js #1317)
                raise BadValue("Choose what happened. Nothing was done.")
            if outcome == NOT_DONE:
                return
            if not isinstance(request.change, Create) and outcome != request.change.target.id:
                raise Closed("That is another warehouse than the request is about. Look again.")
            listed = outcome in {each.id for each in await self._looking.candidates(request)}
            if isinstance(request.change, Delete) and listed:
                raise Closed("Segment still lists it, so it is not deleted.")
            if not isinstance(request.change, Delete) and not listed:
                raise Closed("Segment does not list that any more, or it belongs to another request. Look again.")

        warehouse_id = None if outcome == NOT_DONE else outcome
        return await self._asking.settle(about.request_id, actor, warehouse_id, reason, verify)

    async def _decide(self, about: About, actor: Actor, reason: str, typed_name: str | None) -> Stored:
        match about.act:
            case "approve":
                return await self._asking.approve(about.request_id, actor, typed_name)
            case "deny":
                return await self._asking.deny(about.request_id, actor, reason)
            case _:
                return await self._asking.break_glass(about.request_id, actor, reason, typed_name)

    async def _carry_on(self, stored: Stored) -> None:
        await self._driver.drive(stored.request.id)


async def _outcome(task: "asyncio.Task[Stored | BotError]") -> None:
    if isinstance(result := await task, BotError):
        raise result


def _change(about: About, follows: Request | None) -> Change:
    """What the dialog asks for; `follows` is the request that it takes back, if it does. Raises Closed."""
    target = about.target
    if target is None:
        raise Closed
    if follows is not None:
        updated = follows.change
        if not isinstance(updated, Update) or updated.target.id != target.id:
            raise Closed
        change = inverse(updated, target)
        if change.nothing:
            raise Closed("It replaced credentials only, and the old ones can't be read back; nothing was sent.")
        return change
    return Delete(target=target) if about.act == "delete" else Update(target=target, enabled=about.act == "enable")


def _at_its_field(error: BotError, view: View) -> Response | None:
    """The error on the field that it is about, where the dialog has that field."""
    field = {NameMismatch: "name", ReasonMissing: "reason"}.get(type(error), "")
    has_field = field in answers(view).labels
    return {"response_action": "errors", "errors": {field: error.says}} if has_field else None


def _not_done(error: BotError) -> Response:
    return _shown("Not done", f"⚠️ {said(error)}")


def _shown(title: str, text: str) -> Response:
    return {"response_action": "update", "view": notice_view(title, text)}


def _ask(act: str, asked: Asked, warehouse: Warehouse, request_id: str = "", *, waits: bool = True) -> View:
    about = About.model_validate(
        {
            "act": act,
            "channel": asked.channel,
            "hook": asked.hook,
            "request_id": request_id,
            "target": Target.of(warehouse),
        }
    )
    what = f"take back what `{request_id}` changed of" if act == "undo" else act
    which = f"{code(warehouse.name)} in {code(warehouse.space.slug)} (id {code(warehouse.id)})"
    text = f"You ask to {what} {which}."
    return ask_view(about, text, _TITLES[act], f"undo {request_id}" if act == "undo" else "", waits=waits)


def register(app: AsyncApp, dialogs: Dialogs, voice: Voice) -> None:
    """Answer submitted dialogs."""

    async def on_submit(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = submission_of(body)
        await ack(**voice.replied(await dialogs.submit(submission.asked, submission.view)))

    for act in (*_VIEWS, *_TITLES):
        app.view(f"dialog:{act}")(on_submit)
