"""Verify changes whose response was lost, with reads alone."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.changes.change import Create, Delete, Update
from bot.domain.changes.diff import find_unapplied_fields
from bot.domain.changes.fingerprint import compute_fingerprint
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Fail, MarkUnknown, Succeed, Transition
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import Warehouse
from bot.services.inventory import Inventory
from bot.services.ports import Now, RequestStore

#: When to look again after an answer was lost; doubled each time, up to the longest.
RETRY_DELAY = timedelta(seconds=30)
MAX_RETRY_DELAY = timedelta(hours=1)

#: Lost answers in a row, with nothing changed to be seen, after which a change counts as not made. At least two, since
#: a call whose answer was lost may still be under way at the first look.
LOOKS_BEFORE_FAILURE = 2


class Verifier:
    """Compares what Segment lists with what was there before; again after `retry_delay`, then ever less often."""

    def __init__(
        self, requests: RequestStore, inventory: Inventory, now: Now, retry_delay: timedelta = RETRY_DELAY
    ) -> None:
        self._requests = requests
        self._checks = inventory
        self._now = now
        self._look_again = retry_delay

    async def verify(self, request: Request, reason: str) -> Transition:
        """What Segment shows of `request`, whose answer was lost for `reason`: done, not done, or still unknown."""
        try:
            warehouses = await self._checks.fetch_warehouses(request.change.space)
        except SegmentError:
            return self.make_lost_transition(request, reason, has_looked=False)
        match request.change:
            case Create() as change:
                return await self._looked_for_new(request, change, warehouses, reason)
            case Update() as change:
                return self._looked_at(request, change, warehouses, reason)
            case Delete() as change if all(each.id != change.target.id for each in warehouses):
                return Succeed(at=self._now(), warehouse_id=change.target.id, verified=True)
            case Delete():
                return self._given_up(request, f"{reason} Segment still lists it.")

    def _looked_at(
        self, request: Request, change: Update, warehouses: tuple[Warehouse, ...], reason: str
    ) -> Transition:
        warehouse = next((each for each in warehouses if each.id == change.target.id), None)
        if warehouse is None:
            return Fail(at=self._now(), reason=f"{reason} The warehouse no longer exists.")
        if find_unapplied_fields(change, warehouse):
            if compute_fingerprint(warehouse) != change.target.fingerprint:
                # By somebody else, or by this, where Segment writes a value in its own way.
                return self.make_lost_transition(
                    request, f"{reason} The warehouse was changed meanwhile: somebody has to look."
                )
            return self._given_up(request, f"{reason} Segment does not show the change.")
        if change.secrets and (change.settings or change.name or change.schema_name or change.enabled is not None):
            note = "whether Segment took the credentials can't be seen"
            return Succeed(at=self._now(), warehouse_id=warehouse.id, verified=False, note=note)
        if change.secrets:
            return self.make_lost_transition(request, f"{reason} Whether Segment took the credentials can't be seen.")
        return Succeed(at=self._now(), warehouse_id=warehouse.id, verified=True)

    async def _looked_for_new(
        self, request: Request, change: Create, warehouses: tuple[Warehouse, ...], reason: str
    ) -> Transition:
        new = await self._new(request, change, warehouses)
        if len(new) == 1:
            return Succeed(at=self._now(), warehouse_id=new[0].id, verified=not find_unapplied_fields(change, new[0]))
        if new:
            names = ", ".join(each.id for each in new)
            return self.make_lost_transition(
                request, f"Several new warehouses could be it: {names}. Somebody has to look."
            )
        return self._given_up(request, f"{reason} Segment does not list it.")

    async def find_candidates(self, request: Request) -> Sequence[Warehouse]:
        """The warehouses that `request` may have made or been about, as Segment lists them now. Raises SegmentError."""
        warehouses = await self._checks.fetch_warehouses(request.change.space)
        if isinstance(request.change, Create):
            return await self._new(request, request.change, warehouses)
        return [each for each in warehouses if each.id == request.change.target.id]

    async def _new(self, request: Request, change: Create, warehouses: Sequence[Warehouse]) -> Sequence[Warehouse]:
        taken = [each.id for each in warehouses if _is(each, change) and await self._made_by_another(each, request)]
        known = request.first_claim.known if request.first_claim else ()
        return [each for each in warehouses if each.id not in (*known, *taken) and _is(each, change)]

    async def _made_by_another(self, warehouse: Warehouse, request: Request) -> bool:
        others = await self._requests.list_by_warehouse(warehouse.id, 5)
        return any(isinstance(each.request.change, Create) and each.request.id != request.id for each in others)

    def _given_up(self, request: Request, reason: str) -> Transition:
        if request.inconclusive_verifications >= LOOKS_BEFORE_FAILURE:
            return Fail(at=self._now(), reason=reason)
        return self.make_lost_transition(request, reason)

    def make_lost_transition(self, request: Request, reason: str, *, has_looked: bool = True) -> MarkUnknown:
        """Nobody knows, for `reason`; to be looked for again after twice the time of the last look."""
        wait = min(self._look_again * 2 ** min(request.unknown_count, 16), MAX_RETRY_DELAY)
        return MarkUnknown(at=self._now(), reason=reason, again_at=self._now() + wait, seen=has_looked)


def _is(warehouse: Warehouse, change: Create) -> bool:
    return warehouse.name == change.name and warehouse.type.metadata_id == change.metadata_id
