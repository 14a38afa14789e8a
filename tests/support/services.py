"""One process of the bot: everything below the Slack edge, wired over a real store and fakes for the rest."""

from bot.domain.actors import Actor
from bot.domain.changes.change import Change
from bot.domain.policy import Policy
from bot.domain.requests.request import State, StoredRequest
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.approvals import Approvals
from bot.services.executor import Executor
from bot.services.inventory import Inventory
from bot.services.ports import Secrets
from bot.services.reconciler import Reconciler
from bot.services.revalidation import Revalidator
from bot.services.secret_permissions import SecretPermissions
from bot.services.verifier import Verifier
from bot.store.requests import SqlRequestStore
from tests.support.fakes import FakeCards, FakeClock, FakeDirectory, FakeSecrets, FakeSegment
from tests.support.samples import ALICE, BOB, CAROL


class World:
    """One process of the bot: everything below the Slack edge, wired."""

    def __init__(
        self,
        store: SqlRequestStore,
        segment: FakeSegment,
        approvals_channel: str | None = None,
        policy: Policy | None = None,
        *,
        worker: str = "p1",
        is_sole_process: bool = False,
        secrets: Secrets | None = None,
    ) -> None:
        self.clock, self.cards, self.secrets = FakeClock(), FakeCards(), FakeSecrets(LOADER="hunter2")
        self.store, self.segment = store, segment
        now = self.clock.now
        self.policy = policy or Policy.with_approvers(frozenset({"S0DATA"}))
        self.inventory = Inventory(segment, store, now)
        self.verifier = Verifier(store, self.inventory, now)
        self.spaces, self.directory = AllowedSpaces(self.inventory), FakeDirectory(ALICE, BOB, CAROL)
        self.revalidator = Revalidator(store, self.directory, self.policy, now)
        self.executor = Executor(
            store,
            segment,
            self.inventory,
            secrets or self.secrets,
            SecretPermissions(self.policy, self.directory),
            self.verifier,
            self.spaces,
            self.revalidator,
            now,
            worker=worker,
            is_sole_process=is_sole_process,
        )
        self.reconciler = Reconciler(
            store, self.executor, self.inventory, self.cards, self.revalidator, now, approvals_channel
        )
        self.approvals = Approvals(store, self.policy, self.directory, now, secrets or self.secrets, self.spaces)

    async def ask(
        self, change: Change, actor: Actor = ALICE, channel: str = "C0OPS", once: str = "t1"
    ) -> StoredRequest:
        stored = await self.approvals.request(change, actor, channel, once, "moved")
        return await self.reconciler.reconcile(stored.request.id)

    async def approve(self, stored: StoredRequest, actor: Actor = BOB) -> StoredRequest:
        await self.vote(stored, actor)
        return await self.reconciler.reconcile(stored.request.id)

    async def vote(self, stored: StoredRequest, actor: Actor = BOB) -> StoredRequest:
        """Approve it, with the name typed, and leave it at that."""
        return await self.approvals.approve(stored.request.id, actor, stored.request.change.warehouse_name)

    async def state(self, stored: StoredRequest) -> State:
        kept = await self.store.get(stored.request.id)
        assert kept is not None
        return kept.request.state
