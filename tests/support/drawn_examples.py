"""Everything the bot can draw, with what `say` says wherever a stranger's words stand."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from pydantic import JsonValue

from bot.domain import errors as e
from bot.domain import lookup_errors as f
from bot.domain import segment_errors as s
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot, build_toggle
from bot.domain.changes.diff import find_drift
from bot.domain.commands import commands
from bot.domain.commands.list_query import UnreadableSpace, build_warehouse_page
from bot.domain.policy import Policy
from bot.domain.redaction.settings import list_plain_keys
from bot.domain.requests.history import WarehouseHistories, WarehouseHistory
from bot.domain.requests.request import Request, StoredRequest
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import (
    Approve,
    BreakGlass,
    Claim,
    Deny,
    Escalate,
    Expire,
    Fail,
    MarkUnknown,
    Remind,
    Succeed,
    Supersede,
    Transition,
)
from bot.domain.secret_errors import MaskedValue, SecretExposed
from bot.domain.secret_rules import may_use_secret
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import SecretRef, Warehouse, WarehouseType
from bot.render import dialogs, forms, inventory, open_requests
from bot.render.blocks import Message
from bot.render.cards import render_card, render_duplicate_card
from bot.render.history import render_history
from bot.render.home import render_home
from bot.render.mrkdwn import code
from bot.render.notices import render_error
from bot.render.phrases import format_error
from bot.render.secret_fields import SecretInputOptions, add_secret_link, mark_erased, mark_received
from bot.render.threads import render_thread_reply
from bot.segment import mapping
from bot.segment import models as m
from bot.segment.catalog import load_catalog
from tests.support.samples import ALICE, NOON, kind, later, request

Say = Callable[[], str]

LINK = "https://x.slack.com/archives/C1/p1"
SNOWFLAKE = kind("snowflake")


class Scenes:
    """The messages and views of one run. Each call of `say` is another stranger."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.space = mapping.map_space(m.WireSpace(id="sp1", slug=say(), name=say()))
        self.novel = mapping.map_warehouse_type(m.WireWarehouseType(id="m1", slug=say(), name=say()), load_catalog())

    def messages(self) -> Iterator[Message]:
        """Every message."""
        one, other = self.warehouse(SNOWFLAKE), self.warehouse(self.novel, enabled=False)
        unread = UnreadableSpace(space=self.space, user_message=self.refusal(s.ServerFailed).user_message)
        query = commands.List(space=self.say(), type=self.say(), find=self.say())
        yield inventory.render_warehouse_list(
            build_warehouse_page(commands.List(), [self.space], [one, other] * 5, NOON, [unread])
        )
        yield inventory.render_warehouse_list(build_warehouse_page(query, [self.space] * 6, [], NOON))
        yield inventory.render_warehouse_list(build_warehouse_page(commands.List(), [self.space], [], NOON))
        yield inventory.render_warehouse_choice(self.say(), [one, other] * 12, "show")
        for each in (one, other):
            yield inventory.render_warehouse(each, NOON)
        for error, command in self.errors():
            yield render_error(error, command)
        requests = [life for change in self.changes() for life in self.lives(change)]
        for moved in requests:
            yield render_card(moved)
            yield render_duplicate_card(moved, LINK)
            for move in moved.history:
                if told := render_thread_reply(moved, move, one):
                    yield told
        stored = [StoredRequest(request=each) for each in requests]
        yield open_requests.render_open_requests(
            [each for each in stored if each.request.is_waiting], {"W-000001": LINK}, NOON
        )
        events = [SegmentEvent(at=self.say(), type=self.say(), actor=self.say()) for _ in range(12)]
        for at in range(0, len(stored), 10):
            asked = tuple(each.request for each in stored[at : at + 10])
            there = WarehouseHistory(
                name=other.name, warehouse_id=other.id, warehouse=other, requests=asked, segment_events=tuple(events)
            )
            gone = WarehouseHistory(
                name=self.say(), warehouse_id="w9", warehouse=None, requests=asked, segment_events=None
            )
            yield render_history(WarehouseHistories(histories=(there, gone), omitted_count=2), NOON)

    def views(self) -> Iterator[forms.View]:
        """Every modal, and the Home."""
        one, other = self.warehouse(SNOWFLAKE), self.warehouse(self.novel)
        ways = SecretInputOptions(
            tuple({self.say()[:75] for _ in range(3)}), has_secret_page=True, can_type_secrets=True
        )
        origin = forms.FormContext(channel="C0OPS", hook="https://hooks.slack.com/commands/1234")
        new = forms.render_create_form([self.space], [SNOWFLAKE, self.novel], origin, self.space, self.novel)
        yield new
        for each in (one, other):
            target = WarehouseSnapshot.of(each)
            yield forms.add_type_fields(new, each.type, ways, template=target, has_reason_field=True)
            form = forms.render_update_form(each, origin, ways, has_reason_field=True)
            yield forms.replace_blocks(
                form, add_secret_link(form, "password", self.say(), "https://bot.example.com/s/1", NOON)
            )
            yield forms.replace_blocks(form, mark_received(form, {"password": self.say()}))
            yield forms.replace_blocks(form, mark_erased(form, ["password"]))
            yield forms.add_note(form, format_error(self.refusal(s.Invalid)), {"name": self.say()}, on_top=True)
            about = dialogs.DialogContext(act="delete", channel="C0OPS", hook=origin.hook, target=target)
            yield dialogs.render_reason_dialog(about, f"You ask to delete {code(each.name)}.", "Ask to delete")
        for error, _ in self.errors():
            yield forms.render_error_modal("Not done", error)
        waiting = []
        for change in self.changes():
            asked = self.asked(change)
            waiting.append(StoredRequest(request=asked))
            about = dialogs.DialogContext(act="deny", channel="C0OPS", request_id=asked.id)
            yield from (
                view(asked, about)
                for view in (
                    dialogs.render_approve_dialog,
                    dialogs.render_deny_dialog,
                    dialogs.render_break_glass_dialog,
                )
            )
            lost = advance(advance(asked, _VOTE), _CLAIM)
            yield dialogs.render_settle_dialog(advance(lost, self.loss()), about, [one])
        yield render_home(waiting * 20, {"W-000001": LINK}, NOON)

    def warehouse(self, type_: WarehouseType, *, enabled: bool = True) -> Warehouse:
        """A warehouse in which strangers wrote whatever can be written."""
        named = {setting.name: self.say() for setting in type_.settings if not setting.is_secret}
        settings: dict[str, JsonValue] = {**named, "name": self.say(), self.say(): self.say()}
        return Warehouse(
            id="w1", space=self.space, type=type_, enabled=enabled, settings=settings, schema_name=self.say()
        )

    def changes(self) -> Iterator[Change]:
        """One change of each kind."""
        one, other = self.warehouse(SNOWFLAKE), self.warehouse(self.novel)
        yield Delete(target=WarehouseSnapshot.of(one))
        yield Delete(target=WarehouseSnapshot.of(other))
        yield build_toggle(one, enabled=False)
        refs = {"password": SecretRef(name=self.say()), self.say(): SecretRef(name=self.say())}
        after = {setting.name: self.say() for setting in SNOWFLAKE.settings if not setting.is_secret}
        before = {key: one.settings[key] for key in after}
        name, schema = self.say()[:200].strip() or "x", self.say()
        yield Update(
            target=WarehouseSnapshot.of(one),
            name=name,
            schema_name=schema,
            settings={**after, self.say(): self.say()},
            secrets=refs,
            before=before,
            plain_keys=list_plain_keys(SNOWFLAKE),
        )
        yield Create(
            space=self.space,
            metadata_id="m1",
            type_slug=self.novel.slug,
            type_name=self.novel.name,
            name=name,
            schema_name=schema,
            settings=after,
            secrets=refs,
        )

    def asked(self, change: Change) -> Request:
        """A request for it, with a reason."""
        return request(change).model_copy(update={"reason": self.say(), "expires_at": later(3600), "glass": "<@U0BOB>"})

    def lives(self, change: Change) -> Iterator[Request]:
        """A request for it in every state."""
        asked = self.asked(change)
        running = advance(advance(asked, _VOTE), _CLAIM)
        errors = (s.FieldError(type=self.say(), message=self.say(), field=self.say()),)
        now = self.warehouse(SNOWFLAKE)
        found = find_drift(change.target, now) if not isinstance(change, Create) else ()
        moves: tuple[tuple[Request, Transition], ...] = (
            (asked, _VOTE),
            (asked, BreakGlass(by="U0BOB", at=later(1), reason=self.say())),
            (asked, Deny(by="U0BOB", at=later(1), reason=self.say())),
            (asked, Remind(at=later(1), again_at=later(9))),
            (asked, Escalate(at=later(1))),
            (asked, Expire(at=later(3600))),
            (asked, Supersede(at=later(1), drift=found)),
            (asked, Supersede(at=later(1), gone=True)),
            (running, Succeed(at=later(3), warehouse_id="w1", verified=True)),
            (running, Succeed(at=later(3), warehouse_id="w1", verified=False, note=self.say())),
            (running, Fail(at=later(3), reason=self.refusal(s.Invalid).user_message, errors=errors)),
            (running, self.loss()),
        )
        yield asked
        yield from (advance(before, move) for before, move in moves)
        unknown = advance(advance(running, self.loss()), self.loss())
        yield advance(unknown, Fail(at=later(9), by="U0BOB", reason=self.say()))
        yield advance(unknown, Succeed(at=later(9), by="U0BOB", warehouse_id="w1", verified=False, note=self.say()))

    def loss(self) -> MarkUnknown:
        """An answer that was lost."""
        return MarkUnknown(at=later(4), reason=self.refusal(s.ServerFailed).user_message, again_at=later(34))

    def refusal(self, error: type[s.SegmentError]) -> s.SegmentError:
        """Segment's complaint, twenty times."""
        entries = tuple(s.FieldError(type=self.say(), message=self.say(), field=self.say()) for _ in range(20))
        return error("createProfilesWarehouse", 422, entries)

    def errors(self) -> Iterator[tuple[e.BotError, commands.Command | None]]:
        """Every error that can quote somebody, and the command that ended in it."""
        yield self.refusal(s.Invalid), None
        yield self.refusal(s.ServerFailed), None
        one = self.warehouse(SNOWFLAKE)
        nearest = commands.Show(warehouse=self.say())
        yield f.NotFound("warehouse", self.say(), (self.say(), self.say())), nearest
        yield f.NotFound("space", self.say()), None
        yield e.UsageError(f"I don't know {e.quote_code(self.say())}.", "list", f"-{self.say()}"), None
        yield f.AmbiguousWarehouse(self.say(), (self.warehouse(SNOWFLAKE),) * 3), None
        ended = advance(advance(advance(self.asked(Delete(target=WarehouseSnapshot.of(one))), _VOTE), _CLAIM), _DONE)
        yield f.WarehouseDeleted(self.say(), ended), None
        yield SecretExposed((self.say(), self.say())), None
        yield MaskedValue((self.say(), self.say())), None
        yield e.SecretMissing(self.say()), None
        yield e.NotAllowed(may_use_secret(ALICE, self.say(), Policy(secrets={})).reason), None
        yield e.SlackFailed("chat.postMessage", self.say()), None
        yield e.ChannelInaccessible("C0OPS"), None


_VOTE = Approve(by="U0BOB", at=later(1))
_DONE = Succeed(at=later(3), warehouse_id="w1", verified=True)
_CLAIM = Claim(by="p1", at=later(2), until=later(2) + timedelta(minutes=5))
