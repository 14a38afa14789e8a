"""Verify changes whose response was lost, with read calls only."""

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

#: The delay before the next verification after a lost response. It doubles each time, up to the maximum.
RETRY_DELAY = timedelta(seconds=30)
MAX_RETRY_DELAY = timedelta(hours=1)

#: The number of verifications in a row that show no effect before a change counts as failed. It is at least two, since
#: a call whose response was lost may still be running during the first verification.
LOOKS_BEFORE_FAILURE = 2


class Verifier:
    """Compares the warehouses in Segment with the request; `retry_delay` is the first delay between verifications."""

    def __init__(
        self, requests: RequestStore, inventory: Inventory, now: Now, retry_delay: timedelta = RETRY_DELAY
    ) -> None:
        self._requests = requests
        self._inventory = inventory
        self._now = now
        self._look_again = retry_delay

    async def verify(self, request: Request, reason: str) -> Transition:
        """Return the transition that Segment's state implies after a response was lost for `reason`.

        The result is Succeed, Fail, or MarkUnknown where the outcome is still unknown.
        """
        try:
            warehouses = await self._inventory.fetch_warehouses(request.change.space)
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
                # Another person changed it, or this request did and Segment normalised a value.
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
        candidates = await self._new(request, change, warehouses)
        if len(candidates) == 1:
            warehouse = candidates[0]
            is_verified = not find_unapplied_fields(change, warehouse)
            return Succeed(at=self._now(), warehouse_id=warehouse.id, verified=is_verified)
        if candidates:
            ids = ", ".join(warehouse.id for warehouse in candidates)
            return self.make_lost_transition(
                request, f"Several new warehouses could be it: {ids}. Somebody has to look."
            )
        return self._given_up(request, f"{reason} Segment does not list it.")

    async def find_candidates(self, request: Request) -> Sequence[Warehouse]:
        """Return the warehouses, as Segment lists them now, that `request` may have created or changed.

        Raises:
            SegmentError: Segment can't list the warehouses.
        """
        warehouses = await self._inventory.fetch_warehouses(request.change.space)
        if isinstance(request.change, Create):
            return await self._new(request, request.change, warehouses)
        return [each for each in warehouses if each.id == request.change.target.id]

    async def _new(self, request: Request, change: Create, warehouses: Sequence[Warehouse]) -> Sequence[Warehouse]:
        matches = [warehouse for warehouse in warehouses if _is(warehouse, change)]
        ids_of_others = [each.id for each in matches if await self._made_by_another(each, request)]
        ids_before = request.first_claim.known if request.first_claim else ()
        return [warehouse for warehouse in matches if warehouse.id not in (*ids_before, *ids_of_others)]

    async def _made_by_another(self, warehouse: Warehouse, request: Request) -> bool:
        requests = [stored.request for stored in await self._requests.list_by_warehouse(warehouse.id, 5)]
        return any(isinstance(each.change, Create) and each.id != request.id for each in requests)

    def _given_up(self, request: Request, reason: str) -> Transition:
        if request.inconclusive_verifications >= LOOKS_BEFORE_FAILURE:
            return Fail(at=self._now(), reason=reason)
        return self.make_lost_transition(request, reason)

    def make_lost_transition(self, request: Request, reason: str, *, has_looked: bool = True) -> MarkUnknown:
        """Return the transition to an unknown outcome, with the time of the next verification.

        Each delay is twice the last one. `has_looked` is False where the bot could not read Segment's state.
        """
        delay = min(self._look_again * 2 ** min(request.unknown_count, 16), MAX_RETRY_DELAY)
        return MarkUnknown(at=self._now(), reason=reason, again_at=self._now() + delay, seen=has_looked)


def _is(warehouse: Warehouse, change: Create) -> bool:
    return warehouse.name == change.name and warehouse.type.metadata_id == change.metadata_id
