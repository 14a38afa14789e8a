"""/warehouse, and the buttons that stand for one of its commands."""

from collections.abc import Mapping

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot, build_toggle, rebase_change
from bot.domain.commands import commands
from bot.domain.commands.commands import Command
from bot.domain.commands.parser import parse_command
from bot.domain.errors import BotError, ChannelInaccessible, NotAllowed, SlackFailed, UsageError
from bot.domain.lookup_errors import AmbiguousWarehouse
from bot.domain.policy import Action, may_view_requests, may_view_warehouses
from bot.domain.requests.request import OPEN_STATES, Request, StoredRequest
from bot.domain.segment_errors import RateLimited
from bot.render.blocks import Message
from bot.render.cards import describe_successor, render_card
from bot.render.history import render_history
from bot.render.inventory import render_open_requests, render_warehouse, render_warehouse_choice, render_warehouse_list
from bot.render.mrkdwn import code
from bot.render.notices import render_error, render_help, render_notice
from bot.services.admission import AccessControl
from bot.services.approvals import Approvals
from bot.services.history import HistoryReader
from bot.services.inventory import Inventory
from bot.services.ports import Now, RequestStore
from bot.services.reconciler import Reconciler
from bot.slack.background import BackgroundTasks
from bot.slack.handlers.dialogs import DialogHandler
from bot.slack.handlers.forms import FormHandler
from bot.slack.messenger import Interaction, Messenger
from bot.slack.payloads import parse_slash_command

log = structlog.get_logger(__name__)

COMMAND_NAME = "/warehouse"

#: The longest that Segment's "wait" is waited for, in seconds; a response_url lives 30 minutes.
_LONGEST_WAIT = 300

#: Requests about a warehouse that are looked through for one that asks again what ended.
_LATER = 50


class CommandHandler:
    """Runs commands for people, and tells them what came of it."""

    def __init__(
        self,
        checks: Inventory,
        asking: Approvals,
        driver: Reconciler,
        requests: RequestStore,
        histories: HistoryReader,
        admission: AccessControl,
        forms: FormHandler,
        dialogs: DialogHandler,
        voice: Messenger,
        work: BackgroundTasks,
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

    async def run_text(self, text: str, asked: Interaction) -> None:
        """Run what a person typed. Every error is told to them."""
        try:
            await self._admission.require_permission(may_view_warehouses, asked.user_id, asked.team_id, "command")
            command = parse_command(text)
        except (UsageError, NotAllowed) as error:
            await self._voice.reply_privately(asked, render_error(error))
            return
        await self.run_command(command, asked)

    async def run_command(self, command: Command, asked: Interaction) -> None:
        """Run `command`. Every error is told to the one who asked."""
        log.info("command", command=type(command).__name__.lower(), user=asked.user_id, channel=asked.channel_id)
        try:
            await self._patiently(command, asked)
        except AmbiguousWarehouse as error:
            word = type(command).__name__.lower()
            await self._voice.reply_privately(asked, render_warehouse_choice(error.identifier, error.matches, word))
        except BotError as error:
            await self._voice.reply_privately(asked, render_error(error, command))
        except Exception:
            await self._voice.reply_privately(
                asked, render_notice("Something went wrong inside the bot; its log says what.")
            )
            raise

    async def build_list_message(self, command: commands.List) -> Message:
        """The page that a list's button asks for. Raises BotError."""
        return render_warehouse_list(await self._checks.list_warehouses(command))

    async def _patiently(self, command: Command, asked: Interaction) -> None:
        try:
            await self._run(command, asked)
        except RateLimited as error:
            wait = error.retry_after
            if not isinstance(command, commands.List | commands.Show) or wait is None or wait > _LONGEST_WAIT:
                raise
            told = f"Segment asks us to wait {wait:.0f} s. I'll post it here then."
            await self._voice.reply_privately(asked, render_notice(told))
            if not await self._work.sleep(wait):
                await self._voice.reply_privately(
                    asked, render_notice("The bot is being restarted, so it won't come: ask again.")
                )
                return
            await self._run(command, asked)

    async def _run(self, command: Command, asked: Interaction) -> None:
        match command:
            case commands.Help(topic=topic):
                await self._voice.reply_privately(asked, render_help(topic))
            case commands.List():
                await self._show(asked, await self.build_list_message(command), private=command.private)
            case commands.Show():
                warehouse = await self._checks.find_warehouse(command.warehouse)
                last = await self._requests.find_last_succeeded(warehouse.id)
                await self._show(asked, render_warehouse(warehouse, self._now(), last), private=command.private)
            case commands.Pending():
                await self._pending(asked)
            case commands.History(warehouse=wanted):
                await self._admission.require_permission(may_view_requests, asked.user_id, asked.team_id, "history")
                await self._voice.reply_privately(
                    asked, render_history(await self._histories.read(wanted), self._now())
                )
            case commands.Create(space=space):
                await self._forms.open_create_form(asked, space)
            case commands.Update(warehouse=wanted):
                await self._forms.open_update_form(asked, wanted)
            case commands.Enable() | commands.Disable() | commands.Delete():
                await self._change(command, asked)

    async def _show(self, asked: Interaction, message: Message, *, private: bool) -> None:
        if private:
            await self._voice.reply_privately(asked, message)
        else:
            await self._voice.post_message(asked.channel_id, message)

    async def _change(self, command: commands.Enable | commands.Disable | commands.Delete, asked: Interaction) -> None:
        act = type(command).__name__.lower()
        if self._asking.needs_approval(Action(act)) and command.reason is None:
            await self._dialogs.open_reason_dialog(act, command.warehouse, asked)
            return
        warehouse = await self._checks.find_warehouse(command.warehouse)
        if isinstance(command, commands.Delete):
            await self.request_change(asked, Delete(target=WarehouseSnapshot.of(warehouse)), command.reason or "")
            return
        update = build_toggle(warehouse, enabled=act == "enable")
        if update.is_empty:
            state = "on" if warehouse.enabled else "off"
            await self._voice.reply_privately(
                asked, render_notice(f"{code(warehouse.name)} is already {state}; nothing was sent.")
            )
            return
        await self.request_change(asked, update, command.reason or "")

    async def request_change(
        self, asked: Interaction, change: Change, reason: str, after: Request | None = None
    ) -> StoredRequest:
        """Store the request for `change`, which asks for `after` again if it does, and drive it. Raises BotError."""
        actor = await self._admission.get_actor(asked.user_id, asked.team_id)
        stored = await self._asking.request(
            change, actor, asked.channel_id, asked.idempotency_key, reason, again_of=after
        )
        return await self._driver.reconcile(stored.request.id)

    async def request_again(self, request_id: str, asked: Interaction) -> None:
        """Ask once more, of the warehouse as it is now, for what was asked; who presses later is led there.

        Raises BotError.
        """
        stored = await self._asking.get_request(request_id, asked.user_id, "ask again", Update, Delete)
        change = stored.request.change
        assert not isinstance(change, Create), "it is asked for so"
        if followed := await self._followed(stored.request, change.target.id):
            await self._voice.reply_privately(asked, render_notice(await self._leading(followed)))
            return
        warehouse = await self._checks.find_warehouse(change.target.id)
        new = await self.request_change(asked, rebase_change(change, warehouse), stored.request.reason, stored.request)
        await self._lead(stored, new)

    async def _followed(self, request: Request, warehouse_id: str) -> StoredRequest | None:
        """The request that asks for `request` again, unless nobody has ever seen it."""
        later = await self._requests.list_by_warehouse(warehouse_id, _LATER)
        seen = (each for each in later if each.card or each.request.state in OPEN_STATES)
        return next((each for each in seen if each.request.again_of == request.id), None)

    async def _leading(self, new: StoredRequest) -> str:
        return describe_successor(new.request, await self._voice.get_permalink(new.card) if new.card else None)

    async def _lead(self, ended: StoredRequest, new: StoredRequest) -> None:
        if ended.card is None:
            return
        try:
            await self._voice.update_message(ended.card, render_card(ended.request, await self._leading(new)))
        except (SlackFailed, ChannelInaccessible) as error:  # its button leads there, too
            log.info("card does not lead on", request=ended.request.id, error=type(error).__name__)

    async def open_recreate_form(self, request_id: str, asked: Interaction) -> None:
        """Open the form for a new warehouse, filled with what was known of a deleted one. Raises BotError."""
        change = (await self._asking.get_request(request_id, asked.user_id, "recreate", Delete)).request.change
        assert isinstance(change, Delete), "it is asked for so"
        await self._forms.open_recreate_form(asked, change.target, request_id)

    async def open_undo_dialog(self, request_id: str, asked: Interaction) -> None:
        """Ask for the inverse of an update. Raises BotError."""
        await self._dialogs.open_undo_dialog(request_id, asked)

    async def open_settle_dialog(self, request_id: str, asked: Interaction) -> None:
        """Ask what came of a request that the bot can't find out about. Raises BotError."""
        await self._dialogs.open_settle_dialog(request_id, asked)

    async def _pending(self, asked: Interaction) -> None:
        await self._admission.require_permission(may_view_requests, asked.user_id, asked.team_id, "pending")
        requests = await self._requests.list_open()
        links = await self._voice.get_permalinks(requests)
        await self._voice.reply_privately(asked, render_open_requests(requests, links, self._now()))


def register_listeners(app: AsyncApp, commands: CommandHandler, work: BackgroundTasks) -> None:
    """Answer /warehouse at once, and run it afterwards."""

    @app.command(COMMAND_NAME)
    async def on_command(ack: AsyncAck, body: Mapping[str, object]) -> None:
        command = parse_slash_command(body)
        work.spawn(commands.run_text(command.text, command.interaction), "command")
        await ack()
