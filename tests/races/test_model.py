"""A request in the database, moved by anybody in any order at any time: what must hold after every move, holds."""

import asyncio
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.errors import RequestClosed
from bot.domain.requests import transitions as m
from bot.domain.requests.request import OPEN_STATES, Request, State, StoredRequest
from bot.domain.requests.timers import find_due_transition
from bot.store.audit import AuditLog
from bot.store.database import migrate, open_engine
from bot.store.requests import SqlRequestStore
from tests.races.race_setup import one_at_a_time
from tests.support.databases import database
from tests.support.samples import ALICE, NOON, later, request

LEASE = timedelta(seconds=60)
EXPIRES = timedelta(seconds=300)
ID = "W-000001"

PEOPLE = st.sampled_from(["U0BOB", "U0CAROL", "U0DAN"])
OUTCOMES = st.sampled_from(["succeed", "fail", "lose"])


async def _migrated(path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{path}")
    await migrate(engine)
    await engine.dispose()


class Life(RuleBasedStateMachine):
    """One request. `holders` are the workers that won a claim, until they tell what came of it."""

    empty: Path  # a migrated database to begin with

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "bot.db"
        shutil.copy(self.empty, self._path)
        self._runner = asyncio.Runner()
        self._engines: list[AsyncEngine] = []
        self._open()
        self.now = NOON
        self.seen: Request | None = None
        self.holders: list[str] = []

    def _open(self) -> None:
        self._engines = [open_engine(f"sqlite+aiosqlite:///{self._path}") for _ in range(2)]
        self.stores = [SqlRequestStore(each) for each in self._engines]

    def _close(self) -> None:
        for engine in self._engines:
            self._runner.run(engine.dispose())

    def teardown(self) -> None:
        self._close()
        self._runner.close()
        self._folder.cleanup()

    @initialize(needed=st.integers(0, 2), reminds=st.booleans(), escalates=st.booleans())
    def ask(self, needed: int, reminds: bool, escalates: bool) -> None:
        asked = request(needed=needed).model_copy(
            update={
                "expires_at": NOON + EXPIRES,
                "remind_after": timedelta(seconds=40) if reminds else None,
                "escalate_at": later(100) if escalates else None,
            }
        )
        self._runner.run(self.stores[0].add(asked, "t1"))
        self.seen = asked
        again, made = self._runner.run(self.stores[1].add(asked.model_copy(update={"id": "W-OTHER"}), "t1"))
        assert (again.request, made) == (asked, False)

    async def _tried(self, *moves: m.Transition) -> list[StoredRequest]:
        """Those moves at the same time, each in another process; gives those that went through."""
        tries = (self.stores[at % len(self.stores)].advance(ID, move) for at, move in enumerate(moves))
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(each, StoredRequest | RequestClosed) for each in results), results
        return [each for each in results if isinstance(each, StoredRequest)]

    def _try(self, *moves: m.Transition) -> list[StoredRequest]:
        before = self._kept()
        went = self._runner.run(self._tried(*moves))
        after = self._kept()
        assert after.version == before.version + len(went)
        assert after.history[: before.version] == before.history
        if before.state not in OPEN_STATES:
            assert (went, after) == ([], before)
        return went

    def _kept(self) -> Request:
        stored = self._runner.run(self.stores[0].get(ID))
        assert stored is not None
        return stored.request

    @rule(seconds=st.sampled_from([1, 10, 39, 40, 59, 60, 61, 299, 300]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(people=st.lists(PEOPLE, min_size=1, max_size=3))
    def approve(self, people: list[str]) -> None:
        before = self._kept()
        went = self._try(*(m.Approve(by=each, at=self.now) for each in people))
        already = {vote.by for vote in before.approvals}
        wanted = before.required_approvals - len(before.approvals) if before.is_waiting and self._in_time(before) else 0
        assert len(went) == max(0, min(wanted, len(set(people) - already)))

    @rule(person=PEOPLE, other=PEOPLE)
    def deny_while_another_approves(self, person: str, other: str) -> None:
        self._try(m.Deny(by=person, at=self.now, reason="no"), m.Approve(by=other, at=self.now))

    @rule(person=PEOPLE)
    def cancel_while_another_approves(self, person: str) -> None:
        self._try(m.Approve(by=person, at=self.now), m.Cancel(by=ALICE.id, at=self.now))
        kept = self._kept()
        assert not (kept.state is State.CANCELLED and kept.is_ready)

    @rule()
    def cancel(self) -> None:
        self._try(m.Cancel(by=ALICE.id, at=self.now))

    @rule(person=PEOPLE)
    def break_glass(self, person: str) -> None:
        self._try(m.BreakGlass(by=person, at=self.now, reason="now"))

    @rule(person=PEOPLE, needed=st.integers(0, 3), void=st.booleans())
    def measure_anew_while_it_is_claimed(self, person: str, needed: int, void: bool) -> None:
        votes = (m.VoteRecount(by=person, reason="gone"),) if void else ()
        anew = m.Revalidate(at=self.now, requirements=request(needed=needed).requirements, votes=votes)
        claim = m.Claim(by="p1", at=self.now, until=self.now + LEASE)
        went = self._try(anew, claim)
        claimed = [each for each in went if isinstance(each.request.last_transition, m.Claim)]
        self.holders = ["p1"] if claimed else self.holders
        # Whichever comes first: what was claimed is measured no more.
        assert not claimed or not isinstance(self._kept().last_transition, m.Revalidate)

    @rule()
    def the_requester_may_not_ask_any_more(self) -> None:
        self._try(m.Disqualify(at=self.now, reason="They may not."), m.Cancel(by=ALICE.id, at=self.now))

    @rule(person=PEOPLE)
    def vote_while_it_expires(self, person: str) -> None:
        before = self._kept()
        went = self._try(m.Expire(at=self.now), m.Approve(by=person, at=self.now))
        # A vote counts before that second, expiring from it on: never both, and one of them where it waits.
        if before.is_waiting and before.expires_at and all(vote.by != person for vote in before.approvals):
            assert len(went) == 1
            assert isinstance(went[0].request.last_transition, m.Approve if self._in_time(before) else m.Expire)

    @rule()
    def what_is_due(self) -> None:
        before = self._kept()
        move = find_due_transition(before, self.now)
        if move is not None:
            went = self._try(move, move)
            assert went or not self._in_time(before)

    @rule(workers=st.lists(st.sampled_from(["p1", "p2", "p3"]), min_size=1, max_size=4))
    def claim(self, workers: list[str]) -> None:
        won = self._try(*(m.Claim(by=each, at=self.now, until=self.now + LEASE) for each in workers))
        assert len(won) <= 1
        if won:
            claim = won[0].request.last_claim
            assert claim is not None
            self.holders = [claim.by]

    # No precondition: which of several processes wins differs between runs, and Hypothesis must draw the same in each.
    @rule(outcome=OUTCOMES)
    def the_holder_is_done(self, outcome: str) -> None:
        if not self.holders:
            return
        moves: dict[str, m.Transition] = {
            "succeed": m.Succeed(at=self.now, warehouse_id="w_prod-snowflake", verified=True),
            "fail": m.Fail(at=self.now, reason="Segment said no"),
            "lose": m.MarkUnknown(at=self.now, reason="no answer", again_at=self.now + LEASE),
        }
        assert len(self._try(moves[outcome])) == 1
        self.holders = []

    @rule()
    def the_processes_restart(self) -> None:
        self._close()
        self._open()
        self.holders = []

    def _in_time(self, kept: Request) -> bool:
        return kept.expires_at is None or self.now < kept.expires_at

    @invariant()
    def nothing_is_lost(self) -> None:
        if self.seen is None:
            return
        kept = self._kept()
        assert kept.history[: self.seen.version] == self.seen.history
        if self.seen.state not in OPEN_STATES:
            assert kept == self.seen
        listed = [each.request.id for each in self._runner.run(self.stores[-1].list_open())]
        assert listed == ([ID] if kept.state in OPEN_STATES else [])
        self.seen = kept

    @invariant()
    def one_at_a_time(self) -> None:
        if self.seen is not None:
            one_at_a_time(self.seen)

    @invariant()
    def it_runs_only_with_the_approvals_that_were_asked(self) -> None:
        kept = self.seen
        if kept is not None and kept.first_claim is not None:
            assert len({vote.by for vote in kept.approvals}) >= kept.required_approvals or kept.broken_glass is not None
            assert kept.state not in {State.DENIED, State.CANCELLED, State.EXPIRED, State.PENDING}

    @invariant()
    def the_trail_has_every_move_once(self) -> None:
        if self.seen is None:
            return
        trail = AuditLog(self._engines[0])
        assert self._runner.run(trail.verify()).problems == ()
        assert self._runner.run(_actions(trail)) == ["ask", *(move.kind for move in self.seen.history)]


async def _actions(trail: AuditLog) -> list[str]:
    return [AuditEntry.model_validate_json(each.entry_json).action async for each in trail.read_entries()]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "bot.db"
    with asyncio.Runner() as runner:
        runner.run(_migrated(path))
    return path


@pytest.mark.timeout(400)  # where it fails, the shortest way there takes a while to find
def test_whatever_happens_in_whatever_order(empty: Path) -> None:
    Life.empty = empty
    run_state_machine_as_test(Life, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("at", "last"), [(later(59.999999), m.Approve), (later(60), m.Expire)], ids=["just before", "in that second"]
)
async def test_a_vote_in_the_second_of_the_expiry(
    tmp_path: Path, kind: str, at: datetime, last: type[m.Transition]
) -> None:
    async with database(kind, tmp_path) as url:
        engine = open_engine(url)
        await migrate(engine)
        stores = [SqlRequestStore(engine), SqlRequestStore(engine)]
        await stores[0].add(request().model_copy(update={"expires_at": later(60)}), "t1")
        tries: list[m.Transition] = [m.Expire(at=at), m.Approve(by="U0BOB", at=at)] * 5
        results = await asyncio.gather(
            *(stores[n % 2].advance(ID, move) for n, move in enumerate(tries)), return_exceptions=True
        )
        assert sum(isinstance(each, StoredRequest) for each in results) == 1
        kept = await stores[0].get(ID)
        assert kept is not None
        assert [type(move) for move in kept.request.history] == [last]
        await engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_trail_that_grows_while_it_is_read_is_not_called_broken(tmp_path: Path, kind: str) -> None:
    async with database(kind, tmp_path) as url:
        engine = open_engine(url)
        await migrate(engine)
        store, trail = SqlRequestStore(engine), AuditLog(engine)
        await store.add(request(needed=20), "t1")
        votes = (store.advance(ID, m.Approve(by=f"U0{n:03}", at=later(n))) for n in range(20))
        writing = asyncio.gather(*votes)
        while not writing.done():
            assert (await trail.verify()).problems == ()
        await writing
        assert (await trail.verify()).problems == ()
        await engine.dispose()
