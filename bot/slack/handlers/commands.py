"""/warehouse, and the buttons that stand for one of its commands."""

from collections.abc import Mapping

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Change, Create, Delete, Target, Update, again, switch
from bot.domain.commands import commands
from bot.domain.commands.commands import Command
from bot.domain.commands.parser import parse
from bot.domain.errors import BotError, NobodySees, NotAllowed, SlackFailed, UsageError
from bot.domain.lookup_errors import Ambiguous
from bot.domain.policy import Action, may_look, may_read_requests
from bot.domain.requests.request import OPEN, Request, Stored
from bot.domain.segment_errors import RateLimited
from bot.render.blocks import Message
from bot.render.cards import asked_again, card
from bot.render.history import history_message
from bot.render.inventory import choose_message, list_message, pending_message, show_message
from bot.render.mrkdwn import code
from bot.render.notices import error_message, help_message, notice
from bot.services.admission import Admission
from bot.services.approvals import Asking
from bot.services.history import Histories
from bot.services.inventory import Checks
from bot.services.ports import Now, Requests
from bot.services.reconciler import Driver
from bot.slack.background import Work
from bot.slack.handlers.dialogs import Dialogs
from bot.slack.handlers.forms import Forms
from bot.slack.messenger import Asked, Voice
from bot.slack.payloads import command_of

log = structlog.get_logger(__name__)

NAME = "/warehouse"

#: The longest that Segment's "wait" is waited for, in seconds; a response_url lives 30 minutes.
_LONGEST_WAIT = 300

#: Requests about a warehouse that are looked through for one that asks again what ended.
_LATER = 50


class Commands:
    """Runs commands for people, and tells them what came of it."""

    def __init__(
        self,
        checks: Checks,
        asking: Asking,
        driver: Driver,
        requests: Requests,
        histories: Histories,
        admission: Admission,
        forms: Forms,
        dialogs: Dialogs,
        voice: Voice,
        work: Work,
        now: Now,
    ) -> None:
        self._work = work
        self._checks = checks
        self._asking = asking
        self._driver = driver
        self._requests = requests
        self._histories = histories
        self._admission = admission
        self._forms = forms
        self._dialogs = dialogs
        self._voice = voice
        self._now = now

    async def read(self, text: str, asked: Asked) -> None:
        """Run what a person typed. Every error is told to them."""
        try:
            await self._admission.demand(may_look, asked.user, asked.team, "command")
            command = parse(text)
        except (UsageError, NotAllowed) as error:
            await self._voice.answer(asked, error_message(error))
            return
        await self.run(command, asked)

    async def run(self, command: Command, asked: Asked) -> None:
        """Run `command`. Every error is told to the one who asked."""
        log.info("command", command=type(command).__name__.lower(), user=asked.user, channel=asked.channel)
        try:
            await self._patiently(command, asked)
        except Ambiguous as error:
            word = type(command).__name__.lower()
            await self._voice.answer(asked, choose_message(error.wanted, error.matches, word))
        except BotError as error:
            await self._voice.answer(asked, error_message(error, command))
        except Exception:
            await self._voice.answer(asked, notice("Something went wrong inside the bot; its log says what."))
            raise

    async def turn(self, command: commands.List) -> Message:
        """The page that a list's button asks for. Raises BotError."""
        return list_message(await self._checks.listing(command))

    async def _patiently(self, command: Command, asked: Asked) -> None:
        try:
            await self._run(command, asked)
        except RateLimited as error:
            wait = error.retry_after
            if not isinstance(command, commands.List | commands.Show) or wait is None or wait > _LONGEST_WAIT:
                raise
            told = f"Segment asks us to wait {wait:.0f} s. I'll post it here then."
            await self._voice.answer(asked, notice(told))
            if not await self._work.pause(wait):
                await self._voice.answer(asked, notice("The bot is being restarted, so it won't come: ask again."))
                return
            await self._run(command, asked)

    async def _run(self, command: Command, asked: Asked) -> None:
        match command:
            case commands.Help(topic=topic):
                await self._voice.answer(asked, help_message(topic))
            case commands.List():
                await self._show(asked, await self.turn(command), private=command.private)
            case commands.Show():
                warehouse = await self._checks.find(command.warehouse)
                last = await self._requests.last_done(warehouse.id)
                await self._show(asked, show_message(warehouse, self._now(), last), private=command.private)
            case commands.Pending():
                await self._pending(asked)
            case commands.History(warehouse=wanted):
                await self._admission.demand(may_read_requests, asked.user, asked.team, "history")
                await self._voice.answer(asked, history_message(await self._histories.of(wanted), self._now()))
            case commands.Create(space=space):
                await self._forms.open_create(asked, space)
            case commands.Update(warehouse=wanted):
                await self._forms.open_update(asked, wanted)
            case commands.Enable() | commands.Disable() | commands.Delete():
                await self._change(command, asked)

    async def _show(self, asked: Asked, message: Message, *, private: bool) -> None:
        if private:
            await self._voice.answer(asked, message)
        else:
            await self._voice.post(asked.channel, message)

    async def _change(self, command: commands.Enable | commands.Disable | commands.Delete, asked: Asked) -> None:
        act = type(command).__name__.lower()
        if self._asking.waits(Action(act)) and command.reason is None:
            await self._dialogs.open_ask(act, command.warehouse, asked)
            return
        warehouse = await self._checks.find(command.warehouse)
        if isinstance(command, commands.Delete):
            await self.ask(asked, Delete(target=Target.of(warehouse)), command.reason or "")
            return
        update = switch(warehouse, on=act == "enable")
        if update.nothing:
            state = "on" if warehouse.enabled else "off"
            await self._voice.answer(asked, notice(f"{code(warehouse.name)} is already {state}; nothing was sent."))
            return
        await self.ask(asked, update, command.reason or "")

    async def ask(self, asked: Asked, change: Change, reason: str, after: Request | None = None) -> Stored:
        """Store the request for `change`, which asks for `after` again if it does, and drive it. Raises BotError."""
        actor = await self._admission.actor(asked.user, asked.team)
        stored = await self._asking.ask(change, actor, asked.channel, asked.once, reason, after=after)
        return await self._driver.drive(stored.request.id)

    async def ask_again(self, request_id: str, asked: Asked) -> None:
        """Ask once more, of the warehouse as it is now, for what was asked; who presses later is led there.

        Raises BotError.
        """
        stored = await self._asking.known(request_id, asked.user, "ask again", Update, Delete)
        change = stored.request.change
        assert not isinstance(change, Create), "it is asked for so"
        if followed := await self._followed(stored.request, change.target.id):
            await self._voice.answer(asked, notice(await self._leading(followed)))
            return
        warehouse = await self._checks.find(change.target.id)
        new = await self.ask(asked, again(change, warehouse), stored.request.reason, stored.request)
        await self._lead(stored, new)

    async def _followed(self, request: Request, warehouse_id: str) -> Stored | None:
        """The request that asks for `request` again, unless nobody has ever seen it."""
        later = await self._requests.about(warehouse_id, _LATER)
        seen = (each for each in later if each.card or each.request.state in OPEN)
        return next((each for each in seen if each.request.again_of == request.id), None)

    async def _leading(self, new: Stored) -> str:
        return asked_again(new.request, await self._voice.link(new.card) if new.card else None)

    async def _lead(self, ended: Stored, new: Stored) -> None:
        if ended.card is None:
            return
        try:
            await self._voice.update(ended.card, card(ended.request, await self._leading(new)))
        except (SlackFailed, NobodySees) as error:  # its button leads there, too
            log.info("card does not lead on", request=ended.request.id, error=type(error).__name__)

    async def recreate(self, request_id: str, asked: Asked) -> None:
        """Open the form for a new warehouse, filled with what was known of a deleted one. Raises BotError."""
        change = (await self._asking.known(request_id, asked.user, "recreate", Delete)).request.change
        assert isinstance(change, Delete), "it is asked for so"
        await self._forms.open_like(asked, change.target, request_id)

    async def undo(self, request_id: str, asked: Asked) -> None:
        """Ask for the inverse of an update. Raises BotError."""
        await self._dialogs.open_undo(request_id, asked)

    async def settle(self, request_id: str, asked: Asked) -> None:
        """Ask what came of a request that the bot can't find out about. Raises BotError."""
        await self._dialogs.open_settle(request_id, asked)

    async def _pending(self, asked: Asked) -> None:
        await self._admission.demand(may_read_requests, asked.user, asked.team, "pending")
        requests = await self._requests.open()
        links = await self._voice.links(requests)
        await self._voice.answer(asked, pending_message(requests, links, self._now()))


def register(app: AsyncApp, commands: Commands, work: Work) -> None:
    """Answer /warehouse at once, and run it afterwards."""

    @app.command(NAME)
    async def on_command(ack: AsyncAck, body: Mapping[str, object]) -> None:
        command = command_of(body)
        work.spawn(commands.read(command.text, command.asked), "command")
        await ack()
