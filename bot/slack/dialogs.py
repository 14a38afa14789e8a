"""The small modals around a request: opened by a button or a command, stored before the ack when submitted."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.actors import Actor
from bot.domain.changes import Change, Delete, Target, Update, inverse, switch
from bot.domain.errors import BadValue, BotError, Closed
from bot.domain.history import what_happened
from bot.domain.moves import Approve, BreakGlass, Deny
from bot.domain.policy import action_of
from bot.domain.requests import Stored
from bot.domain.warehouses import Warehouse
from bot.render.answers import answers
from bot.render.dialogs import NOT_DONE, About, about_of, approve_view, ask_view, deny_view, glass_view, settle_view
from bot.render.forms import View, notice_view
from bot.render.mrkdwn import bare, code, said
from bot.services.asking import Asking, Vote
from bot.services.checks import Checks
from bot.services.driver import Driver
from bot.services.looking import Looking
from bot.services.ports import Directory, Now, Requests
from bot.slack.forms import Forms
from bot.slack.payloads import submission_of
from bot.slack.submissions import Response, Submissions
from bot.slack.voice import Asked, Voice
from bot.slack.work import Patience, Work

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
        requests: Requests,
        checks: Checks,
        driver: Driver,
        directory: Directory,
        forms: Forms,
        submissions: Submissions,
        looking: Looking,
        voice: Voice,
        work: Work,
        now: Now,
    ) -> None:
        self._looking = looking
        self._now = now
        self._asking = asking
        self._requests = requests
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
            change = await self._updated(request_id, asked)
            warehouse = await self._checks.find(change.target.id)
            waits = self._asking.waits(action_of(inverse(change, Target.of(warehouse))))
            return _ask("undo", asked, warehouse, request_id, waits=waits)

        await self._forms.open(asked, _TITLES["undo"], fill)

    async def open_settle(self, request_id: str, asked: Asked) -> None:
        """Ask what came of a request that the bot can't find out about."""

        async def fill() -> View:
            stored = await self._asking.known(request_id, asked.user, "settle")
            if not stored.request.undecidable:
                raise Closed(what_happened(stored.request, self._now()))
            candidates = await self._looking.candidates(stored.request)
            about = About(act="settle", channel=asked.channel, hook=asked.hook, request_id=request_id)
            return settle_view(stored.request, about, candidates)

        await self._forms.open(asked, _TITLES["settle"], fill)

    async def submit(self, asked: Asked, view: View) -> Response:
        """Store what was typed, and say what Slack is to do with the dialog."""
        about, typed, patience = about_of(view), answers(view).typed, Patience(_ANSWER_WITHIN)
        try:
            problem = await self._misnamed(about, typed)
            if problem:
                return {"response_action": "errors", "errors": {"name": problem}}
            stored = await self._take(about, typed, asked)
        except BotError as error:
            return _not_done(error)
        if about.act in _DECIDED:
            self._work.spawn(self._voice.telling(asked, self._carry_on(stored)), "carry on")
            return {}
        task = self._work.spawn(self._submissions.carry_on(stored), "dialog")
        if not await patience.lasts(task):
            self._work.spawn(self._voice.telling(asked, _outcome(task)), "slow dialog")
            return _shown("Warehouse", "⏳ Under way; the card has the outcome.")
        result = task.result()
        return _not_done(result) if isinstance(result, BotError) else {}

    async def _misnamed(self, about: About, typed: Mapping[str, str]) -> str:
        if "name" not in typed or about.act not in {"approve", "glass"}:
            return ""
        stored = await self._requests.get(about.request_id)
        right = stored.request.change.warehouse_name if stored else ""
        return "" if _as_shown(typed["name"]) == _as_shown(right) else "That is not its name. Nothing was approved."

    async def _take(self, about: About, typed: Mapping[str, str], asked: Asked) -> Stored:
        reason = typed.get("reason", "").strip()
        actor = await self._directory.actor(asked.user, asked.team)
        if about.act == "settle":
            outcome = typed.get("outcome", "")
            if not outcome:  # Slack may leave a required input empty (bolt-js #1317)
                raise BadValue("Choose what happened. Nothing was done.")
            await self._still_there(about.request_id, outcome)
            return await self._asking.settle(about.request_id, actor, None if outcome == NOT_DONE else outcome, reason)
        if about.act in _DECISIONS:
            return await self._decide(about, actor, reason)
        change = await self._change(about, asked)
        return await self._asking.ask(change, actor, asked.channel, asked.once, reason, asked.form)

    async def _still_there(self, request_id: str, outcome: str) -> None:
        stored = await self._requests.get(request_id)
        if stored is None or outcome == NOT_DONE:
            return
        listed = outcome in {each.id for each in await self._looking.candidates(stored.request)}
        if isinstance(stored.request.change, Delete) and listed:
            raise Closed("Segment still lists it, so it is not deleted.")
        if not isinstance(stored.request.change, Delete) and not listed:
            raise Closed("Segment does not list that any more, or it belongs to another request. Look again.")

    async def _decide(self, about: About, actor: Actor, reason: str) -> Stored:
        match about.act:
            case "approve":
                return await self._asking.approve(about.request_id, actor)
            case "deny":
                return await self._asking.deny(about.request_id, actor, reason)
            case _:
                return await self._asking.break_glass(about.request_id, actor, reason)

    async def _change(self, about: About, asked: Asked) -> Change:
        target = about.target
        if target is None:
            raise Closed
        match about.act:
            case "delete":
                return Delete(target=target)
            case "undo":
                change = inverse(await self._updated(about.request_id, asked), target)
                if change.nothing:
                    raise Closed("It replaced credentials only, and the old ones can't be read back; nothing was sent.")
                return change
            case _:
                return Update(target=target, enabled=about.act == "enable")

    async def _updated(self, request_id: str, asked: Asked) -> Update:
        stored = await self._asking.known(request_id, asked.user, "undo")
        if not isinstance(stored.request.change, Update):
            raise Closed
        return stored.request.change

    async def _carry_on(self, stored: Stored) -> None:
        await self._driver.drive(stored.request.id)


async def _outcome(task: "asyncio.Task[Stored | BotError]") -> None:
    if isinstance(result := await task, BotError):
        raise result


def _as_shown(name: str) -> str:
    # Nobody can type more of a name than is shown.
    return bare(name).rstrip("…")


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
