"""Testing a connection: by whom, with which secrets, to where, and what of it the audit trail keeps."""

import json

import pytest

from bot.domain import errors as e
from bot.domain import segment_errors as s
from bot.domain.actors import Actor, ActorKind
from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import WarehouseSnapshot
from bot.domain.decision_errors import SpaceNotAllowed
from bot.domain.policy import Action, Policy, Rule, SecretRule
from bot.domain.warehouses import SecretRef, Space
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.connection_tests import ConnectionTest, ConnectionTester
from bot.services.inventory import Inventory
from bot.services.ports import SettingsToSend
from bot.store.audit import AuditLog
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeClock, FakeSecrets, FakeSegment
from tests.support.samples import ALICE, BOB, PROD, kind, warehouse

TEAM = frozenset({"S0DATA"})
POLICY = Policy(
    rules={Action.UPDATE: Rule(approvers=TEAM), Action.CREATE: Rule(approvals=0)},
    secrets={
        "LOADER": SecretRule(users=TEAM, hosts=frozenset({"*.redshift.amazonaws.com"})),
        "*": SecretRule(users=frozenset({"everyone"})),
    },
)
SETTINGS = {"hostname": "db.redshift.amazonaws.com", "port": "5439", "database": "d", "username": "u"}
LOADER = {"password": SecretRef(name="LOADER")}
NEW = ConnectionTest(type=kind("redshift"), name="new", space=PROD, settings=SETTINGS, secrets=LOADER)
EVIL = NEW.model_copy(update={"settings": SETTINGS | {"hostname": "evil.example.com"}})
GUEST = Actor(id="U0GUEST", kind=ActorKind.GUEST, groups=TEAM)


class Bench:
    """Connections over a real store, with what the trail then holds."""

    def __init__(self, store: SqlRequestStore, policy: Policy = POLICY) -> None:
        self.store, self.segment, self.secrets = store, FakeSegment(), FakeSecrets(LOADER="hunter2", OTHER="hunter3")
        now = FakeClock().now
        spaces = AllowedSpaces(Inventory(self.segment, store, now))
        self.connections = ConnectionTester(self.segment, self.secrets, policy, store, spaces, now)

    async def entries(self) -> list[AuditEntry]:
        return [
            AuditEntry.model_validate_json(each.entry_json)
            async for each in AuditLog(self.store._engine).read_entries()
        ]


@pytest.fixture
def bench(store: SqlRequestStore) -> Bench:
    return Bench(store)


async def test_a_test_is_in_the_trail_before_it_is_sent_and_with_its_outcome(bench: Bench) -> None:
    assert await bench.connections.test_connection(BOB, NEW) == "CONNECTED"
    started, ended = await bench.entries()
    assert [(each.actor, each.action, each.state, each.refused) for each in (started, ended)] == [
        ("U0BOB", "test connection", "started", ""),
        ("U0BOB", "test connection", "CONNECTED", ""),
    ]
    assert started.detail == ended.detail
    assert json.loads(started.detail) == {
        "test": NEW.id,
        "type": "redshift",
        "space": "prod",
        "warehouse": "new",
        "secrets": {"password": "LOADER"},
        "host": "db.redshift.amazonaws.com",
        "unclear": "",
    }
    assert "hunter2" not in str(await bench.entries())


async def test_the_trail_has_the_test_when_the_secret_leaves(bench: Bench) -> None:
    found: list[AuditEntry] = []

    async def validate(metadata_id: str, settings: SettingsToSend) -> str:
        found.extend(await bench.entries())
        raise KeyboardInterrupt  # as a kill would end it

    bench.segment.validate_connection = validate  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await bench.connections.test_connection(BOB, NEW)
    assert [each.state for each in found] == ["started"]
    assert await bench.entries() == found


async def test_what_the_trail_does_not_take_is_not_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(entry: AuditEntry) -> None:
        raise e.StoreFailed

    monkeypatch.setattr(bench.store, "append_audit_entry", failing)
    with pytest.raises(e.StoreFailed):
        await bench.connections.test_connection(BOB, NEW)
    assert bench.segment.sent_settings == []


async def test_an_outcome_that_the_trail_does_not_take_is_told_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = bench.store.append_audit_entry

    async def failing_later(entry: AuditEntry) -> None:
        if entry.state != "started":
            raise e.StoreFailed
        await record(entry)

    monkeypatch.setattr(bench.store, "append_audit_entry", failing_later)
    assert await bench.connections.test_connection(BOB, NEW) == "CONNECTED"


@pytest.mark.parametrize(
    ("actor", "test", "says"),
    [
        (ALICE, NEW, "The secret `LOADER` is for <!subteam^S0DATA> to use."),
        (GUEST, NEW, "Guests can look"),
        (BOB, EVIL, "these settings lead to `evil.example.com`"),
        (BOB, NEW.model_copy(update={"settings": SETTINGS | {"url": "x"}}), "`url` could name another host"),
        (BOB, NEW.model_copy(update={"secrets": {"hostname": SecretRef(name="LOADER")}}), "not certain"),
    ],
)
async def test_what_the_policy_does_not_allow_is_not_sent_and_is_in_the_trail(
    bench: Bench, actor: Actor, test: ConnectionTest, says: str
) -> None:
    with pytest.raises(e.NotAllowed) as refused:
        await bench.connections.test_connection(actor, test)
    assert says in refused.value.user_message
    assert bench.segment.sent_settings == []
    (entry,) = await bench.entries()
    assert (entry.actor, entry.action, entry.refused) == (actor.id, "test connection", refused.value.user_message)


async def test_only_who_could_ask_for_the_change_tests_its_connection(store: SqlRequestStore) -> None:
    rules = {Action.CREATE: Rule(approvals=0, requesters=TEAM), Action.UPDATE: Rule(approvers=TEAM)}
    bench = Bench(store, Policy(rules=rules))
    there = WarehouseSnapshot.of(warehouse("old", slug="redshift"))
    with pytest.raises(e.NotAllowed, match=r"Only <!subteam.S0DATA> can ask to create a warehouse"):
        await bench.connections.test_connection(ALICE, NEW)
    assert await bench.connections.test_connection(ALICE, NEW.model_copy(update={"target": there})) == "CONNECTED"
    assert await bench.connections.test_connection(BOB, NEW) == "CONNECTED"


async def test_a_space_that_the_bot_does_not_work_with_is_refused_and_in_the_trail(bench: Bench) -> None:
    forged = NEW.model_copy(update={"space": Space(id="spaForged", slug="forged", name="Forged")})
    with pytest.raises(SpaceNotAllowed) as refused:
        await bench.connections.test_connection(BOB, forged)
    assert bench.segment.sent_settings == []
    assert [each.refused for each in await bench.entries()] == [refused.value.user_message]


async def test_where_the_bot_has_no_certain_host_the_trail_has_what_may_be_shown(bench: Bench) -> None:
    odd = NEW.model_copy(update={"secrets": {}, "settings": {"hostname": "db.example.com:5439"}})
    await bench.connections.test_connection(ALICE, odd)
    secret = odd.model_copy(update={"settings": {"hostname": "postgres://u:hunter2hunter2@db.example.com"}})
    await bench.connections.test_connection(ALICE, secret)
    details = [json.loads(each.detail) for each in await bench.entries()]
    assert [each["host"] for each in details[::2]] == ["db.example.com:5439", "hidden (medium)"]
    assert details[0]["unclear"] == "`hostname` is not a plain host name"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (s.Invalid("validate", 422, (s.FieldError("bad", "hunter2 is wrong", "settings.password"),)), "Invalid 422"),
        (s.TimedOut("validate"), "TimedOut"),
        (s.UnexpectedResponse("validate", 200), "OffContract 200"),
    ],
)
async def test_a_failure_is_the_outcome(bench: Bench, error: s.SegmentError, state: str) -> None:
    async def validate(metadata_id: str, settings: SettingsToSend) -> str:
        raise error

    bench.segment.validate_connection = validate  # type: ignore[method-assign]
    with pytest.raises(type(error)) as failed:
        await bench.connections.test_connection(BOB, NEW)
    assert "hunter2" not in failed.value.user_message
    assert [each.state for each in await bench.entries()] == ["started", state]


async def test_a_secret_that_is_not_there_is_the_outcome_too(bench: Bench) -> None:
    gone = NEW.model_copy(update={"secrets": {"password": SecretRef(name="GONE")}})
    with pytest.raises(e.SecretMissing):
        await bench.connections.test_connection(BOB, gone)
    assert [each.state for each in await bench.entries()] == ["started", "SecretMissing"]
    assert bench.segment.sent_settings == []


async def test_what_is_offered_is_what_one_may_use_and_searched_for(bench: Bench) -> None:
    bench.secrets.values = {"LOADER": "x", "Other": "x", "MORE": "x"}
    assert await bench.connections.list_usable_secrets(BOB) == ("LOADER", "MORE", "Other")
    assert await bench.connections.list_usable_secrets(ALICE) == ("MORE", "Other")
    assert await bench.connections.list_usable_secrets(BOB, " oth") == ("Other",)
