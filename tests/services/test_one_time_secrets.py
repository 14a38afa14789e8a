"""Handing a secret over: for one request of one person, for a while, and no longer than that."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.domain.actors import Actor
from bot.domain.changes.change import Update, WarehouseSnapshot
from bot.domain.errors import InvalidLink, InvalidSecretValue, OneTimeSecretGone, RequestClosed
from bot.domain.one_time_secrets import LINK_LIFETIME, MAX_VALUE_LENGTH, VALUE_LIFETIME
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.request import OPEN_STATES, State
from bot.domain.requests.state_table import STATE_TABLE
from bot.domain.requests.transitions import (
    Cancel,
    Claim,
    Deny,
    Disqualify,
    Expire,
    Fail,
    MarkUnknown,
    Succeed,
    Supersede,
    Transition,
)
from bot.domain.secret_errors import MaskedValue, SecretExposed
from bot.domain.segment_errors import Invalid
from bot.domain.warehouses import SecretRef
from bot.secrets.combined import CombinedSecretProvider
from bot.secrets.encryption import Encryptor
from bot.secrets.environment import EnvironmentSecretProvider
from bot.secrets.one_time import OneTimeSecretProvider
from bot.secrets.registering import RegisteringSecretProvider
from bot.services.approvals import Approvals
from bot.services.one_time_secrets import OneTimeSecrets
from bot.store import tables
from bot.store.database import open_connection, open_transaction
from bot.store.one_time_secrets import SqlOneTimeSecretStore
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeSecrets, FakeSegment
from tests.support.samples import ALICE, BOB, later, request, warehouse
from tests.support.services import World

VALUE = "canary-p4ssw0rd"
SNOW = warehouse(account="acme")


class Desk(NamedTuple):
    """One process with handovers, and what it knows."""

    world: World
    handovers: OneTimeSecrets
    kept: SqlOneTimeSecretStore
    censor: Scrubber

    async def handed(self, person: Actor = ALICE, form: str = "V1", value: str = VALUE) -> Mapping[str, SecretRef]:
        """Enter `value` on the page that a form of that person's links to."""
        _, url = await self.handovers.create_link(person, form, "password", "Password", "a new warehouse")
        await self.handovers.redeem_link(url.rpartition("/")[2], value)
        return await self.handovers.find_received_refs(person, form)

    async def stored(self) -> str:
        """Every row of the tables that hold what people said."""
        async with open_connection(self.kept._engine) as connection:
            kept = (tables.one_time_secrets, tables.requests, tables.audit_entries)
            return str([(await connection.execute(select(table))).all() for table in kept])

    async def sealed(self) -> int:
        """How many values are kept."""
        async with open_connection(self.kept._engine) as connection:
            return len((await connection.execute(select(tables.one_time_secrets.c.id))).all())


@pytest.fixture
def desk(store: SqlRequestStore) -> Desk:
    kept, sealing, censor = (
        SqlOneTimeSecretStore(store._engine),
        Encryptor([SecretStr(Fernet.generate_key().decode())]),
        Scrubber(),
    )
    handed = OneTimeSecretProvider(kept, sealing)
    held = CombinedSecretProvider(EnvironmentSecretProvider({}), {"page": handed, "typed": handed})
    world = World(store, FakeSegment(SNOW), secrets=held)
    public = "https://bot.example.com/secret"
    return Desk(
        world,
        OneTimeSecrets(kept, sealing.encrypt, censor, world.clock.now, public, can_type_secrets=True),
        kept,
        censor,
    )


def change(secrets: Mapping[str, SecretRef]) -> Update:
    return Update(target=WarehouseSnapshot.of(SNOW), secrets=secrets)


async def test_the_value_itself_is_sent_and_then_erased(desk: Desk) -> None:
    asked = await desk.world.ask(change(await desk.handed()))
    assert await desk.sealed() == 1
    await desk.world.approve(asked)
    (sent,) = desk.world.segment.sent_settings
    assert sent["password"] == SecretStr(VALUE)
    assert await desk.sealed() == 0


async def test_a_link_opens_for_ten_minutes(desk: Desk) -> None:
    handover, url = await desk.handovers.create_link(ALICE, "V1", "password", "Password", "a new warehouse")
    token = url.rpartition("/")[2]
    desk.world.clock.advance(LINK_LIFETIME.total_seconds() - 1)
    assert (await desk.handovers.find_by_token(token)).id == handover.id
    desk.world.clock.advance(1)
    with pytest.raises(InvalidLink):
        await desk.handovers.find_by_token(token)
    with pytest.raises(InvalidLink):
        await desk.handovers.redeem_link(token, VALUE)
    await desk.handovers.erase_expired()
    assert await desk.sealed() == 0


async def test_the_database_holds_neither_the_link_nor_the_value(desk: Desk) -> None:
    _, url = await desk.handovers.create_link(ALICE, "V1", "password", "Password", "a new warehouse")
    token = url.rpartition("/")[2]
    await desk.handovers.redeem_link(token, VALUE)
    async with open_connection(desk.kept._engine) as connection:
        everything = str((await connection.execute(select(tables.one_time_secrets))).all())
    assert token not in everything
    assert VALUE not in everything


async def test_a_value_waits_an_hour_for_its_form(desk: Desk) -> None:
    refs = await desk.handed()
    desk.world.clock.advance(VALUE_LIFETIME.total_seconds())
    assert await desk.handovers.find_received_refs(ALICE, "V1") == {}
    await desk.handovers.erase_expired()
    assert await desk.sealed() == 0
    with pytest.raises(OneTimeSecretGone, match="True"):
        await desk.world.ask(change(refs))


async def test_a_value_that_a_request_took_waits_as_long_as_the_request(desk: Desk) -> None:
    asked = await desk.world.ask(change(await desk.handed()))
    desk.world.clock.advance(3 * 3600)
    await desk.handovers.erase_expired()
    assert await desk.sealed() == 1
    desk.world.clock.advance(2 * 3600)
    await desk.world.reconciler.reconcile_due()
    assert await desk.world.state(asked) is State.EXPIRED
    assert await desk.sealed() == 0


async def test_a_value_is_for_the_form_it_was_entered_for_and_for_its_person(desk: Desk) -> None:
    refs = await desk.handed(ALICE, "V1")
    assert await desk.handovers.find_received_refs(ALICE, "V2") == {}
    assert await desk.handovers.find_received_refs(BOB, "V1") == {}
    with pytest.raises(OneTimeSecretGone):
        await desk.world.ask(change(refs), BOB)
    assert await desk.world.store.list_open() == []
    assert await desk.sealed() == 1


async def test_a_value_is_for_one_request(desk: Desk) -> None:
    refs = await desk.handed()
    await desk.world.ask(change(refs), once="t1")
    again = await desk.world.ask(change(refs), once="t1")  # the same payload, delivered again
    assert [each.request.id for each in await desk.world.store.list_open()] == [again.request.id]
    other = Update(target=WarehouseSnapshot.of(SNOW), name="other", secrets=refs)
    with pytest.raises(OneTimeSecretGone):
        await desk.world.ask(other, once="t2")
    assert len(await desk.world.store.list_open()) == 1


async def test_a_form_that_is_delivered_again_finds_what_its_request_took(desk: Desk) -> None:
    ask = desk.world.approvals.request
    first = await ask(change(await desk.handed()), ALICE, "C0OPS", "t1", "rotated", form_id="V1")
    found = await desk.handovers.find_received_refs(ALICE, "V1")
    assert (await ask(change(found), ALICE, "C0OPS", "t1", "rotated", form_id="V1")).request.id == first.request.id
    with pytest.raises(RequestClosed, match="This form was submitted already"):
        await ask(change(found), ALICE, "C0OPS", "t2", "rotated", form_id="V1")
    newer = await desk.handed(value="newer")
    assert newer != found
    await desk.world.approvals.cancel(first.request.id, ALICE)
    assert await desk.handovers.find_received_refs(ALICE, "V1") == newer


async def test_what_is_entered_later_for_the_same_field_is_what_counts(desk: Desk) -> None:
    await desk.handed(value="first")
    await desk.handovers.save_typed_value(ALICE, "V1", "password", "Password", SecretStr("second"))
    refs = await desk.handed(value="third")
    assert await desk.sealed() == 1
    await desk.world.approve(await desk.world.ask(change(refs)))
    assert desk.world.segment.sent_settings[0]["password"] == SecretStr("third")


BAD = {"empty": "", "blank": "  \r\n", "long": "x" * (MAX_VALUE_LENGTH + 1), "nul": "a\0b", "half": "a\ud800b"}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
async def test_what_can_not_be_a_secret_is_refused_and_the_link_still_works(desk: Desk, value: str) -> None:
    _, url = await desk.handovers.create_link(ALICE, "V1", "password", "Password", "a new warehouse")
    token = url.rpartition("/")[2]
    with pytest.raises(InvalidSecretValue):
        await desk.handovers.redeem_link(token, value)
    assert not desk.censor.has_match(value)  # which would cost memory for each try, and nothing keeps it
    await desk.handovers.redeem_link(token, VALUE)
    assert await desk.sealed() == 1


async def test_lines_end_as_they_were_meant_to(desk: Desk) -> None:
    refs = await desk.handed(value="-----BEGIN-----\r\nabc\r\n-----END-----\r\n")
    await desk.world.approve(await desk.world.ask(change(refs)))
    assert desk.world.segment.sent_settings[0]["password"] == SecretStr("-----BEGIN-----\nabc\n-----END-----")


@pytest.mark.parametrize("value", ["e", "the", "warehouse", "acme", "prod-snowflake", "hunter7", VALUE, "x" * 4000])
async def test_a_value_hides_nothing_in_other_peoples_text(desk: Desk, value: str) -> None:
    await desk.handed(value=value)
    text = f"approve the warehouse prod-snowflake of acme, {value}"
    assert desk.censor.scrub(text) == text
    assert desk.censor.fragment_count == 0


async def test_a_value_that_stands_in_the_forms_name_is_kept_nowhere(desk: Desk) -> None:
    _, url = await desk.handovers.create_link(ALICE, "V1", "password", "Password", f"a new warehouse “{VALUE}”")
    token = url.rpartition("/")[2]
    await desk.handovers.redeem_link(token, VALUE)
    assert VALUE not in await desk.stored()


@pytest.mark.parametrize("field", ["name", "schema_name", "settings", "reason"])
async def test_a_request_that_shows_its_own_value_is_refused_and_nothing_is_stored(desk: Desk, field: str) -> None:
    holds = f"x {VALUE}"
    seen: dict[str, object] = {"settings": {"account": holds}} if field == "settings" else {field: holds}
    own = change(await desk.handed()).model_copy(update=seen if field != "reason" else {})
    with pytest.raises(SecretExposed) as caught:
        await desk.world.approvals.request(own, ALICE, "C0OPS", "t1", holds if field == "reason" else "moved")
    key = {"settings": "account", "schema_name": "schema"}.get(field, field)
    assert f"Nothing was done: what was typed for `{key}` holds a secret" in caught.value.user_message
    assert await desk.world.store.list_open() == []
    assert VALUE not in await desk.stored()


@pytest.mark.parametrize("seen", [{"name": "eu ••• 1"}, {"schema_name": "•••"}, {"settings": {"account": "•••"}}])
async def test_a_request_for_the_mask_of_a_secret_is_refused_and_nothing_is_stored(
    desk: Desk, seen: dict[str, object]
) -> None:
    with pytest.raises(MaskedValue) as caught:
        await desk.world.ask(change({}).model_copy(update=seen))
    assert "Type what is meant" in caught.value.user_message
    assert await desk.world.store.list_open() == []


async def test_a_decision_whose_reason_holds_the_requests_value_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    asked = await desk.world.ask(change(await desk.handed()))
    with pytest.raises(SecretExposed):
        await desk.world.approvals.deny(asked.request.id, BOB, f"not with {VALUE}")
    assert VALUE not in await desk.stored()
    assert await desk.world.state(asked) is State.PENDING
    denied = await desk.world.approvals.deny(asked.request.id, BOB, "not today")
    assert denied.request.state is State.DENIED


async def test_what_is_fetched_for_a_request_is_refused_where_everybody_would_see_it(desk: Desk) -> None:
    world, held = desk.world, RegisteringSecretProvider(FakeSecrets(LOADER=VALUE), desk.censor)
    asking = Approvals(world.store, world.policy, world.directory, world.clock.now, held, world.spaces, desk.censor)
    seen = Update(target=WarehouseSnapshot.of(SNOW), name=VALUE, secrets={"password": SecretRef(name="LOADER")})
    with pytest.raises(SecretExposed):
        await asking.request(seen, ALICE, "C0OPS", "t1", "rotated")
    assert await world.store.list_open() == []


async def test_ask_again_says_that_the_value_is_erased(desk: Desk) -> None:
    refs = await desk.handed()
    desk.world.segment.errors_before_write.append(Invalid("updateProfilesWarehouse", 422))
    failed = await desk.world.approve(await desk.world.ask(change(refs)))
    assert failed.request.state is State.FAILED
    with pytest.raises(OneTimeSecretGone) as caught:
        await desk.world.ask(failed.request.change, once="t2")
    assert "enter it anew" in caught.value.user_message


WAYS_THERE: dict[State, tuple[Transition, ...]] = {
    State.PENDING: (),
    State.EXECUTING: (Claim(by="p1", at=later(1), until=later(300)),),
    State.UNKNOWN: (
        Claim(by="p1", at=later(1), until=later(300)),
        MarkUnknown(at=later(2), again_at=later(3), reason="lost", worker="p1"),
    ),
}
ENDS: dict[type, Transition] = {
    Deny: Deny(by="U0BOB", at=later(3), reason="no"),
    Disqualify: Disqualify(at=later(3), reason="They may not."),
    Expire: Expire(at=later(4)),
    Cancel: Cancel(by="U0ALICE", at=later(3)),
    Supersede: Supersede(at=later(3), gone=True),
    Fail: Fail(at=later(3), reason="no", worker="p1"),
    Succeed: Succeed(at=later(3), warehouse_id="w_1", verified=True, worker="p1"),
}
EVERY_END = [(before, move) for (before, move), after in STATE_TABLE.items() if after not in OPEN_STATES]


@pytest.mark.parametrize(("before", "move"), EVERY_END, ids=lambda each: getattr(each, "__name__", str(each)))
async def test_whichever_move_ends_a_request_erases_its_value(desk: Desk, before: State, move: type) -> None:
    refs = await desk.handed()
    made = request(change(refs), needed=1 if before is State.PENDING else 0)
    made = made.model_copy(update={"expires_at": later(4)})
    await desk.world.store.add(made, "t1")
    for step in WAYS_THERE[before]:
        await desk.world.store.advance(made.id, step)
    assert await desk.sealed() == 1
    ended = await desk.world.store.advance(made.id, ENDS[move])
    assert ended.request.state not in OPEN_STATES
    assert await desk.sealed() == 0


async def test_a_value_whose_request_an_older_version_ended_is_erased(desk: Desk) -> None:
    asked = await desk.world.ask(change(await desk.handed()))
    await desk.handed(form="V2")
    ended = update(tables.requests).where(tables.requests.c.id == asked.request.id).values(state=State.FAILED.value)
    async with open_transaction(desk.kept._engine) as connection:
        await connection.execute(ended)
    await desk.handovers.erase_expired()
    assert await desk.handovers.find_received_refs(ALICE, "V2")
    assert await desk.sealed() == 1


async def test_a_link_lasts_ten_minutes_and_a_value_an_hour() -> None:
    assert (timedelta(minutes=10), timedelta(hours=1)) == (LINK_LIFETIME, VALUE_LIFETIME)
