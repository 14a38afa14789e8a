"""One process of the bot: everything below the Slack edge, wired over a real store and fakes for the rest."""

from bot.domain.actors import Actor
from bot.domain.changes.change import Change
from bot.domain.policy import Policy
from bot.domain.requests.request import State, Stored
from bot.services.approvals import Asking
from bot.services.executor import Execution
from bot.services.inventory import Checks
from bot.services.ports import Secrets
from bot.services.reconciler import Driver
from bot.services.revalidation import Revalidation
from bot.services.secret_permissions import SecretUse
from bot.services.spaces import Spaces
from bot.services.verifier import Looking
from bot.store.requests import RequestStore
from tests.support.fakes import FakeCards, FakeClock, FakeDirectory, FakeSecrets, FakeSegment
from tests.support.samples import ALICE, BOB, CAROL


class World:
    """One process of the bot: everything below the Slack edge, wired."""

    def __init__(
        self,
        store: RequestStore,
        segment: FakeSegment,
        approvals_channel: str | None = None,
        policy: Policy | None = None,
        *,
        worker: str = "p1",
        alone: bool = False,
        held: Secrets | None = None,
    ) -> None:
        self.clock, self.cards, self.secrets = FakeClock(), FakeCards(), FakeSecrets(LOADER="hunter2")
        self.store, self.segment = store, segment
        now = self.clock.now
        self.policy = policy or Policy.of(frozenset({"S0DATA"}))
        self.checks = Checks(segment, store, now)
        self.looking = Looking(store, self.checks, now)
        self.spaces, self.directory = Spaces(self.checks), FakeDirectory(ALICE, BOB, CAROL)
        self.revalidation = Revalidation(store, self.directory, self.policy, now)
        self.execution = Execution(
            store,
            segment,
            self.checks,
            held or self.secrets,
            SecretUse(self.policy, self.directory),
            self.looking,
            self.spaces,
            self.revalidation,
            now,
            worker=worker,
            alone=alone,
        )
        self.driver = Driver(store, self.execution, self.checks, self.cards, self.revalidation, now, approvals_channel)
        self.asking = Asking(store, self.policy, self.directory, now, held or self.secrets, self.spaces)

    async def ask(self, change: Change, actor: Actor = ALICE, channel: str = "C0OPS", once: str = "t1") -> Stored:
        stored = await self.asking.ask(change, actor, channel, once, "moved")
        return await self.driver.drive(stored.request.id)

    async def approve(self, stored: Stored, actor: Actor = BOB) -> Stored:
        await self.vote(stored, actor)
        return await self.driver.drive(stored.request.id)

    async def vote(self, stored: Stored, actor: Actor = BOB) -> Stored:
        """Approve it, with the name typed, and leave it at that."""
        return await self.asking.approve(stored.request.id, actor, stored.request.change.warehouse_name)

    async def state(self, stored: Stored) -> State:
        kept = await self.store.get(stored.request.id)
        assert kept is not None
        return kept.request.state
