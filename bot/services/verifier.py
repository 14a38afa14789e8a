"""Looking for what came of a change whose answer was lost: nothing here changes anything."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.changes.change import Create, Delete, Update
from bot.domain.changes.diff import unmet
from bot.domain.changes.fingerprint import fingerprint
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Fail, Lose, Move, Succeed
from bot.domain.segment_errors import SegmentError
from bot.domain.warehouses import Warehouse
from bot.services.inventory import Checks
from bot.services.ports import Now, Requests

#: When to look again after an answer was lost; doubled each time, up to the longest.
LOOK_AGAIN = timedelta(seconds=30)
LOOK_AGAIN_LONGEST = timedelta(hours=1)

#: Lost answers in a row, with nothing changed to be seen, after which a change counts as not made. At least two, since
#: a call whose answer was lost may still be under way at the first look.
LOST_FOR_GOOD = 2


class Looking:
    """Compares what Segment lists with what was there before; again after `look_again`, then ever less often."""

    def __init__(self, requests: Requests, checks: Checks, now: Now, look_again: timedelta = LOOK_AGAIN) -> None:
        self._requests = requests
        self._checks = checks
        self._now = now
        self._look_again = look_again

    async def look(self, request: Request, reason: str) -> Move:
        """What Segment shows of `request`, whose answer was lost for `reason`: done, not done, or still unknown."""
        try:
            warehouses = await self._checks.reread_all(request.change.space)
        except SegmentError:
            return self.lost(request, reason, seen=False)
        match request.change:
            case Create() as change:
                return await self._looked_for_new(request, change, warehouses, reason)
            case Update() as change:
                return self._looked_at(request, change, warehouses, reason)
            case Delete() as change if all(each.id != change.target.id for each in warehouses):
                return Succeed(at=self._now(), warehouse_id=change.target.id, verified=True)
            case Delete():
                return self._given_up(request, f"{reason} Segment still lists it.")

    def _looked_at(self, request: Request, change: Update, warehouses: tuple[Warehouse, ...], reason: str) -> Move:
        warehouse = next((each for each in warehouses if each.id == change.target.id), None)
        if warehouse is None:
            return Fail(at=self._now(), reason=f"{reason} The warehouse no longer exists.")
        if unmet(change, warehouse):
            if fingerprint(warehouse) != change.target.fingerprint:
                # By somebody else, or by this, where Segment writes a value in its own way.
                return self.lost(request, f"{reason} The warehouse was changed meanwhile: somebody has to look.")
            return self._given_up(request, f"{reason} Segment does not show the change.")
        if change.secrets and (change.settings or change.name or change.schema_name or change.enabled is not None):
            note = "whether Segment took the credentials can't be seen"
            return Succeed(at=self._now(), warehouse_id=warehouse.id, verified=False, note=note)
        if change.secrets:
            return self.lost(request, f"{reason} Whether Segment took the credentials can't be seen.")
        return Succeed(at=self._now(), warehouse_id=warehouse.id, verified=True)

    async def _looked_for_new(
        self, request: Request, change: Create, warehouses: tuple[Warehouse, ...], reason: str
    ) -> Move:
        new = await self._new(request, change, warehouses)
        if len(new) == 1:
            return Succeed(at=self._now(), warehouse_id=new[0].id, verified=not unmet(change, new[0]))
        if new:
            names = ", ".join(each.id for each in new)
            return self.lost(request, f"Several new warehouses could be it: {names}. Somebody has to look.")
        return self._given_up(request, f"{reason} Segment does not list it.")

    async def candidates(self, request: Request) -> Sequence[Warehouse]:
        """The warehouses that `request` may have made or been about, as Segment lists them now. Raises SegmentError."""
        warehouses = await self._checks.reread_all(request.change.space)
        if isinstance(request.change, Create):
            return await self._new(request, request.change, warehouses)
        return [each for each in warehouses if each.id == request.change.target.id]

    async def _new(self, request: Request, change: Create, warehouses: Sequence[Warehouse]) -> Sequence[Warehouse]:
        taken = [each.id for each in warehouses if _is(each, change) and await self._made_by_another(each, request)]
        known = request.first_claim.known if request.first_claim else ()
        return [each for each in warehouses if each.id not in (*known, *taken) and _is(each, change)]

    async def _made_by_another(self, warehouse: Warehouse, request: Request) -> bool:
        others = await self._requests.about(warehouse.id, 5)
        return any(isinstance(each.request.change, Create) and each.request.id != request.id for each in others)

    def _given_up(self, request: Request, reason: str) -> Move:
        if request.looks >= LOST_FOR_GOOD:
            return Fail(at=self._now(), reason=reason)
        return self.lost(request, reason)

    def lost(self, request: Request, reason: str, *, seen: bool = True) -> Lose:
        """Nobody knows, for `reason`; to be looked for again after twice the time of the last look."""
        wait = min(self._look_again * 2 ** min(request.lost, 16), LOOK_AGAIN_LONGEST)
        return Lose(at=self._now(), reason=reason, again_at=self._now() + wait, seen=seen)


def _is(warehouse: Warehouse, change: Create) -> bool:
    return warehouse.name == change.name and warehouse.type.metadata_id == change.metadata_id
